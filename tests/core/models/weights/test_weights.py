"""A weight multiplies by the numbers it gives, and what it writes into a file is what is foretold and read again."""

from __future__ import annotations

from math import prod

import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.codecs import CODECS, chosen
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.weights.base import Weight, dense_tensors, encoded
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.masked import masked


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("zeros", [0.0, 0.5, 1.0])
def test_that_a_codec_writes_what_it_lays_out_on_paper_and_reads_it_again(codec: str, zeros: float) -> None:
    tensor = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    tensor[torch.rand(5, 7, generator=torch.Generator().manual_seed(1)) < zeros] = 0.0
    nonzeros = int(tensor.count_nonzero())
    parts = CODECS[codec].encode("w", tensor)
    entries = CODECS[codec].entries("w", (5, 7), nonzeros)
    assert {name: (part.dtype, tuple(part.shape)) for name, part in parts.items()} == {
        entry.name: (entry.dtype, entry.shape) for entry in entries
    }
    assert CODECS[codec].num_bytes(35, nonzeros) == sum(e.num_bytes for e in entries if e.name != "w:shape")
    assert torch.equal(CODECS[codec].decode("w", parts), tensor)


def test_that_the_codec_chosen_is_dense_unless_another_takes_fewer_bytes() -> None:
    assert [chosen(64, nonzeros, sparse=True) for nonzeros in (64, 62, 61, 0)] == ["dense", "dense", "bitmap", "bitmap"]
    assert chosen(64, 0, sparse=False) == "dense"


@pytest.mark.parametrize("weight", [Matrix(3, 5), Table(5, 3)])
def test_that_a_weight_multiplies_by_the_numbers_it_gives_and_counts_their_bytes(weight: Weight) -> None:
    x, bias = torch.randn(2, 3), torch.randn(5)
    assert torch.equal(weight.multiply(x, bias), F.linear(x, weight.dense(), bias))
    assert weight.num_bytes == 4 * prod(weight.dense().shape) == 60


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
    found.keep_zeros()
    assert int((matrix == 0).sum()) == matrix.numel() // 2
