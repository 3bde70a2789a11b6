"""The pace of real runs on this computer, kept beside its measurement, and how it corrects what is foretold.

A measurement is one moment of a computer, and small trial steps are not the whole run: looks at held-out text, families that
go through time. A finished run knows better.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmstudio.app.estimate import step_seconds
from llmstudio.app.hardware import Probe, probe_key
from llmstudio.app.places import cache_folder
from llmstudio.app.recipe import Recipe, from_dict, to_dict
from llmstudio.core.errors import StudioError
from llmstudio.core.training.history import read_end
from llmstudio.store.files import write_json
from llmstudio.store.reading import read_json

_FILE = "paces.json"
_KEPT = 40
_LEAST_STEPS, _LEAST_SECONDS = 20, 2.0  # what is shorter mostly tells of its beginning
_COUNTED = 5  # the newest ones: a computer changes, and one busy evening must not count for long
_MOST = 50.0


@dataclass(frozen=True)
class Pace:
    """What was run, with a vocabulary of which size, and the seconds a step took, looks included."""

    recipe: Recipe
    vocab_size: int
    seconds: float


def saved_paces() -> tuple[Pace, ...]:
    """Of runs on this computer, the newest last; what cannot be read counts for nothing."""
    found: list[Pace] = []
    with contextlib.suppress(StudioError):
        kept = read_json(cache_folder() / _FILE, dict)
        runs: Any = kept.get("runs") if kept.get("key") == probe_key() else None
        for run in runs if isinstance(runs, list) else ():
            with contextlib.suppress(StudioError, KeyError, TypeError, ValueError, AttributeError):
                pace = Pace(from_dict(run["recipe"]), int(run["vocab_size"]), float(run["seconds"]))
                found += [pace] if 0 < pace.seconds < 1e6 and pace.vocab_size > 0 else []
    return tuple(found)


def remember(model_folder: Path, recipe: Recipe, vocab_size: int) -> None:
    """Keep the pace of a run that was begun and ended on this computer. A place that cannot be written keeps nothing."""
    steps = read_end(model_folder).steps
    if not len(steps) or steps["step"][-1] < _LEAST_STEPS or steps["seconds"][-1] < _LEAST_SECONDS:
        return
    each = float(steps["seconds"][-1]) / int(steps["step"][-1])
    runs = [*saved_paces(), Pace(recipe, vocab_size, each)][-_KEPT:]
    told = [{"recipe": to_dict(pace.recipe), "vocab_size": pace.vocab_size, "seconds": pace.seconds} for pace in runs]
    with contextlib.suppress(OSError, StudioError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(cache_folder() / _FILE, {"key": probe_key(), "written": time.time(), "runs": told})


def correction(paces: Sequence[Pace], recipe: Recipe, probe: Probe | None) -> tuple[float, int]:
    """By what a forecast is to be multiplied, and by how many runs: the middle one of the newest of the same family.

    A family of which nothing was run yet goes by all the others: a bad moment of the measurement was one for all.
    """
    if probe is None or not probe.steps:
        return 1.0, 0
    alike = [pace for pace in paces if _where(pace.recipe) == _where(recipe)]
    own = [pace for pace in alike if pace.recipe.kind == recipe.kind] or alike
    ratios = [
        pace.seconds / foretold
        for pace in own[-_COUNTED:]
        if (foretold := step_seconds(pace.recipe, vocab_size=pace.vocab_size, probe=probe))
    ]
    if not ratios:
        return 1.0, 0
    import statistics  # loads decimals and fractions, and nobody who asks for help needs them

    return min(_MOST, max(1 / _MOST, statistics.median(ratios))), len(ratios)


def _where(recipe: Recipe) -> tuple[str, str, int]:
    training = recipe.training
    return training.device, training.number_format, training.threads
