"""A small world to learn from: corpora written by a grammar of our own, in any length, the same for the same seed.

Nothing here is copied from anywhere and nothing needs a network. Read in this order:

- ``grammar``: forms with slots; writes sentences and reads them back.
- ``world``: which pairs of person and value are held out.
- ``questions``: what a held-out question is.
- ``tour``: the small slice the guided tour learns in two minutes.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from llmstudio.core.corpus.samples.questions import Question
from llmstudio.core.corpus.samples.tour import tour_grammar, tour_questions, tour_records
from llmstudio.core.corpus.samples.world import SPLITS, is_pair_held_out, split_of

__all__ = [
    "SLICES", "SPLITS", "Question", "Slice", "is_pair_held_out", "questions", "records", "split_of", "suggested",
    "vocabulary",
]


@dataclass(frozen=True)
class Slice:
    """A named part of the world, as the corpus tab offers it."""

    name: str
    label: str
    help: str
    record_kind: str
    language: str


SLICES = {
    "tour": Slice("tour", "A tiny world", "People, each with a thing, a place, a feeling, an animal; questions.", "turns", "en"),
}


def records(name: str, *, count: int, seed: int = 0, split: str = "train") -> Iterator[dict[str, object]]:
    """The first ``count`` records of a slice; the same for the same seed, whatever the count."""
    return itertools.islice(tour_records(random.Random(f"{name} {split} {seed}"), split), count)


def questions(name: str, *, count: int, seed: int = 0) -> list[Question]:
    """``count`` held-out questions of a slice."""
    return list(itertools.islice(tour_questions(random.Random(f"{name} questions {seed}")), count))


def suggested(name: str, seed: int = 0) -> list[Question]:
    """Three held-out questions for the chat's suggestion buttons."""
    return questions(name, count=3, seed=seed + 1_000_003)


def vocabulary(name: str) -> set[str]:
    """The word types and punctuation marks of a slice."""
    return tour_grammar().vocabulary()
