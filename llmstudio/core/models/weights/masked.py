"""Masked weights: parameters of which pruning has taken numbers for good, those of recurrent cells among them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.models.roles import VECTORS, Role, roles_of


@dataclass(frozen=True)
class Masked:
    """A parameter, and 1 where a number is left and 0 where it is gone."""

    weights: nn.Parameter
    mask: Tensor

    def keep_zeros(self) -> None:
        """Set to zero again what a step has moved."""
        self.weights.data.mul_(self.mask)

    @property
    def num_zeros(self) -> int:
        """How many numbers are gone."""
        return self.mask.numel() - int(torch.count_nonzero(self.mask))


def masked(model: nn.Module) -> list[Masked]:
    """The parameters of a model that hold zeros, vectors apart: masked where they do. Adapters begin with zeros."""
    roles = roles_of(model)
    wide = [p for name, p in model.named_parameters() if roles[name] not in {*VECTORS, Role.ADAPTER}]
    return [Masked(p, (p != 0).to(p.dtype)) for p in wide if not bool((p != 0).all())]
