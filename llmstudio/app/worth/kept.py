"""What came of the last comparisons that began with a model: it lies in the model's folder, to be seen on another day."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from llmstudio.core.errors import StudioError
from llmstudio.core.typed import made
from llmstudio.store.files import write_json
from llmstudio.store.project import About
from llmstudio.store.reading import read_json

REMEDIES, WORTH = "remedies.json", "worth.json"


class TrialFile(TypedDict):
    """A trial: its remedy, the share of the labels that it learned from, its model's name."""

    way: str
    share: float
    model: str


class PointFile(TrialFile):
    """A trial that was measured."""

    figures: dict[str, float]


@dataclass(frozen=True)
class Kept:
    """A finished comparison.

    Attributes:
        hash: Of the weights that the compared model had then.
        name: The comparison's.
        corpus: The id of the text that was learned from.
        measured_on: A part of the corpus: `test` or `val`.
        points: What was measured.
        diverged: The trials that could not be.
    """

    hash: str
    name: str
    corpus: str
    measured_on: str
    points: list[PointFile]
    diverged: list[TrialFile]


def keep(model: About, corpus: About, result: Mapping[str, Any], file: str) -> None:
    """Remember a comparison's result in a file of this name. A place that cannot be written, or is gone meanwhile, only
    means comparing again.
    """
    names = ("name", "measured_on", "points", "diverged")
    if model.path.is_dir():
        with contextlib.suppress(OSError, StudioError):
            kept = Kept(hash=model.model_card.hash, corpus=corpus.id, **{name: result[name] for name in names})
            write_json(model.path / file, asdict(kept))


def kept_of(model: About, file: str) -> Kept | None:
    """What came of the last comparison of this kind for a model; None if there was none, it is damaged, or the model has
    learned on.
    """
    try:
        found = made(Kept, read_json(model.path / file, dict))
    except (StudioError, TypeError):
        return None
    return found if found.hash == model.model_card.hash else None
