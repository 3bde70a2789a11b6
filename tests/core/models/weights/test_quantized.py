"""A quantised matrix multiplies as the dense one that it is, in a quarter of its bytes, and every family reads with it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder
from llmstudio.core.generation.backends.table import backend_for
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.grids import GROUPS, LARGEST, nearest, scales_for
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights import small
from llmstudio.core.models.weights.base import dense_tensors, encoded
from llmstudio.core.models.weights.quantized import matrix
from llmstudio.core.models.weights.quantized.matrix import QuantizedMatrix
from llmstudio.core.models.weights.small import as_written_with, memory_bytes
from llmstudio.core.models.weights.sparse import twin
from llmstudio.core.models.weights.sparse.building import Kernels
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.rounding import WIDTHS, round_model
from llmstudio.core.training_config import TrainingConfig

SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 48, "hidden_dim": 48, "num_heads": 2, "context_length": 32}


@pytest.fixture(params=["kernel", "spelled out"])
def way(request: Any, kernels: Kernels, monkeypatch: Any) -> str:
    """With the kernels, and without."""
    if request.param != "kernel":
        absent = Kernels()
        absent.failure = kernels.failure or "none"  # type: ignore[assignment]
        monkeypatch.setattr(matrix, "KERNELS", absent)
    return str(request.param)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("bits", LARGEST)
@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 33), (600, 513)])
def test_that_a_product_equals_the_dense_one(way: str, bits: int, group: int, shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(sum(shape))
    weights, bias = torch.randn(shape, generator=generator), torch.randn(shape[0], generator=generator)
    group = group if group < shape[1] else 0
    weight = QuantizedMatrix(nearest(weights, scales_for(weights, bits, group), bits, group), bias)
    dense = weight.dense()
    for size in ((shape[1],), (1, shape[1]), (2, 3, shape[1]), (30, shape[1])):
        for dtype in (torch.float32, torch.float64):
            x = torch.randn(size, generator=generator).to(dtype)
            expected = F.linear(x.double(), dense.double(), bias.double())
            torch.testing.assert_close(weight.multiply(x, bias.to(dtype)).double(), expected, rtol=1e-4, atol=1e-4)
            torch.testing.assert_close(
                weight.multiply(x), F.linear(x.double(), dense.double()).to(dtype), rtol=1e-4, atol=1e-4
            )


def test_that_what_is_not_finite_comes_out_so_and_what_is_learned_through_has_the_dense_gradient(way: str) -> None:
    weights = torch.randn(20, 96)
    weight = QuantizedMatrix(nearest(weights, scales_for(weights, 8, 32), 8, 32))
    x = torch.randn(3, 96)
    x[0, 4], x[1, 5] = float("nan"), float("inf")
    torch.testing.assert_close(weight.multiply(x), F.linear(x, weight.dense()), equal_nan=True, rtol=1e-4, atol=1e-4)
    x = torch.randn(3, 96, requires_grad=True)
    weight.multiply(x).square().sum().backward()
    found, x.grad = x.grad, None
    F.linear(x, weight.dense()).square().sum().backward()
    torch.testing.assert_close(found, x.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_reads_alike_and_keeps_its_numbers(
    kind: str, request: Any, kernels: Kernels, monkeypatch: Any
) -> None:
    monkeypatch.setattr(small, "_WORTH_IT", 1)
    known = {entry.name for entry in fields(MODELS[kind].config())}
    config = replace(MODELS[kind].config(), **{name: value for name, value in SMALL.items() if name in known})
    training = TrainingConfig(batch_size=4, number_format="fp32", threads=1)
    training = replace(training, rows="sentences") if kind == "vae" else training
    dataset, tokenizer = request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")
    model = build_model(kind, config, tokenizer.vocab_size, seed=0).eval()
    round_model(model, WIDTHS["int4"], keep_embeddings=False)
    other = as_written_with(model)
    has_matrices = any(isinstance(part, QuantizedMatrix) for part in other.modules())
    assert has_matrices == (other is not model)
    assert has_matrices or kind in ("rnn", "lstm", "gru")
    task = Recipe(kind, config, training).make_task(dataset, tokenizer)
    batch, losses = task.batches().batch(0), []
    for one in (model, other):
        torch.manual_seed(0)
        with torch.no_grad():
            losses.append(float(task.loss(one, batch, 1.0)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    ours, theirs = dense_tensors(other), dense_tensors(model)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    (kept, codecs), (whole, others) = encoded(other, sparse=True), encoded(model, sparse=True)
    assert codecs == others
    assert all(torch.equal(kept[name], whole[name]) for name in whole)


def test_that_a_matrix_takes_a_quarter_and_the_decoder_writes_the_same(kernels: Kernels) -> None:
    config = DecoderConfig(num_layers=1, embed_dim=256, num_heads=4, context_length=32)
    model = build_model("decoder", config, 30, seed=1).eval()
    dense = memory_bytes(model)
    assert as_written_with(model) is model
    round_model(model, WIDTHS["int8"])
    other = as_written_with(model)
    assert memory_bytes(other) < 0.3 * dense
    ours, theirs = NumpyDecoder(other, [5, 6, 7]), NumpyDecoder(model, [5, 6, 7])
    for token in (8, 9, 10):
        ours.push(token)
        theirs.push(token)
        torch.testing.assert_close(ours.logits, theirs.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("width", ["fp32", "int8"])
def test_that_of_what_is_mostly_zeros_the_nonzeros_alone_are_there_and_write_the_same(
    width: str, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = DecoderConfig(num_layers=1, embed_dim=256, num_heads=4, context_length=32)
    model = build_model("decoder", config, 30, seed=1).eval()
    prune_model(model, PruningConfig(sparsity=0.9))
    round_model(model, WIDTHS[width])
    monkeypatch.setattr(twin, "is_sparse_faster", lambda *_: True)  # as on any computer for a larger one
    other = as_written_with(model)
    zeros = sum(int((p == 0).sum()) for p in model.parameters())
    nonzeros_alone = memory_bytes(model) - 4 * zeros + 2 * zeros / 9  # a zero takes nothing, what is left its column, too
    assert memory_bytes(other) == pytest.approx(nonzeros_alone, rel=0.05)  # and where rows begin
    ours, theirs = backend_for(other, [5, 6, 7]), NumpyDecoder(model, [5, 6, 7])
    assert type(ours) in (NumpyDecoder, SpeculativeDecoder)  # whose products are those of the nonzeros
    for token in (8, 9, 10):
        ours.push(token)
        theirs.push(token)
        torch.testing.assert_close(ours.logits, theirs.logits, rtol=1e-4, atol=1e-4)
    assert all(torch.equal(one, dense_tensors(model)[name]) for name, one in dense_tensors(other).items())
