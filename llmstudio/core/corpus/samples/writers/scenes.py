"""Scenes: a few people and one or two facts on each, a state that an event may change, and what may be asked of it.

``forms_scenes`` writes each kind of fact as a block: ``KIND`` names it and the roles that make up its value (the first
is the one asked for); ``# say`` states it, ``# what`` asks for the value, ``# who`` for the person, ``# more`` for a
detail.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from llmstudio.core.corpus.samples.grammar import Cases, Grammar, role_kind
from llmstudio.core.corpus.samples.plots.plots import groups, language_of, sections
from llmstudio.core.corpus.samples.words.lexicon import ROLES, lexicon, words_of
from llmstudio.core.corpus.samples.world import split_of
from llmstudio.core.corpus.samples.writers.forms_scenes import EVENTS, KINDS, OPENINGS
from llmstudio.core.corpus.samples.writers.questions import Question
from llmstudio.core.corpus.samples.writers.stories import SPLIT_KINDS, draw, partners

# Kinds that would contradict each other in one scene, or say nearly the same.
_RIVALS = ({"thing", "reason"}, {"mood", "reason"}, {"count", "age"})


@dataclass(frozen=True)
class SceneKind:
    """A kind of fact: its name and the roles of its value."""

    name: str
    roles: tuple[str, ...]

    @property
    def split(self) -> bool:
        """Whether the pairing of its value with a person is split, so that it may be asked as a held-out question."""
        return role_kind(self.roles[0], ROLES) in SPLIT_KINDS


@dataclass(frozen=True)
class SceneFact:
    """A kind of fact as it is for one person: role to word."""

    kind: SceneKind
    words: tuple[tuple[str, str], ...]

    @property
    def who(self) -> str:
        """The person."""
        return self.words[0][1]

    @property
    def value(self) -> str:
        """The word asked for."""
        return self.words[1][1]


@dataclass(frozen=True)
class Scene:
    """A passage, the facts it states by kind, and questions with their answers."""

    text: str
    facts: tuple[tuple[SceneFact, ...], ...]
    asks: tuple[tuple[str, str], ...]


@cache
def scene_kinds() -> tuple[SceneKind, ...]:
    """Every kind of fact a scene may state."""
    headers = [block.strip().splitlines()[0].split() for block in KINDS]
    return tuple(SceneKind(name, tuple(roles)) for _, name, *roles in headers)


def _asked(block: str, prefix: str) -> dict[str, dict[str, list[str]]]:
    """The forms of a block; each question and each answer is a group of its own, ``what?0`` and ``what=0``."""
    found: dict[str, dict[str, list[str]]] = {"en": {}, "zh": {}}
    for name, lines in sections(block):
        for line in lines:
            language = found[language_of(line)]
            question, arrow, answer = line.partition(" => ")
            if not arrow:
                language.setdefault(prefix + name, []).append(line)
                continue
            number = sum(group.startswith(f"{prefix}{name}?") for group in language)
            language[f"{prefix}{name}?{number}"] = [question]
            language[f"{prefix}{name}={number}"] = [answer]
    return found


@cache
def scene_grammar(language: str) -> Grammar:
    """Every form of every kind of fact, with openings and events."""
    forms = {**groups(OPENINGS)[language], **_asked(EVENTS, "")[language]}
    for kind, block in zip(scene_kinds(), KINDS, strict=True):
        forms |= _asked(block, f"{kind.name}.")[language]
    return Grammar(forms, lexicon(language), ROLES, capitals=language == "en")


@cache
def _num_asks(kind: str, sort: str, language: str) -> int:
    return sum(group.startswith(f"{kind}.{sort}?") for group in scene_grammar(language).forms)


def _bind(words: Sequence[tuple[str, str]], language: str) -> dict[str, Cases]:
    known = lexicon(language)
    return {role: known[role_kind(role, ROLES)][word] for role, word in words}


def _draw_fact(
    rng: random.Random, kind: SceneKind, who: str, part: str, people: Sequence[str], used: set[str]
) -> SceneFact | None:
    """A fact whose asked value stands with the person in ``part``, and with everybody else in training."""
    words = [("who", who)]
    for role in kind.roles:
        named = role_kind(role, ROLES)
        known, others = words_of(named), people[:0]
        if named in SPLIT_KINDS:
            known, others = partners(named, who, (part,) if role == kind.roles[0] else ("train",)), people
        for word in (draw(rng, known) for _ in range(8 if known else 0)):
            if word not in used and all(other == who or split_of(other, word) == "train" for other in others):
                break
        else:
            return None
        words.append((role, word))
        used.add(word)
    return SceneFact(kind, tuple(words))


def _draw_facts(
    rng: random.Random, kinds: Sequence[SceneKind], num_people: int, split: str
) -> tuple[list[list[SceneFact]], SceneFact]:
    """For each kind one fact for each person, no value twice; and the key, a fact of the split's own, of the first kind.

    But for the key, any person of a scene and any value in it are a training pair (the tour says why). Starts again when
    a person has no partner left.
    """
    while True:
        people, key = rng.sample(words_of("person"), num_people), int(rng.random() * num_people)
        used: set[str] = set()
        facts = []
        for kind in kinds:
            parts = [split if kind is kinds[0] and i == key else "train" for i in range(num_people)]
            row = [_draw_fact(rng, kind, who, part, people, used) for who, part in zip(people, parts, strict=True)]
            facts.append([fact for fact in row if fact is not None])
        if all(len(row) == num_people for row in facts):
            return facts, facts[0][key]


def _draw_kinds(rng: random.Random, count: int, *, lead_is_split: bool) -> list[SceneKind]:
    """Kinds that go together; the first one held-out questions may be asked of, if so wished."""
    while True:
        kinds = rng.sample(scene_kinds(), count)
        names = {kind.name for kind in kinds}
        if not any(rivals <= names for rivals in _RIVALS) and (kinds[0].split or not lead_is_split):
            return kinds


def _say(rng: random.Random, facts: Sequence[Sequence[SceneFact]], language: str) -> list[str]:
    """The facts as sentences: person by person, or kind by kind."""
    rows = list(zip(*facts, strict=True)) if rng.random() < 0.6 else facts
    grammar = scene_grammar(language)
    lines = [grammar.write(f"{fact.kind.name}.say", _bind(fact.words, language), rng) for row in rows for fact in row]
    if rng.random() < 0.4:
        lines.insert(0, _extra(rng, "opening", language))
    if rng.random() < 0.2:
        lines.insert(rng.randint(1, len(lines)), _extra(rng, "between", language))
    return lines


def _extra(rng: random.Random, group: str, language: str) -> str:
    words = [(kind, draw(rng, words_of(kind))) for kind in ("number", "place", "time", "beast")]
    return scene_grammar(language).write(group, _bind(words, language), rng)


def _ask(rng: random.Random, fact: SceneFact, other: SceneFact, sort: str, language: str) -> tuple[str, str]:
    """A question of a sort and its answer; ``other`` lends its value to questions whose answer is no."""
    number = int(rng.random() * _num_asks(fact.kind.name, sort, language))
    borrowed = [(f"{role}2", word) for role, word in other.words[1:]]
    bound, grammar = _bind([*fact.words, *borrowed], language), scene_grammar(language)
    return (
        grammar.write(f"{fact.kind.name}.{sort}?{number}", bound, rng),
        grammar.write(f"{fact.kind.name}.{sort}={number}", bound, rng),
    )


def _event(
    rng: random.Random, facts: Sequence[Sequence[SceneFact]], language: str
) -> tuple[str, tuple[str, str], set[str]] | None:
    """Something happens: its sentence, what one may ask now, and the people whose facts it changed."""
    grammar, row = scene_grammar(language), rng.choice(facts)
    giver, taker = rng.sample(row, 2)
    if giver.kind.name == "thing" and split_of(giver.who, giver.value) == split_of(taker.who, giver.value) == "train":
        words = [*giver.words, ("friend", taker.who), ("number", draw(rng, words_of("number")))]
        now = _bind([("who", taker.who), ("thing", giver.value)], language)
        line, people = grammar.write("give", _bind(words, language), rng), {giver.who, taker.who}
        group = "now_thing"
    elif giver.kind.name == "place":
        taken = {fact.value for fact in row}
        free = [place for place in partners("place", giver.who, ("train",)) if place not in taken]
        if not free:
            return None
        words = [("who", giver.who), ("place", rng.choice(free)), ("move", draw(rng, words_of("move")))]
        now = _bind(words, language)
        line, people = grammar.write("move", now, rng), {giver.who}
        group = "now_place"
    else:
        return None
    return line, (grammar.write(f"{group}?0", now, rng), grammar.write(f"{group}=0", now, rng)), people


def scene(rng: random.Random, split: str, language: str) -> Scene:
    """A scene of two to four people with everything that may be asked of it."""
    kinds = _draw_kinds(rng, 1 if rng.random() < 0.2 else 2, lead_is_split=split != "train")
    facts, _ = _draw_facts(rng, kinds, draw(rng, (2, 3, 3, 3, 4)), split)
    lines = _say(rng, facts, language)
    asks: list[tuple[str, str]] = []
    changed: set[str] = set()
    event = _event(rng, facts, language) if rng.random() < 0.4 else None
    if event:
        line, ask, changed = event
        lines.append(line)
        asks.append(ask)
    for fact, other in [(fact, row[i - 1]) for row in facts for i, fact in enumerate(row)]:
        if fact.who in changed and fact.kind.name in ("thing", "place"):
            continue
        sorts = [sort for sort in ("what", "who", "more") if _num_asks(fact.kind.name, sort, language)]
        asks += [_ask(rng, fact, other, sort, language) for sort in sorts]
    return Scene((" " if language == "en" else "").join(lines), tuple(map(tuple, facts)), tuple(asks))


def scene_question(rng: random.Random, language: str) -> Question:
    """A held-out question: at least three people, each with a value of the asked kind, the asked pair held out."""
    kinds = _draw_kinds(rng, draw(rng, (1, 2, 2)), lead_is_split=True)
    facts, fact = _draw_facts(rng, kinds, draw(rng, (3, 3, 4)), "test")
    text = (" " if language == "en" else "").join(_say(rng, facts, language))
    row, sort = facts[0], rng.choice(("what", "who"))
    number = int(rng.random() * _num_asks(fact.kind.name, sort, language))
    grammar, group = scene_grammar(language), f"{fact.kind.name}.{sort}"
    question = grammar.write(f"{group}?{number}", _bind(fact.words, language), rng)
    candidates = []
    for other in row:
        words = [("who", fact.who), *other.words[1:]] if sort == "what" else [("who", other.who), *fact.words[1:]]
        candidates.append(grammar.write(f"{group}={number}", _bind(words, language), rng))
    return Question(text, question, candidates[row.index(fact)], tuple(candidates))
