"""A small world to learn from: corpora written by a grammar of our own, of any length, the same for the same seed.

Named people in it have things, go places, feel, lose, find and share; what is said stays true until something happens.
Nothing here is copied from anywhere and nothing needs a network.

- words/: its words
- grammar: forms, what fills them, and reading them back
- world: which combinations are kept for testing
- plots/: its plots
- writers/: its texts, a file a kind
- checker: could this sentence be one of ours?
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from llmstudio.core.corpus.config import SPLITS
from llmstudio.core.corpus.samples.checker import grammars, is_grammatical, language_grammars, sentences
from llmstudio.core.corpus.samples.world import is_pair_held_out, split_of
from llmstudio.core.corpus.samples.writers.dialogue import chat_questions, chat_records
from llmstudio.core.corpus.samples.writers.pairs import pair_records
from llmstudio.core.corpus.samples.writers.questions import Question
from llmstudio.core.corpus.samples.writers.reviews import LABELS, RARE_LABEL, review_records
from llmstudio.core.corpus.samples.writers.stories import tales
from llmstudio.core.corpus.samples.writers.tour import tour_asks, tour_questions, tour_records

__all__ = [
    "LABELS",
    "RARE_LABEL",
    "SLICES",
    "SPLITS",
    "Question",
    "Slice",
    "asked_of",
    "asks",
    "is_grammatical",
    "is_pair_held_out",
    "num_forms",
    "questions",
    "records",
    "sentences",
    "split_of",
    "suggested",
    "vocabulary",
]


@dataclass(frozen=True)
class Slice:
    """A named part of the world, as the corpus tab offers it.

    Attributes:
        name: what ``sample:NAME`` calls it.
        label: a few words for a button.
        help: a sentence on what is in it and what it is good for.
        record_kind: ``text``, ``turns``, ``pairs`` (source and target) or ``labelled`` (text and label).
        language: ``en``, ``zh``, or ``en-zh`` for pairs.
    """

    name: str
    label: str
    help: str
    record_kind: str
    language: str


_LISTED = (
    Slice(
        "tour",
        "A tiny world",
        "Short scenes in a hundred words: who has what, where they are, how they feel. Learned in two minutes.",
        "turns",
        "en",
    ),
    Slice("tales", "Tales", "Little stories of people who lose, find, share and learn. The whole world.", "text", "en"),
    Slice("chat", "Conversations", "A passage, then questions and answers on it; some small talk.", "turns", "en"),
    Slice("tales_zh", "Tales in Chinese", "The same little stories in simplified Chinese.", "text", "zh"),
    Slice("chat_zh", "Conversations in Chinese", "Passages, questions, answers in simplified Chinese.", "turns", "zh"),
    Slice("pairs", "English and Chinese", "English–Chinese pairs; the test uses new combinations.", "pairs", "en-zh"),
    Slice("reviews", "Reviews", "Short reviews, good, bad or mixed; one in twenty is mixed.", "labelled", "en"),
)
SLICES: dict[str, Slice] = {listed.name: listed for listed in _LISTED}


def _stream(name: str, rng: random.Random, split: str) -> Iterator[dict[str, object]]:
    language = SLICES[name].language
    match name:
        case "tour":
            return tour_records(rng, split)
        case "tales" | "tales_zh":
            return ({"text": tale.text} for tale in tales(rng, split, language))
        case "chat" | "chat_zh":
            return chat_records(rng, split, language)
        case "pairs":
            return pair_records(rng, split)
    return review_records(rng, split)


def records(name: str, *, count: int, seed: int = 0, split: str = "train") -> Iterator[dict[str, object]]:
    """The first ``count`` records of a slice, one at a time; the same for the same seed, whatever the count.

    Args:
        name: a key of ``SLICES``.
        count: how many records.
        seed: another seed, another corpus of the same world.
        split: ``train``, ``val`` or ``test``; see ``world`` for what keeps them apart.

    Returns:
        ``{"text"}``, ``{"turns": [{"who", "what"}, ...]}`` (who: story, user, assistant), ``{"source", "target"}`` or
        ``{"text", "label"}``.

    Raises:
        KeyError: if there is no such slice.
        ValueError: if there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, not {split!r}")
    return itertools.islice(_stream(SLICES[name].name, random.Random(f"{name} {split} {seed}"), split), count)


def asks(name: str) -> bool:
    """True if a slice of this name has questions with answers to learn from."""
    return name in SLICES and (name == "tour" or SLICES[name].record_kind == "turns")


def questions(name: str, *, count: int, seed: int = 0) -> list[Question]:
    """``count`` held-out questions of ``tour``, ``chat`` or ``chat_zh``.

    A passage tells of at least three people, and at least two other values of the asked kind compete with the right
    one; the asked person and value never stand together in train or val.

    Raises:
        KeyError: if the slice has no questions.
    """
    rng = random.Random(f"{name} questions {seed}")
    if name == "tour":
        return list(itertools.islice(tour_questions(rng), count))
    if not asks(name):
        raise KeyError(name)
    return list(itertools.islice(chat_questions(rng, SLICES[name].language), count))


def suggested(name: str, seed: int = 0) -> list[Question]:
    """Three held-out questions for the chat's suggestion buttons; never those ``questions`` gives for the same seed."""
    return questions(name, count=3, seed=seed + 1_000_003)


def asked_of(name: str, passage: str) -> list[str]:
    """Questions that a passage answers, read off its sentences: of the tour's, which are simple; none of other slices."""
    return tour_asks(passage) if name == "tour" else []


def vocabulary(name: str) -> set[str]:
    """Every word type (in lower case) and punctuation mark of a slice; single characters for Chinese."""
    return set().union(*(grammar.vocabulary() for grammar in grammars(SLICES[name].name)))


def num_forms(language: str) -> int:
    """Sentence forms of a language (``en`` or ``zh``), as written: alternatives within a form are not counted."""
    groups = [listed for grammar in language_grammars(language) for listed in grammar.forms.values()]
    return len({form for listed in groups for form in listed})
