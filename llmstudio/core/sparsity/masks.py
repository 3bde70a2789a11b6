"""Masks: a boolean tensor for each pruned parameter, kept by its name, true where the weight stays.

Masks belong to names and not to layers, so a recurrent cell's matrices prune like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.models.roles import TABLES, Role, roles_of
from llmstudio.core.models.weights.masked import Masked

Masks = dict[str, Tensor]


@dataclass(frozen=True)
class Count:
    """How many weights there are, and how many of them are not zero (tied ones once)."""

    parameters: int
    nonzeros: int


def prunable(model: nn.Module, *, keep_embeddings: bool) -> dict[str, nn.Parameter]:
    """The parameters whose weights may go, by name, in the model's own order; tied ones once.

    These are the matrices. Gains of norms, biases and short convolutions stay: they are few and every signal passes through.

    Args:
        model: Any model of ours.
        keep_embeddings: Leave out the tables of tokens: embeddings, and the head, which gives one row to each of them.
    """
    roles, taken = roles_of(model), {Role.MATRIX} if keep_embeddings else {Role.MATRIX, *TABLES}
    return {name: p for name, p in model.named_parameters() if roles[name] in taken}


def apply_masks(model: nn.Module, masks: Mapping[str, Tensor]) -> None:
    """Set the weights that are masked out to zero, in place.

    Raises:
        StudioError: A mask has no parameter of its name and shape in this model.
    """
    parameters = dict(model.named_parameters())
    for name, mask in masks.items():
        if name not in parameters or parameters[name].shape != mask.shape:
            raise StudioError("The masks do not fit this model: {name} is missing or has another shape.", name=name)
    for name, mask in masks.items():
        Masked(parameters[name], mask).keep_zeros()


def count(model: nn.Module) -> Count:
    """Count the model's weights and its weights that are not zero."""
    sizes = [(p.numel(), int(torch.count_nonzero(p))) for p in model.parameters()]
    return Count(sum(total for total, _ in sizes), sum(kept for _, kept in sizes))


def share_gone(model: nn.Module, *, keep_embeddings: bool) -> float:
    """Of the weights that may go, the share that is zero."""
    matrices = prunable(model, keep_embeddings=keep_embeddings).values()
    return sum(int((p == 0).sum()) for p in matrices) / max(1, sum(p.numel() for p in matrices))
