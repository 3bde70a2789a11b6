from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from llmstudio.core.errors import StudioError
from llmstudio.core.models.parts.cells import declare_cells
from llmstudio.core.models.roles import Role
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.sparsity.masks import apply_masks, count, prunable


def recurrent() -> nn.Module:
    model = nn.Module()
    model.embed, model.cell = Table(7, 4), declare_cells(nn.LSTM(4, 5))
    model.unembed = Matrix(5, 7, role=Role.HEAD)
    return model


def test_that_a_recurrent_cell_prunes_by_the_names_of_its_matrices():
    assert set(prunable(recurrent(), keep_embeddings=True)) == {"cell.weight_ih_l0", "cell.weight_hh_l0"}


def test_that_tied_tables_are_one_parameter():
    model = recurrent()
    model.again = Matrix(4, 7, role=Role.HEAD)
    model.again.weight = model.embed.weight
    assert "again.weight" not in prunable(model, keep_embeddings=False)
    assert count(model).parameters == 7 * 4 + 2 * 20 + 20 * 4 + 20 * 5 + 7 * 5


def test_that_applying_masks_zeroes_what_they_hide_even_where_it_was_infinite():
    model = recurrent()
    model.cell.weight_hh_l0.data[0, 0] = math.inf
    mask = torch.ones(20, 5, dtype=torch.bool)
    mask[0] = False
    before = count(model).nonzeros
    apply_masks(model, {"cell.weight_hh_l0": mask})
    assert torch.equal(model.cell.weight_hh_l0[0], torch.zeros(5))
    assert count(model).nonzeros == before - 5


@pytest.mark.parametrize("name", ["cell.weight_ih_l0", "nowhere"])
def test_that_masks_of_another_model_are_refused_before_a_weight_is_touched(name):
    model = recurrent()
    before = model.cell.weight_hh_l0.detach().clone()
    hidden = torch.zeros(20, 5, dtype=torch.bool)
    with pytest.raises(StudioError, match=name):
        apply_masks(model, {"cell.weight_hh_l0": hidden, name: hidden})
    assert torch.equal(model.cell.weight_hh_l0, before)
