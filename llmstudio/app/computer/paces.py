"""The pace of real runs on this computer, kept beside its measurement, and how it corrects what is foretold.

A measurement is one moment of a computer, and small trial steps are not those of a family that goes through time. A finished
run knows better, unless other programs were at work beside it: then it only knows what a run takes at most.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.app.computer.estimate import SURE, Correction, step_seconds
from llmstudio.app.computer.hardware import Probe, is_quiet, probe_key
from llmstudio.app.computer.places import cache_folder
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe, from_dict, to_dict
from llmstudio.core.training.history import read_history
from llmstudio.store.files import write_json
from llmstudio.store.reading import read_json

_FILE = "paces.json"
_KEPT = 40
_LEAST_STEPS, _LEAST_SECONDS = 20, 2.0  # what is shorter mostly tells of its beginning
_COUNTED = 5  # the newest ones: a computer changes, and one busy evening must not count for long
_MOST = 50.0
_LEAST_ALONE = 3


@dataclass(frozen=True)
class Pace:
    """What was run, and how fast.

    Attributes:
        recipe: The model and how it learned.
        vocab_size: V.
        seconds: What a step took, looks left out: a short run may spend more time on these than on its steps.
        load: Share of the processors that other programs took meanwhile, 0 to 1; below 0 if it was not looked at.
    """

    recipe: Recipe
    vocab_size: int
    seconds: float
    load: float


def saved_paces() -> tuple[Pace, ...]:
    """Of runs on this computer, the newest last; what cannot be read counts for nothing."""
    found: list[Pace] = []
    with contextlib.suppress(StudioError):
        kept = read_json(cache_folder() / _FILE, dict)
        runs: Any = kept.get("runs") if kept.get("key") == probe_key() else None
        for run in runs if isinstance(runs, list) else ():
            with contextlib.suppress(StudioError, KeyError, TypeError, ValueError, AttributeError):
                pace = Pace(from_dict(run["recipe"]), int(run["vocab_size"]), float(run["step_seconds"]), float(run["load"]))
                found += [pace] if 0 < pace.seconds < 1e6 and pace.vocab_size > 0 else []
    return tuple(found)


def remember(model_folder: Path, recipe: Recipe, vocab_size: int, load: float) -> None:
    """Keep the pace of a run that was begun and ended on this computer. A place that cannot be written keeps nothing.

    Args:
        model_folder: The run's.
        recipe: What was run.
        vocab_size: V.
        load: Share of the processors that other programs took from its beginning to its end.
    """
    each = _own_step_seconds(model_folder)
    if each is None:
        return
    runs = [*saved_paces(), Pace(recipe, vocab_size, each, load)][-_KEPT:]
    told = [
        {"recipe": to_dict(run.recipe), "vocab_size": run.vocab_size, "step_seconds": run.seconds, "load": run.load}
        for run in runs
    ]
    with contextlib.suppress(OSError, StudioError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(cache_folder() / _FILE, {"key": probe_key(), "written": time.time(), "runs": told})


def correction(paces: Sequence[Pace], recipe: Recipe, probe: Probe | None) -> Correction:
    """By what a forecast is to be multiplied, as the middle one of the newest runs of the same family says.

    A family of which nothing was run yet goes by all the others: a bad moment of the measurement was one for all. A run
    beside busy programs widens what is foretold, and never moves both ends.
    """
    if probe is None or not probe.steps:
        return SURE
    alike = [pace for pace in paces if _where(pace.recipe) == _where(recipe)]
    own = [pace for pace in alike if pace.recipe.kind == recipe.kind]
    quiet = _middle([pace for pace in own if is_quiet(pace)], probe)
    if quiet is not None:
        return quiet
    busy = _middle(own, probe)
    known = _middle([pace for pace in alike if is_quiet(pace)], probe) or (SURE if is_quiet(probe) else None)
    if known is not None:
        if busy is None or busy.most <= known.most:
            return known
        return Correction(most=busy.most, least=known.most, runs=busy.runs, load=busy.load)
    busy = busy or _middle(alike, probe)
    if busy is None or busy.most >= 1.0:  # both can only be too slow: what says less is nearer
        return Correction(most=1.0, least=None, load=probe.load)
    return Correction(most=busy.most, least=None, runs=busy.runs, load=busy.load)


def _middle(paces: Sequence[Pace], probe: Probe) -> Correction | None:
    """What the newest of some runs say together, as if they were sure; None if there are none."""
    newest = paces[-_COUNTED:]
    ratios = [
        pace.seconds / foretold
        for pace in newest
        if (foretold := step_seconds(pace.recipe, vocab_size=pace.vocab_size, probe=probe))
    ]
    if not ratios:
        return None
    import statistics  # loads decimals and fractions, and nobody who asks for help needs them

    middle = min(_MOST, max(1 / _MOST, statistics.median(ratios)))
    return Correction(most=middle, least=middle, runs=len(ratios), load=max(pace.load for pace in newest))


def _own_step_seconds(model_folder: Path) -> float | None:
    """The middle one of a run's steps before which nothing was looked at; None if it was too short to tell."""
    history = read_history(model_folder)
    steps = history.steps
    if not len(steps) or steps["step"][-1] < _LEAST_STEPS or steps["seconds"][-1] < _LEAST_SECONDS:
        return None
    after_look = np.isin(steps["step"][1:], [look.step + 1 for look in history.evaluations])
    alone = np.diff(steps["seconds"])[~after_look]
    return float(np.median(alone)) if len(alone) >= _LEAST_ALONE else None


def _where(recipe: Recipe) -> tuple[str, str, int]:
    training = recipe.training
    return training.device, training.number_format, training.threads
