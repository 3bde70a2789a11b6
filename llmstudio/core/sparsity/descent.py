"""One matrix on its way from whole to almost nothing: what is lost of what it gives, sweep by sweep and method by method.

What is lost is told as a share: half the mean squared difference of what comes out, over the same of a matrix of zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from llmstudio.core.sparsity.methods import functions
from llmstudio.core.sparsity.methods.coordinate_descent import Descent, lasso, on_path
from llmstudio.core.sparsity.methods.gram import damped, objective, solved_on
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.patterns import Pattern

PENALTIES = 20
"""Of the lasso's path."""
_SMALLEST, _SWEEPS = 1e-3, 8  # of the largest penalty, which leaves nothing; sweeps at each


@dataclass(frozen=True)
class Sweep:
    """One sweep of coordinate descent.

    Attributes:
        share: Of the weights, how many are gone.
        taken: What is lost once these are gone, before the others have made up for them.
        lost: What is lost after the sweep.
    """

    share: float
    taken: float
    lost: float


def sweeps(layer: Layer, share: float) -> Iterator[Sweep]:
    """Coordinate descent down to a share of weights gone: every sweep."""
    gram, target = layer.read
    strong, whole = damped(gram), _all(layer)
    before = target
    for descent, kept in on_path(layer, Descent.begin(target, strong, target), Pattern(round(share * target.numel()))):
        gone = 1 - float(kept.double().mean())
        yield Sweep(gone, objective(before * kept, target, strong) / whole, descent.objective / whole)
        before = descent.weight.clone()


def method_curve(layer: Layer, method: str, shares: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(share gone, what is lost) by a method of `METHODS`, each share by itself."""
    gram, target = layer.read
    strong, whole, module = damped(gram), _all(layer), functions(method)
    for share in shares:
        layer.check()
        pattern = Pattern(round(share * target.numel()))
        if hasattr(module, "fit"):
            weight, _ = module.fit(layer, pattern)
        else:
            weight = layer.weight * layer.kept(pattern, module.scores(layer))
        yield share, objective(weight, target, strong) / whole


def lasso_curve(layer: Layer) -> Iterator[tuple[float, float]]:
    """(share gone, what is lost once the weights that are left are made best) for ever smaller penalties.

    The path is walked from the largest penalty, which leaves nothing, each solution beginning with the one before.
    Source: Friedman, Hastie and Tibshirani 2010, doi:10.18637/jss.v033.i01.
    """
    gram, target = layer.read
    strong, whole = damped(gram), _all(layer)
    most = float((target.double() @ strong).abs().max())
    penalties = most * torch.logspace(-0.3, torch.tensor(_SMALLEST).log10().item(), PENALTIES)
    for weight in lasso(target, strong, penalties.tolist(), _SWEEPS):
        layer.check()
        kept = weight != 0
        best = solved_on(target, strong, kept, weight)
        yield 1 - float(kept.double().mean()), objective(best, target, strong) / whole


def _all(layer: Layer) -> float:
    """What is lost if every weight goes."""
    gram, target = layer.read
    return max(objective(torch.zeros_like(target), target, damped(gram)), torch.finfo(torch.float32).tiny)
