"""torch's recurrent layers as parts of ours: what each of their parameters is for, and of which layer."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from llmstudio.core.models.depth import belong
from llmstudio.core.models.roles import Role, declare

Cells = TypeVar("Cells", bound=nn.RNNBase)


def declare_cells(cells: Cells, first: int = 0, half: str = "") -> Cells:
    """Declare the roles of a stack, whose lowest layer is `first` of its half: each layer has two matrices, for what enters
    and for its state, and a bias each.
    """
    for layer in range(cells.num_layers):
        roles = {"weight": Role.MATRIX, "bias": Role.BIAS}
        named = {f"{kind}_{end}_l{layer}": role for kind, role in roles.items() for end in ("ih", "hh")}
        belong(declare(cells, **named), **dict.fromkeys(named, f"{half}layers.{first + layer}"))
    return cells
