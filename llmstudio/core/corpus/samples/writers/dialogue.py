"""Conversations: a scene or a tale and questions on it, sometimes with thanks, and small talk for its own sake."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from llmstudio.core.corpus.samples.grammar import Grammar
from llmstudio.core.corpus.samples.plots.plots import all_plots, language_of
from llmstudio.core.corpus.samples.words.lexicon import lexicon, words_of
from llmstudio.core.corpus.samples.writers.questions import Question
from llmstudio.core.corpus.samples.writers.scenes import scene, scene_question
from llmstudio.core.corpus.samples.writers.small_talk import FAREWELLS, GREETINGS, KNOWLEDGE, SUMS
from llmstudio.core.corpus.samples.writers.stories import draw, tell

Turn = dict[str, str]
_ROLES = {"sum": "number"}


@cache
def _lines(table: str, language: str) -> tuple[tuple[str, str], ...]:
    rows = [line.split(" => ") for line in table.strip().splitlines() if language_of(line) == language]
    return tuple((question, answer) for question, answer in rows)


@cache
def small_talk_grammar(language: str) -> Grammar:
    """Every line of small talk; a sum is a group, for its numbers are drawn."""
    asks = [ask for table in (GREETINGS, FAREWELLS, KNOWLEDGE) for ask in _lines(table, language)]
    forms = {"talk": [line for ask in asks for line in ask]}
    for i, (question, answer) in enumerate(_lines(SUMS, language)):
        forms |= {f"sum?{i}": [question], f"sum={i}": [answer]}
    return Grammar(forms, lexicon(language), _ROLES, capitals=language == "en")


def _sum(rng: random.Random, language: str) -> tuple[str, str]:
    """Two numbers from three to ten, and what they make: all have names in both languages."""
    numbers = words_of("number")  # "two" comes first
    one, two = rng.randint(3, 10), rng.randint(3, 10)
    named = lexicon(language)["number"]
    bound = {role: named[numbers[n - 2]] for role, n in (("number", one), ("number2", two), ("sum", one + two))}
    form = int(rng.random() * len(_lines(SUMS, language)))
    grammar = small_talk_grammar(language)
    return grammar.write(f"sum?{form}", bound, rng), grammar.write(f"sum={form}", bound, rng)


def _small_talk(rng: random.Random, language: str) -> list[tuple[str, str]]:
    asks = [draw_pair(rng, GREETINGS, language)]
    for _ in range(rng.randint(1, 3)):
        asks.append(_sum(rng, language) if rng.random() < 0.25 else draw_pair(rng, KNOWLEDGE, language))
    return [*asks, draw_pair(rng, FAREWELLS, language)]


def draw_pair(rng: random.Random, table: str, language: str) -> tuple[str, str]:
    """One question and answer of a table."""
    lines = _lines(table, language)
    return lines[int(rng.random() * len(lines))]


def chat_records(rng: random.Random, split: str, language: str) -> Iterator[dict[str, object]]:
    """Conversations without end: six in ten on a scene, three on a tale, one about nothing in particular."""
    plots = all_plots()
    while True:
        shape = rng.random()
        passage, asks = "", []
        if shape < 0.6:
            told = scene(rng, split, language)
            passage, asks = told.text, list(told.asks)
        elif shape < 0.9:
            tale = tell(rng, draw(rng, plots), split, language)
            passage, asks = tale.text, list(tale.asks)
        if passage:
            rng.shuffle(asks)
            asks = asks[: rng.randint(2, 6)]
            if rng.random() < 0.1:
                asks.append(draw_pair(rng, FAREWELLS, language))
        else:
            asks = _small_talk(rng, language)
        turns: list[Turn] = [{"who": "story", "what": passage}] if passage else []
        for question, answer in asks:
            turns += [{"who": "user", "what": question}, {"who": "assistant", "what": answer}]
        yield {"turns": turns}


def chat_questions(rng: random.Random, language: str) -> Iterator[Question]:
    """Held-out questions without end."""
    while True:
        yield scene_question(rng, language)
