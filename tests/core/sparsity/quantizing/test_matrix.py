"""A matrix is rounded so that errors make up for each other: never worse than the nearest, ever better, zeros zero."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from llmstudio.core.models.checkpoint.grids import LARGEST, nearest, recognised
from llmstudio.core.sparsity.methods.gram import damped, objective
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.quantizing.matrix import Steps, by_columns, fit, sweeps


def layer(rows: int = 24, width: int = 60, sparsity: float = 0.0, *, moved: bool = True, seed: int = 0) -> Layer:
    """A matrix and what enters it: inputs that go together, as everywhere in a model, and one that is always zero."""
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.randn(width, width, generator=generator) / width**0.5
    x = torch.randn(400, width, generator=generator) @ (torch.eye(width) + 2 * mixed)
    x[:, 5] = 0
    weight = torch.randn(rows, width, generator=generator)
    weight[torch.rand(rows, width, generator=generator) < sparsity] = 0
    target = weight + 0.05 * torch.randn(rows, width, generator=generator) if moved else weight
    return Layer(weight, generator, x.T @ x / len(x), target)


def error(weight: Tensor, given: Layer) -> float:
    gram, target = given.read
    return objective(weight, target, gram)


@pytest.mark.parametrize("group", [0, 32])
@pytest.mark.parametrize("bits", LARGEST)
@pytest.mark.parametrize("sparsity", [0.0, 0.5])
def test_that_it_lies_on_the_grid_with_less_error_than_the_nearest_and_zeros_stay(bits, group, sparsity):
    given = layer(sparsity=sparsity, moved=False)
    steps = Steps(given.weight, bits, group)
    grid = fit(given, steps)
    assert torch.equal(grid.scales, steps.scales)
    assert int(grid.integers.abs().max()) <= LARGEST[bits]
    assert not grid.dense()[given.weight == 0].any()
    assert recognised(grid.dense()) is not None
    share = 0.85 if sparsity else 0.6
    assert error(grid.dense(), given) < share * error(nearest(given.weight, steps.scales, bits, group).dense(), given)


@pytest.mark.parametrize("begins", ["by columns", "nearest"])
@pytest.mark.parametrize("bits", LARGEST)
def test_that_the_objective_falls_with_every_sweep_to_where_no_number_is_better_alone(bits, begins):
    given = layer()
    gram, target = given.read
    steps = Steps(given.weight, bits, 0)
    start = by_columns(given, steps) if begins == "by columns" else steps.grid(given.weight).dense()
    weights = [found.weight.clone() for found in sweeps(given, steps, start)]
    reached = [objective(weight, target, damped(gram, 0.0)) for weight in weights]
    assert len(reached) > 2
    assert all(after <= before * (1 + 1e-6) for before, after in pairwise(reached))
    if torch.equal(weights[-1], weights[-2]):
        best, step = weights[-1], steps.scales.float()
        for column in (0, 17, 59):
            for by in (-step, step):
                other = best.clone()
                other[:, column, None] += by
                inside = (other[:, column, None] / step).abs().round() <= LARGEST[bits]
                other = torch.where(inside, other, best)
                assert objective(other, target, damped(gram, 0.0)) >= reached[-1] * (1 - 1e-5)


def test_that_no_row_is_worse_than_the_nearest_even_where_nothing_can_be_made_up_for():
    weight = torch.randn(16, 20, generator=torch.Generator().manual_seed(1))
    given = Layer(weight, torch.Generator(), torch.eye(20), weight)
    steps = Steps(weight, 4, 0)
    plain = nearest(weight, steps.scales, 4, 0).dense()
    assert error(fit(given, steps).dense(), given) <= error(plain, given) * (1 + 1e-6)


def test_that_rows_of_zeros_and_inputs_that_never_come_are_no_reason_to_fail():
    given = layer()
    given.weight[3] = 0
    grid = fit(given, Steps(given.weight, 4, 32))
    assert not grid.dense()[3].any()
    assert bool(grid.dense().isfinite().all())
