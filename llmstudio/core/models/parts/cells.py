"""torch's recurrent layers as parts of ours: what each of their parameters is for."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from llmstudio.core.models.roles import Role, declare

Cells = TypeVar("Cells", bound=nn.RNNBase)


def declare_cells(cells: Cells) -> Cells:
    """Declare the roles of a stack: each layer has two matrices, for what enters and for its state, and a bias each."""
    for layer in range(cells.num_layers):
        roles = {"weight": Role.MATRIX, "bias": Role.BIAS}
        declare(cells, **{f"{kind}_{end}_l{layer}": role for kind, role in roles.items() for end in ("ih", "hh")})
    return cells
