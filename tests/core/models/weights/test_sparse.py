"""A sparse matrix multiplies as the dense one that it is, whatever its shape and numbers, from several threads at once."""

from __future__ import annotations

import json
import sys
import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights.base import dense_tensors
from llmstudio.core.models.weights.sparse import crossover, twin
from llmstudio.core.models.weights.sparse.building import KERNELS, Kernels
from llmstudio.core.models.weights.sparse.layout import PANEL, dense_of, layout_of
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix
from llmstudio.core.models.weights.sparse.twin import sparse_twin, why_dense
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model

SHAPES = [(0, 5), (5, 0), (1, 1), (7, 1), (1, 300), (300, 40), (3, PANEL), (3, PANEL + 1), (2, 70_001), (400, 500)]


def matrix(rows: int, width: int, density: float = 0.1) -> Tensor:
    generator = torch.Generator().manual_seed(rows + width)
    weight = torch.randn(rows, width, generator=generator)
    weight[torch.rand(rows, width, generator=generator) >= density] = 0
    weight[::3] = 0  # rows without any
    return weight


def sparse_model(sparsity: float = 0.9):
    config = DecoderConfig(num_layers=1, embed_dim=256, num_heads=4, context_length=32)
    model = build_model("decoder", config, 30, seed=1).eval()
    prune_model(model, PruningConfig(sparsity=sparsity))
    return model


@given(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1))
def test_that_a_layout_holds_the_nonzeros_and_gives_the_matrix_back(rows, width, density):
    dense = matrix(rows, width, density).numpy()
    layout = layout_of(dense)
    assert np.array_equal(dense_of(layout), dense)
    assert len(layout.values) == np.count_nonzero(dense)
    assert layout.columns.dtype == np.uint16


@pytest.mark.parametrize(("rows", "width"), SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_that_a_sparse_product_equals_the_dense_one_for_any_shape_type_and_number_of_vectors(kernels, rows, width, dtype):
    weight = matrix(rows, width)
    sparse, bias = SparseMatrix.of(weight), torch.randn(rows)
    assert torch.equal(sparse.dense(), weight)
    for shape in ((width,), (1, width), (2, 9, width), (16, width), (37, width), (0, width)):
        x = torch.randn(shape).to(dtype)
        exact = F.linear(x.double(), weight.double(), bias.to(dtype).double())
        for given_bias, expected in ((bias.to(dtype), exact), (None, exact - bias.to(dtype).double())):
            product = sparse.multiply(x, given_bias)
            assert product.dtype == dtype
            torch.testing.assert_close(product, expected.to(dtype), rtol=max(torch.finfo(dtype).eps, 1e-6), atol=1e-3)


def test_that_what_is_not_finite_comes_out_as_it_does_of_a_dense_product(kernels):
    weight = matrix(40, 60, 0.5)
    weight[1, 2], weight[4, 5] = float("nan"), float("inf")
    sparse = SparseMatrix.of(weight)
    for number in (float("nan"), float("inf"), -float("inf"), 0.0):
        x = torch.randn(18, 60)
        x[3, 7] = x[0, 5] = number
        for some in (x, x[0], x[3]):
            torch.testing.assert_close(sparse.multiply(some), F.linear(some, weight), equal_nan=True, rtol=1e-5, atol=1e-4)


def test_that_what_is_learned_through_a_sparse_matrix_has_the_dense_gradient(kernels):
    weight, x = matrix(20, 30), torch.randn(4, 30, requires_grad=True)
    SparseMatrix.of(weight).multiply(x).square().sum().backward()
    found, x.grad = x.grad, None
    F.linear(x, weight).square().sum().backward()
    torch.testing.assert_close(found, x.grad)


def test_that_several_threads_multiply_at_once_and_none_gets_the_sums_of_another(kernels, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    matrices = [matrix(600 + n, 500) for n in range(4)]
    wrong: list[int] = []

    def multiply(number: int) -> None:
        sparse = SparseMatrix.of(matrices[number])
        for count in (1, 1, 40) * 20:
            x = torch.randn(count, 500)
            if not torch.allclose(sparse.multiply(x), F.linear(x, matrices[number]), atol=1e-3):
                wrong.append(number)

    threads = [threading.Thread(target=multiply, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_that_a_twin_reads_as_its_model_does_stands_for_the_same_numbers_and_takes_less(kernels):
    model = sparse_model()
    other = sparse_twin(model)
    assert sum(isinstance(part, SparseMatrix) for part in other.modules()) == 4
    batch = Batch(torch.arange(8, 28).view(2, 10))
    with torch.inference_mode():
        torch.testing.assert_close(other(batch).hidden, model(batch).hidden, rtol=1e-4, atol=1e-4)
    theirs = dense_tensors(model)
    assert {name: torch.equal(tensor, theirs[name]) for name, tensor in dense_tensors(other).items()} == dict.fromkeys(
        theirs, True
    )
    weight = model.blocks[0].attention.qkv.weight
    assert other.blocks[0].attention.qkv.num_bytes == 6 * int(weight.count_nonzero()) + 8 * (len(weight) + 1)


def test_that_a_twin_is_made_anew_when_numbers_have_changed_and_only_then(kernels):
    model = sparse_model()
    before = sparse_twin(model)
    assert sparse_twin(model) is before
    with torch.no_grad():
        model.blocks[0].attention.qkv.weight.data *= 2
    after = sparse_twin(model)
    assert torch.equal(after.blocks[0].attention.qkv.dense(), 2 * before.blocks[0].attention.qkv.dense())


@pytest.mark.parametrize("missing", ["numba", "llvmlite.binding"])
def test_that_without_numba_products_are_dense_and_it_is_said_why_once(missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "llmstudio.core.models.weights.sparse.kernels", raising=False)
    absent = Kernels()
    assert missing in str(absent.why_not(60))
    for module in (twin, sys.modules["llmstudio.core.models.weights.sparse.matrix"]):
        monkeypatch.setattr(module, "KERNELS", absent)
    monkeypatch.setattr(twin, "_told", set())
    weight, x = matrix(6, 9), torch.randn(2, 9)
    assert torch.equal(SparseMatrix.of(weight).multiply(x), F.linear(x, weight))
    model = sparse_model()
    assert missing in str(why_dense(model))
    assert missing in str(twin.remark(model))
    assert twin.remark(model) is None


def test_that_kernels_that_cannot_be_built_or_compute_wrongly_are_told_of(monkeypatch):
    class Wrong:
        BOX, LANES = 32, 16

        @staticmethod
        def multiply(*_):
            return True

    for made in (Wrong, object()):
        monkeypatch.setitem(sys.modules, "llmstudio.core.models.weights.sparse.kernels", made)
        failed = Kernels()
        assert str(failed.why_not(60)).startswith("The kernels of sparse products could not be built on this computer (A")
        assert failed.module is None


def test_that_nobody_waits_for_kernels_longer_than_asked(monkeypatch):
    slow, go_on = Kernels(), threading.Event()
    monkeypatch.setattr(slow, "_build", lambda: go_on.wait(60))
    assert "still being built" in str(slow.why_not(0.01))
    go_on.set()


def test_that_the_crossover_is_measured_once_kept_and_measured_again_on_another_machine(kernels, monkeypatch, tmp_path):
    monkeypatch.setenv("LLMSTUDIO_HOME", str(tmp_path))
    dense = [matrix(300, 300).numpy(), matrix(300, 200).numpy()]
    layouts = [layout_of(one) for one in dense]
    times: list[int] = []
    measure = crossover._dense_by_sparse_seconds
    monkeypatch.setattr(crossover, "_dense_by_sparse_seconds", lambda *given: times.append(given[2]) or measure(*given))
    answers = {crossover.is_sparse_faster(dense, layouts, 1) for _ in range(3)}
    assert (times, len(answers)) == ([1], 1)
    crossover.is_sparse_faster(dense, layouts, 256)
    assert times == [1, 256]
    monkeypatch.setattr(crossover, "machine_key", lambda: "another")
    crossover.is_sparse_faster(dense, layouts, 1)
    assert times == [1, 256, 1]
    file = tmp_path / "cache" / "sparse.json"
    kept = json.loads(file.read_text())
    for density, faster in ((1.0, True), (0.0, False)):
        kept["densities"] = dict.fromkeys(kept["densities"], density)
        file.write_text(json.dumps(kept))
        assert crossover.is_sparse_faster(dense, layouts, 1) is faster
    for broken in ("", "[]", '{"key": "another", "densities": 3}'):
        file.write_text(broken)
        crossover.is_sparse_faster(dense, layouts, 1)
    assert times == [1, 256, 1, 1, 1, 1]


def test_that_small_and_dense_models_ask_for_no_kernels(monkeypatch):
    asked: list[float] = []
    monkeypatch.setattr(KERNELS, "why_not", lambda *_: asked.append(0.0))
    small = build_model("decoder", DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32), 30).eval()
    prune_model(small, PruningConfig(sparsity=0.9))
    assert why_dense(small) is not None
    assert why_dense(sparse_model(0.1)) is not None
    assert twin.as_read(small) is small
    assert (twin.remark(small), asked) == (None, [])
