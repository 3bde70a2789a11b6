"""Rounding to 16 bits: as IEEE 754 has it, no weight becomes zero by it, and how far it moves a model is told."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.tensors import shortest_type
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import count
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.rounding import round_model, rounded

SHAPE = DecoderConfig(num_layers=2, embed_dim=32, num_heads=2, context_length=16)
numbers = st.floats(-65504, 65504, width=32)


@settings(deadline=None, max_examples=100)
@given(weights=st.lists(numbers, min_size=1, max_size=20).map(torch.tensor))
def test_that_rounding_is_the_nearest_of_16_bits_and_moves_no_weight_to_zero(weights: torch.Tensor) -> None:
    new = rounded(weights)
    assert shortest_type(new) == torch.float16
    assert torch.equal(new != 0, weights != 0)
    assert torch.equal(rounded(new), new)
    spacing = torch.maximum(weights.abs() * 2.0**-11, torch.tensor(2.0**-25))
    lost = weights.abs() < 2.0**-25
    assert bool(((new - weights).abs() <= spacing)[~lost].all())
    assert bool((new[lost].abs() <= 2.0**-24).all())


def test_that_a_matrix_beyond_16_bits_stays_as_it_is_and_is_named() -> None:
    model = build_model("decoder", SHAPE, 50)
    name, parameter = next((name, p) for name, p in model.named_parameters() if p.dim() == 2)
    with torch.no_grad():
        parameter[0, 0] = 70_000.0
        before = parameter.clone()
    assert round_model(model).left == (name,)
    assert torch.equal(parameter, before)
    assert all(shortest_type(p.detach()) == torch.float16 for other, p in model.named_parameters() if other != name)


def test_that_how_far_a_model_moved_is_the_length_of_the_difference() -> None:
    model = build_model("decoder", SHAPE, 50)
    prune_model(model, PruningConfig(sparsity=0.7))
    before, left = torch.cat([p.detach().flatten() for p in model.parameters()]), count(model)
    found = round_model(model)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert count(model) == left
    assert found.share == pytest.approx(float((after - before).norm() / before.norm()), rel=1e-3)
    assert found.most == float((after - before).abs().max())
    assert 0 < found.share < 2.0**-11
    assert round_model(model).share == 0.0


def test_that_a_model_of_zeros_is_not_moved() -> None:
    model = torch.nn.Linear(2, 3)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    found = round_model(model)
    assert (found.share, found.most, found.left) == (0.0, 0.0, ())
    assert math.isfinite(found.share)
