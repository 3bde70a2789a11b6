"""One matrix on a grid: rounded so that the errors of its numbers make up for each other on what enters it.

Coordinate descent goes through the columns again and again, each number moving to the step that is best while all others
stay, until none moves (Nair and Suggala 2024, arXiv:2406.17542). It ends where it can go no further, so where it begins
counts: once with the nearest numbers, and once column by column, what rounding has changed in what comes out being made up
for by the columns that are still to be rounded (Frantar et al. 2022, arXiv:2210.17323, GPTQ). The second ends at a fifth to
a half less error where no weight is zero, the first where many are. Rows do not know of each other: each takes the better.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from llmstudio.core.models.checkpoint.grids import LARGEST, Grid, nearest, scales_for, spread_scales
from llmstudio.core.sparsity.methods.coordinate_descent import Descent
from llmstudio.core.sparsity.methods.gram import damped
from llmstudio.core.sparsity.methods.layer import Layer

_SWEEPS = 8  # most of what they gain is gained by the third
_BLOCK = 32  # columns after which those at their right are brought up to date


class Steps:
    """The numbers that a matrix may have: its grid, and zero where it is zero."""

    def __init__(self, weight: Tensor, bits: int, group: int) -> None:
        """`weight` (O, D) is in 32 bits, and no scale is out of reach."""
        self.bits, self.group = bits, group
        self.scales = scales_for(weight, bits, group)
        spread = spread_scales(self.scales.float(), weight.shape[1], group)
        self._spread, self._per = spread * (weight != 0), torch.where(spread > 0, 1 / spread, 0)

    def __call__(self, z: Tensor, column: int) -> Tensor:
        """The nearest to z (O,) in a column."""
        most = LARGEST[self.bits]
        return (z * self._per[:, column]).round_().clamp_(-most, most) * self._spread[:, column]

    def grid(self, weight: Tensor) -> Grid:
        """A matrix of such numbers as integers and scales."""
        return nearest(weight, self.scales, self.bits, self.group)


def fit(layer: Layer, steps: Steps) -> Grid:
    """The matrix on the grid; `layer` is what it was and what enters it."""
    gram, target = layer.read
    best, gram = steps.grid(layer.weight).dense(), damped(gram, 0.0)
    for start in (best, by_columns(layer, steps)):
        *_, descent = sweeps(layer, steps, start)
        is_better = _errors(descent.weight, target, gram) < _errors(best, target, gram)
        best = torch.where(is_better[:, None], descent.weight, best)
    return steps.grid(best)


def sweeps(layer: Layer, steps: Steps, start: Tensor) -> Iterator[Descent]:
    """A matrix of such numbers, to begin with, and after every sweep."""
    gram, target = layer.read
    # An input that is always zero says nothing of its weights; it counts as one that is hardly ever there.
    descent = Descent.begin(target, damped(gram, 0.0), start)
    yield descent
    for _ in range(_SWEEPS):
        layer.check()
        before = descent.weight.clone()
        descent.sweep(steps)
        yield descent
        if torch.equal(descent.weight, before):
            return


def by_columns(layer: Layer, steps: Steps) -> Tensor:
    """The matrix rounded column by column, each making up for what rounding has changed at its left."""
    gram, target = layer.read
    weight, width = target.clone(), target.shape[1]
    factor = torch.linalg.cholesky(torch.linalg.inv(damped(gram)), upper=True).to(target.dtype)
    for start in range(0, width, _BLOCK):
        layer.check()
        stop = min(start + _BLOCK, width)
        errors = torch.zeros(len(weight), stop - start, dtype=weight.dtype)
        for column in range(start, stop):
            on_step = steps(weight[:, column], column)
            errors[:, column - start] = (weight[:, column] - on_step) / factor[column, column]
            weight[:, column:stop] -= errors[:, column - start, None] * factor[column, column:stop]
            weight[:, column] = on_step
        weight[:, stop:] -= errors @ factor[start:stop, stop:]
    return weight


def _errors(weight: Tensor, target: Tensor, gram: Tensor) -> Tensor:
    """(O,), the mean squared error of each output."""
    off = (weight - target).double()
    return ((off @ gram.double()) * off).sum(1)
