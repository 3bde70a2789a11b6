"""A sparse weight that learns multiplies as the dense one, has its gradient at the nonzeros, and keeps nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.models.build import build_model
from llmstudio.core.models.depth import parts_of
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.roles import roles_of
from llmstudio.core.models.weights.base import dense_tensors, encoded
from llmstudio.core.models.weights.sparse import learned
from llmstudio.core.models.weights.sparse.layout import PANEL
from llmstudio.core.models.weights.sparse.learned import LearnedMatrix, LearnedTable
from llmstudio.core.models.weights.sparse.standing_in import keep_nonzeros, learned_weights
from llmstudio.core.sparsity.masks import apply_masks, prunable

SHAPES = [(0, 5), (1, 1), (7, 1), (1, 300), (3, PANEL), (3, PANEL + 1), (2, 2 * PANEL + 9), (40, 500)]


def drawn(rows: int, width: int, density: float = 0.2) -> tuple[Tensor, Tensor]:
    """A matrix, and which of its numbers stay: in some rows none."""
    generator = torch.Generator().manual_seed(rows + width)
    stays = torch.rand(rows, width, generator=generator) < density
    stays[::3] = False
    return torch.randn(rows, width, generator=generator), stays


@pytest.mark.parametrize(("rows", "width"), SHAPES)
@pytest.mark.parametrize("block", [2**20, 700])
def test_that_product_and_gradients_are_the_dense_ones_at_the_nonzeros(rows, width, block, monkeypatch):
    monkeypatch.setattr(learned, "BLOCK", block)
    dense, stays = drawn(rows, width)
    weight, expected = LearnedMatrix(dense, stays), (dense * stays).requires_grad_()
    assert torch.equal(weight.dense(), expected)
    assert torch.equal(weight.stays(), stays)
    x, bias = torch.randn(2, 5, width, requires_grad=True), torch.randn(rows)
    other, given = x.detach().clone().requires_grad_(), torch.randn(2, 5, rows)
    product = weight.multiply(other, bias)
    torch.testing.assert_close(product, F.linear(x, expected, bias), rtol=1e-5, atol=1e-4)
    F.linear(x, expected, bias).backward(given)
    product.backward(given)
    torch.testing.assert_close(other.grad, x.grad, rtol=1e-5, atol=1e-4)
    weight.values.data = weight.values.grad
    torch.testing.assert_close(weight.dense(), expected.grad * stays, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("count", [1, 7, 16, 40])
def test_that_few_vectors_and_many_are_multiplied_alike_without_gradients(kernels, count):
    dense, stays = drawn(60, 90)
    x = torch.randn(count, 90)
    with torch.inference_mode():
        product = LearnedMatrix(dense, stays).multiply(x, torch.ones(60))
    torch.testing.assert_close(product, F.linear(x, dense * stays, torch.ones(60)), rtol=1e-5, atol=1e-4)


def test_that_in_16_bits_products_are_rounded_and_gradients_of_values_are_not():
    dense, stays = drawn(30, 50)
    weight, expected = LearnedMatrix(dense, stays), torch.nn.Linear(50, 30, bias=False)
    expected.weight.data = dense * stays
    x = torch.randn(9, 50)
    with torch.autocast("cpu", torch.bfloat16):
        product, other = weight(x), expected(x)
    assert product.dtype == other.dtype == torch.bfloat16
    torch.testing.assert_close(product, other)
    product.float().square().sum().backward()
    other.float().square().sum().backward()
    assert weight.values.grad.dtype == torch.float32
    weight.values.data = weight.values.grad
    torch.testing.assert_close(weight.dense(), expected.weight.grad * stays, rtol=1e-2, atol=1e-1)


def test_that_a_table_gives_and_learns_rows_and_may_write_with_them_too():
    dense, stays = drawn(20, 8, 0.5)
    table, expected = LearnedTable(dense, stays), (dense * stays).requires_grad_()
    ids = torch.tensor([[1, 4, 1], [7, 0, 19]])
    vectors = table(ids)
    assert torch.equal(vectors, F.embedding(ids, expected))
    table.multiply(vectors).square().sum().backward()
    F.linear(F.embedding(ids, expected), expected).square().sum().backward()
    table.values.data = table.values.grad
    torch.testing.assert_close(table.dense(), expected.grad * stays, rtol=1e-4, atol=1e-4)


def test_that_whoever_watches_sees_the_gradient_of_all_numbers():
    dense, stays = drawn(30, 50)
    weight, expected, seen = LearnedMatrix(dense, stays), (dense * stays).requires_grad_(), []
    weight.watch = seen.append
    x = torch.randn(9, 50)
    for _ in range(2):
        weight.multiply(x).square().sum().backward()
    F.linear(x, expected).square().sum().backward()
    assert len(seen) == 2
    torch.testing.assert_close(seen[0], expected.grad, rtol=1e-4, atol=1e-4)


def test_that_six_bytes_a_number_are_kept_and_all_that_learns_is_a_vector_of_values():
    dense, stays = drawn(40, 500)
    weight = LearnedMatrix(dense, stays)
    count = int(stays.sum())
    assert [tuple(p.shape) for p in weight.parameters()] == [(count,)]
    assert weight.num_bytes == 6 * count + 8 * 41
    weight.values.grad = torch.randn(count)
    optimizer = torch.optim.AdamW(weight.parameters(), fused=True)
    optimizer.step()
    moments = sum(t.numel() for t in optimizer.state[weight.values].values() if t.dim())
    assert moments == 2 * count


def test_that_a_number_which_becomes_zero_keeps_its_place_and_a_matrix_of_other_places_brings_them():
    dense, stays = drawn(40, 50)
    weight = LearnedMatrix(dense, stays)
    weight.values.data[:5] = 0
    weight.load_state_dict({"weight": weight.dense()})
    assert torch.equal(weight.stays(), stays)
    weight.load_state_dict({"weight": dense})
    assert torch.equal(weight.dense(), dense)


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_model_of_every_family_is_in_the_file_and_learns_as_the_masked_one_does(kind):
    config: Any = MODELS[kind].config()
    masked = build_model(kind, config, 50, seed=1).eval()
    drawing = torch.Generator().manual_seed(2)
    masks = {
        name: torch.rand(p.shape, generator=drawing) < 0.2 for name, p in prunable(masked, keep_embeddings=False).items()
    }
    model = copy.deepcopy(masked)
    apply_masks(masked, masks)
    weights = keep_nonzeros(model, masks.items())
    assert weights.keys() == masks.keys() == learned_weights(model).keys()
    kept = sum(int(mask.sum()) for mask in masks.values())
    assert sum(p.numel() for p in model.parameters()) - kept == sum(
        p.numel() for name, p in masked.named_parameters() if name not in masks
    )
    assert sorted(parts_of(model).values()) == sorted(parts_of(masked).values())
    assert sorted(roles_of(model).values()) == sorted(roles_of(masked).values())
    assert _same(dense_tensors(model), dense_tensors(masked))
    (ours, codecs), (theirs, their_codecs) = (encoded(one, sparse=True) for one in (model, masked))
    assert (codecs, _same(ours, theirs)) == (their_codecs, True)
    ids = torch.randint(8, 50, (2, 9), generator=drawing)
    batch = Batch(ids, source=ids if MODELS[kind].reading == "source" or kind == "encoder_decoder" else None)
    for one in (model, masked):
        one.head(one(batch).hidden).square().sum().backward()
    theirs = {name: p.grad for name, p in masked.named_parameters()}
    for name, weight in weights.items():
        weight.values.data = weight.values.grad
        torch.testing.assert_close(weight.dense(), theirs[name] * masks[name], rtol=1e-3, atol=1e-4)
    model.load_state_dict(dense_tensors(masked))
    assert _same(dense_tensors(model), dense_tensors(masked))


def _same(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
