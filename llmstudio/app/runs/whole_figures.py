"""What was measured of a model on all of its validation text after its run: by evaluating it, or before it was pruned.

It lies in the model's folder beside its run, so that every place that shows the model's quality shows this figure.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from llmstudio.core.errors import StudioError
from llmstudio.core.typed import made
from llmstudio.store.files import write_json
from llmstudio.store.reading import read_json

_FILE = "whole.json"


@dataclass(frozen=True)
class WholeFigures:
    """Figures of a model's best weights.

    Attributes:
        hash: Of these weights.
        step: Their step.
        figures: By name.
    """

    hash: str
    step: int
    figures: Mapping[str, float]


def keep_whole_figures(model_folder: Path, hash: str, step: int, figures: Mapping[str, float]) -> None:
    """Remember a measurement. A place that cannot be written, or is gone meanwhile, only means measuring again."""
    if hash and model_folder.is_dir():
        with contextlib.suppress(OSError, StudioError):
            write_json(model_folder / _FILE, asdict(WholeFigures(hash, step, dict(figures))))


def whole_figures(model_folder: Path, hash: str) -> WholeFigures | None:
    """What was measured of the weights with this hash; None if nothing was, or it cannot be read."""
    try:
        found = made(WholeFigures, read_json(model_folder / _FILE, dict))
    except (StudioError, TypeError):
        return None
    return found if hash and found.hash == hash else None
