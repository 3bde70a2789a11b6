"""Sparse weights that learn in the place of dense ones: of a whole model, one matrix after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.models.depth import belongs, parts_of, placed_as
from llmstudio.core.models.roles import declare, declared, roles_of
from llmstudio.core.models.weights.adapted_cells import AdaptedCells, adapt_cells
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.sparse.learned import Learned, LearnedMatrix, LearnedTable


class LearnedInCells(Learned):
    """A matrix of recurrent layers, which compute with all of its numbers: laid out for each pass."""

    def name_in(self, prefix: str) -> str:
        """See `Weight`: as torch calls it."""
        return prefix


def keep_nonzeros(model: nn.Module, masks: Iterable[tuple[str, Tensor]]) -> dict[str, Learned]:
    """Let a model keep of these matrices and tables only what stays, and learn with it. Returns them by their old names.

    Each is replaced before the next mask is asked for, so that no more than one lies there twice.

    Args:
        model: Dense; its other weights stay as they are.
        masks: The name of a parameter, and (bool, as the parameter) true for what stays of it.
    """
    modules, roles, parts = dict(model.named_modules()), roles_of(model), parts_of(model)
    for name, stays in masks:
        place, _, last = name.rpartition(".")
        above, _, own = place.rpartition(".")
        base: Any = modules[place]
        if isinstance(base, nn.RNNBase):
            if not isinstance(base, AdaptedCells):
                modules[place] = base = _cells(base)
                setattr(modules[above], own, base)
            weight = LearnedInCells(getattr(base, last), stays)
            delattr(base, last)
            setattr(base, last, belongs(declare(weight, values=roles[name]), parts[name]))
        else:
            assert isinstance(base, Matrix | Table), f"{name} is neither a matrix nor a table"
            modules[place] = _in_place_of(base, stays)
            setattr(modules[above], own, modules[place])
    return learned_weights(model)


def learned_weights(model: nn.Module) -> dict[str, Learned]:
    """The sparse weights of a model that learn, by their names in its state."""
    return {module.name_in(prefix): module for prefix, module in model.named_modules() if isinstance(module, Learned)}


def _in_place_of(base: Matrix | Table, stays: Tensor) -> Learned:
    roles = declared(base)
    if isinstance(base, Table):
        made: Learned = LearnedTable(base.weight, stays)
    else:
        made = LearnedMatrix(base.weight, stays, base.bias)
    if made.bias is not None:
        declare(made, bias=roles["bias"])
    return placed_as(declare(made, values=roles["weight"]), base)


def _cells(base: nn.RNNBase) -> AdaptedCells:
    made = adapt_cells(base, {}, 0, 0.0, torch.Generator())
    del made._base  # of which not all is kept
    return made
