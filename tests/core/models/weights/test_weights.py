"""A weight multiplies by the numbers it gives, and what it writes into a file is what is foretold and read again."""

from __future__ import annotations

from dataclasses import fields, replace
from math import prod
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.codecs import CODECS, encode, laid_out
from llmstudio.core.models.checkpoint.tensors import Entry, Numbers, shortest_type
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.weights.base import Weight, dense_tensors, encoded
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.masked import masked
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("zeros", [0.0, 0.05, 0.5, 0.9, 1.0])
def test_that_a_weight_lies_in_the_file_as_laid_out_on_paper_and_is_read_again(zeros: float, dtype: torch.dtype) -> None:
    tensor = torch.randn(50, 70, generator=torch.Generator().manual_seed(0)).to(dtype).float()
    tensor[torch.rand(50, 70, generator=torch.Generator().manual_seed(1)) < zeros] = 0.0
    codec, parts = encode("w", tensor, sparse=True)
    foretold = laid_out("w", Numbers(tensor))
    assert {part.dtype for part in parts.values()} <= {torch.uint8, torch.float16 if zeros == 1.0 else dtype}
    written = [Entry(name, part.dtype, tuple(part.shape)) for name, part in parts.items()]
    assert (codec, written) == foretold
    back = CODECS[codec].decode("w", parts)
    assert back.dtype == torch.float32
    assert torch.equal(back, tensor)


def test_that_the_codec_chosen_is_dense_unless_another_takes_fewer_bytes() -> None:
    tensor = torch.linspace(0.1, 1, 4000)
    assert encode("w", tensor, sparse=True)[0] == "dense"
    for num_zeros, codec in ((40, "dense"), (400, "sparse"), (4000, "sparse")):
        tensor[:num_zeros] = 0.0
        assert encode("w", tensor, sparse=True)[0] == codec
        assert encode("w", tensor, sparse=False)[0] == "dense"


def test_that_only_numbers_that_stay_the_same_are_kept_in_16_bits() -> None:
    halves = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 2.0**-24]).repeat(500)
    assert shortest_type(halves) == torch.float16
    for other in (1e-9, 65520.0, 0.1, float("nan")):
        halves[-1] = other
        assert shortest_type(halves) == torch.float32


@pytest.mark.parametrize("weight", [Matrix(3, 5), Table(5, 3)])
def test_that_a_weight_multiplies_by_the_numbers_it_gives_and_counts_their_bytes(weight: Weight) -> None:
    x, bias = torch.randn(2, 3), torch.randn(5)
    assert torch.equal(weight.multiply(x, bias), F.linear(x, weight.dense(), bias))
    assert weight.num_bytes == 4 * prod(weight.dense().shape) == 60


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_step_multiplies_with_every_matrix_by_its_own_rule(
    kind: str, made_run: Any, request: Any, monkeypatch: Any
) -> None:
    data = request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")
    made = MODELS[kind].config()
    small = {
        "num_layers": 1,
        "embed_dim": 16,
        "hidden_dim": 24,
        "num_heads": 2,
        "context_length": 16,
        "tie_embeddings": False,
    }
    config = replace(made, **{entry.name: small[entry.name] for entry in fields(made) if entry.name in small})
    run = made_run(Recipe(kind, config, TrainingConfig(batch_size=2, number_format="fp32", threads=1)), data)
    asked: set[int] = set()

    def noted(weight: Weight, x: Tensor, bias: Tensor | None = None) -> Tensor:
        asked.add(id(weight))
        return F.linear(x, weight.dense(), bias)

    monkeypatch.setattr(Weight, "multiply", noted)
    run.task.loss(run.model, run.batches.batch(0), 1.0)
    matrices = {name: id(module) for name, module in run.model.named_modules() if isinstance(module, Matrix)}
    assert matrices
    assert {name for name, matrix in matrices.items() if matrix not in asked} == set()


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_model_is_written_whole_whatever_keeps_its_numbers(kind: str) -> None:
    model = build_model(kind, MODELS[kind].config(), 40)
    tensors, codecs = encoded(model, sparse=False)
    state = model.state_dict()
    assert list(codecs) == list(state)
    assert set(codecs.values()) == {"dense"}
    for name, value in dense_tensors(model).items():
        assert torch.equal(value, state[name])
        assert torch.equal(tensors[name], state[name])


def test_that_what_was_pruned_stays_zero_in_a_recurrent_cell_too() -> None:
    model = build_model("lstm", MODELS["lstm"].config(), 40)
    assert masked(model) == []
    matrix = model.get_parameter("cells.0.weight_hh_l0")
    with torch.no_grad():
        matrix[::2] = 0.0
    (found,) = masked(model)
    assert (found.weights is matrix, found.num_zeros) == (True, matrix.numel() // 2)
    with torch.no_grad():
        matrix += 1.0
        matrix[0, 0], matrix[2, 0], kept = torch.inf, -1.0, matrix.detach().clone()
    found.keep_zeros()
    assert torch.equal(matrix[1::2], kept[1::2])
    gone = matrix[::2]
    assert not gone.any()
    assert not torch.signbit(gone).any()
