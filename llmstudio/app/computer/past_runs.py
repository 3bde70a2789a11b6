"""Real runs on this computer, kept beside its measurement: how fast they were and what memory they took.

A measurement is one moment of a computer, and small trial steps are not those of a family that goes through time. A finished
run knows better, unless other programs were at work beside it: then it only knows what a run takes at most.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.app.computer.dealt import Dealt
from llmstudio.app.computer.hardware import probe_key
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import from_dict, to_dict
from llmstudio.core.training.history import read_history
from llmstudio.store.files import write_json
from llmstudio.store.places import cache_folder
from llmstudio.store.reading import read_json

_FILE = "runs.json"
_KEPT = 40
_LEAST_STEPS, _LEAST_SECONDS = 20, 2.0  # what is shorter mostly tells of its beginning
_LEAST_ALONE = 3


@dataclass(frozen=True)
class PastRun:
    """What was run, and what it took.

    Attributes:
        dealt: The model, how it learned, and what the text filled of it.
        seconds: What a step took, looks left out: a short run may spend more time on these than on its steps.
        load: Share of the processors that other programs took meanwhile, 0 to 1; below 0 if it was not looked at.
        steps: How many there were.
        peak_bytes: Memory at the fullest moment, beyond what the program had anyway; 0 if that is not known.
    """

    dealt: Dealt
    seconds: float
    load: float
    steps: int = 0
    peak_bytes: int = 0


def past_runs() -> tuple[PastRun, ...]:
    """The runs kept on this computer, the newest last; entries that cannot be read are left out."""
    found: list[PastRun] = []
    with contextlib.suppress(StudioError):
        kept = read_json(cache_folder() / _FILE, dict)
        runs: Any = kept.get("runs") if kept.get("key") == probe_key() else None
        for told in runs if isinstance(runs, list) else ():
            with contextlib.suppress(StudioError, KeyError, TypeError, ValueError, AttributeError):
                run = _read(told)
                found += [run] if 0 < run.seconds < 1e6 and run.dealt.vocab_size > 0 else []
    return tuple(found)


def remember(model_folder: Path, dealt: Dealt, *, load: float, peak_bytes: int) -> None:
    """Keep what a run took that was begun and ended on this computer. A place that cannot be written keeps nothing.

    Args:
        model_folder: The run's.
        dealt: What was run.
        load: Share of the processors that other programs took from its beginning to its end.
        peak_bytes: See `PastRun`.
    """
    each = _own_step_seconds(model_folder)
    if each is None:
        return
    seconds, steps = each
    runs = [*past_runs(), PastRun(dealt, seconds, load, steps, peak_bytes)][-_KEPT:]
    with contextlib.suppress(OSError, StudioError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(
            cache_folder() / _FILE, {"key": probe_key(), "written": time.time(), "runs": [_told(run) for run in runs]}
        )


def _told(run: PastRun) -> dict[str, Any]:
    return {
        "recipe": to_dict(run.dealt.recipe),
        "vocab_size": run.dealt.vocab_size,
        "longest": run.dealt.longest,
        "rows_vary": run.dealt.rows_vary,
        "num_classes": run.dealt.num_classes,
        "held_out_tokens": run.dealt.held_out_tokens,
        "step_seconds": run.seconds,
        "load": run.load,
        "steps": run.steps,
        "peak_bytes": run.peak_bytes,
    }


def _read(told: Mapping[str, Any]) -> PastRun:
    since = (int(told.get(name, 0)) for name in ("num_classes", "held_out_tokens"))  # earlier versions kept neither
    sizes = int(told["vocab_size"]), int(told["longest"]), bool(told["rows_vary"])
    found = Dealt(from_dict(told["recipe"]), *sizes, *since)
    return PastRun(found, float(told["step_seconds"]), float(told["load"]), int(told["steps"]), int(told["peak_bytes"]))


def _own_step_seconds(model_folder: Path) -> tuple[float, int] | None:
    """The median duration of steps without a look before them, and the number of steps; None if the run was too short."""
    history = read_history(model_folder)
    steps = history.steps
    if not len(steps) or steps["step"][-1] < _LEAST_STEPS or steps["seconds"][-1] < _LEAST_SECONDS:
        return None
    after_look = np.isin(steps["step"][1:], [look.step + 1 for look in history.evaluations])
    alone = np.diff(steps["seconds"])[~after_look]
    return (float(np.median(alone)), int(steps["step"][-1])) if len(alone) >= _LEAST_ALONE else None
