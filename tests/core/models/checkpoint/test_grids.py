"""Numbers on a grid: the nearest ones, found again from themselves, and as few bytes in a file as is foretold."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.codecs import CODECS, encode, laid_out
from llmstudio.core.models.checkpoint.grids import GROUPS, LARGEST, Grid, nearest, recognised, scales_for, spread_scales
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.tensors import Entry, Numbers
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families import MODELS
from llmstudio.core.sparsity.rounding import WIDTHS, round_model, shared
from llmstudio.core.sparsity.storage import bound_bits

widths = pytest.mark.parametrize(("bits", "group"), [(bits, group) for bits in LARGEST for group in GROUPS])


def matrix(rows: int, width: int, sparsity: float = 0.0, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(rows, width, generator=generator) / 20
    weights[torch.rand(rows, width, generator=generator) < sparsity] = 0.0
    return weights


def on_grid(weights: Tensor, bits: int, group: int) -> Grid:
    return nearest(weights, scales_for(weights, bits, group), bits, group)


@settings(deadline=None, max_examples=60)
@given(
    bits=st.sampled_from(sorted(LARGEST)),
    group=st.sampled_from(GROUPS),
    shape=st.tuples(st.integers(0, 5), st.integers(0, 70)),
    size=st.sampled_from([1e-9, 1e-6, 1.0, 1e4]),
    sparsity=st.floats(0, 1),
)
def test_that_no_number_moves_by_more_than_half_a_step_and_zeros_stay(bits, group, shape, size, sparsity):
    weights = matrix(*shape, sparsity) * size
    grid = on_grid(weights, bits, group)
    dense, steps = grid.dense(), spread_scales(grid.scales.float(), shape[1], group)
    assert bool(((dense - weights).abs() <= steps * 0.500001).all())
    assert not dense[weights == 0].any()
    assert int(grid.integers.abs().max() if weights.numel() else 0) <= LARGEST[bits]
    products = grid.integers.double() * spread_scales(grid.scales.double(), shape[1], group)
    assert torch.equal(dense.double(), products)  # exact: nothing is lost in 32 bits


@widths
@pytest.mark.parametrize("sparsity", [0.0, 0.6, 0.97])
@pytest.mark.parametrize("shape", [(70, 300), (300, 33), (64, 129)])
def test_that_a_grid_is_found_again_from_its_numbers_and_lies_in_a_file_as_foretold(bits, group, shape, sparsity):
    grid = on_grid(matrix(*shape, sparsity), bits, group)
    numbers = grid.dense()
    found = recognised(numbers)
    assert found is not None
    assert torch.equal(found.dense(), numbers)
    codec, parts = encode("w", numbers, sparse=True)
    assert codec == ("grid" if sparsity == 0 else "sparse_grid") or sparsity * group > 30  # a scale for hardly any number
    assert [Entry(n, p.dtype, tuple(p.shape)) for n, p in parts.items()] == laid_out("w", Numbers(numbers))[1]
    assert torch.equal(CODECS[codec].decode("w", parts), numbers)
    if not codec.endswith("grid"):
        return
    limit = bound_bits(numbers.numel(), int(numbers.count_nonzero()), bits) / 8 + 2 * grid.scales.numel()
    spent = sum(part.numel() * part.element_size() for part in parts.values())
    assert limit <= spent + 1
    assert spent <= 1.03 * limit + 64


@pytest.mark.parametrize("bits", LARGEST)
def test_that_a_grid_whose_largest_numbers_are_gone_is_found_again(bits):
    numbers = on_grid(matrix(40, 200), bits, 0).dense()
    numbers[numbers.abs() > numbers.abs().amax(1, keepdim=True) * 0.8] = 0.0
    assert encode("w", numbers, sparse=True)[0].endswith("grid")
    assert recognised(numbers).bits <= bits  # type: ignore[union-attr]


def test_that_only_what_lies_on_a_grid_is_kept_so():
    numbers = on_grid(matrix(40, 200), 8, 0).dense()
    for other in (0.1234567, float("nan"), float("inf")):
        spoiled = numbers.clone()
        spoiled[17, 123] = other
        assert recognised(spoiled) is None
    for some in (matrix(40, 200), matrix(40, 200).half().float(), matrix(40, 200, 0.99).half().float()):
        assert recognised(some) is None
    assert recognised(torch.ones(5)) is None  # a vector has no rows


@pytest.mark.parametrize("values", ["int8", "int4"])
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_comes_back_from_its_file_bit_for_bit(kind: str, values: str, keeps: bool, tmp_path: Path) -> None:
    model = build_model(kind, MODELS[kind].config(), 50).eval()
    moved = round_model(model, WIDTHS[values], keep_embeddings=keeps)
    assert not moved.left
    assert 0 < moved.share < (0.02 if values == "int8" else 0.2)
    save_checkpoint(tmp_path, 1, model=model, kind=kind, facts={}, sparse=True)
    checkpoint, notes = find_checkpoint(tmp_path)
    assert not notes
    back = load_model(checkpoint)
    assert all(torch.equal(a, b) for a, b in zip(back.parameters(), model.parameters(), strict=True))
    assert {"grid", "dense"} <= set(checkpoint.card.codecs.values()) | {"dense"}
    assert round_model(back, WIDTHS[values], keep_embeddings=keeps).share == 0.0


def test_that_of_a_sparse_matrix_more_neighbours_share_a_scale() -> None:
    sizes = [shared(matrix(64, 512, sparsity), WIDTHS["int4"]) for sparsity in (0.0, 0.5, 0.75, 0.95)]
    assert sizes == [32, 64, 128, 0]


def test_that_a_matrix_out_of_reach_stays_as_it_is() -> None:
    model = build_model("decoder", MODELS["decoder"].config(), 50)
    weights = model.blocks[0].attention.qkv.weight
    with torch.no_grad():
        weights[0, 0] = 1e8
    before = weights.detach().clone()
    assert round_model(model, WIDTHS["int8"]).left == ("blocks.0.attention.qkv.weight",)
    assert torch.equal(weights, before)
