"""One matrix of a model on its way from whole to almost nothing: a picture of what methods do. Nothing is saved."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import dataset_of
from llmstudio.app.items.loaded import load
from llmstudio.app.pruning.reading import reading
from llmstudio.app.pruning.sweep import SHARES, refuse_unknown
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.sparsity.methods.layer import Layer

USUAL_OF_ONE = ("magnitude", "wanda", "sparsegpt", "coordinate_descent", "admm")
LASSO = "lasso"
_DOWN_TO = 0.95
_JOB = "descent"


def descend(
    project: Project,
    model: str,
    *,
    matrix: str = "",
    methods: Sequence[str] = USUAL_OF_ONE,
    shares: Sequence[float] = SHARES,
    config: PruningConfig,
    stop: Stop,
) -> Iterator[Event]:
    """Watch coordinate descent on one matrix of the whole model, and compare what methods lose of what that matrix gives.

    Each `Progress` holds in its details `sweep` (`core.sparsity.descent.Sweep`), or `method` and `point`: the share gone,
    and what is lost.

    Args:
        project: Of the model.
        model: Its name.
        matrix: Name of the matrix; by default the first that text enters.
        methods: Which are compared, beside the lasso.
        shares: Of its weights, at which they are compared.
        config: Which text is read, and how much of it.
        stop: Looked at between sweeps.

    Result: model; matrix, rows and width; sweeps, each with share, taken and lost; and curves, by method (share gone, what
    is lost): half the mean squared difference of what comes out, over the same if every weight were gone.

    Raises:
        StudioError: No such model or matrix, or no text to read.
    """
    from llmstudio.core.sparsity.pruning import layer_as_read

    refuse_unknown(methods, shares)
    yield Started(job=_JOB, title=words("Taking weights from one matrix of {name}", name=model), item=model)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    data = yield from dataset_of(project, full.about, job=_JOB, stop=stop)
    try:
        with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
            calibration = yield from reading(project, full, data, config, Path(folder), job=_JOB, stop=stop)
            seen = copy.deepcopy(full.model)  # the loaded one may be talking meanwhile
            name, layer = yield from layer_as_read(seen, matrix, calibration, job=_JOB, stop=stop)
            del calibration
        rows, width = layer.weight.shape
        told: dict[str, Any] = {"model": model, "matrix": name, "rows": rows, "width": width, "sweeps": [], "curves": {}}
        yield from _followed(layer, methods, shares, told)
    except WasStopped:
        yield Stopped(job=_JOB)
        return
    yield Finished(job=_JOB, result=told)


def _followed(layer: Layer, methods: Sequence[str], shares: Sequence[float], told: dict[str, Any]) -> Iterator[Event]:
    """Fill `told` sweep by sweep and point by point, and tell each."""
    from llmstudio.core.sparsity.descent import PENALTIES, lasso_curve, method_curve, sweeps

    for sweep in sweeps(layer, _DOWN_TO):
        told["sweeps"].append(asdict(sweep))
        yield Progress(job=_JOB, what=words("Sweeps"), done=len(told["sweeps"]), details={"sweep": asdict(sweep)})
    curves = {method: method_curve(layer, method, shares) for method in methods} | {LASSO: lasso_curve(layer)}
    done, total = 0, len(methods) * len(shares) + PENALTIES
    for method, curve in curves.items():
        for point in curve:
            done += 1
            told["curves"].setdefault(method, []).append(point)
            details = {"method": method, "point": point}
            yield Progress(job=_JOB, what=words("Comparing methods"), done=done, total=total, details=details)
