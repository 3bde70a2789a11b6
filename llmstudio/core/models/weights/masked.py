"""Parameters of which pruning has taken numbers for good: of any weight, and of recurrent cells, which are no `Weight`s."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llmstudio.core.models.roles import VECTORS, Role, roles_of

# By the bytes of a number, integers of the same width.
_INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


class Masked:
    """A parameter, and which of its numbers are left.

    Attributes:
        weights: The parameter.
        num_zeros: How many of its numbers are gone.
    """

    def __init__(self, weights: Tensor, stays: Tensor) -> None:
        """`stays` (bool, as `weights`): true where a number is left."""
        self.weights = weights
        self.num_zeros = stays.numel() - int(torch.count_nonzero(stays))
        # All bits where a number is left, none where it is gone. As fast as a product with the mask and a hundred times as
        # fast as filling; but infinity times zero is not a number, and a negative weight would leave a -0.
        self._bits = -stays.to(weights.device, _INTEGERS[weights.element_size()])

    @property
    def stays(self) -> Tensor:
        """True where a number is left (bool, as `weights`)."""
        return self._bits != 0

    def keep_zeros(self) -> None:
        """Set to zero, in place, what is gone: now, or again after a step has moved it."""
        self.clear(self.weights.data)

    def clear(self, tensor: Tensor) -> None:
        """Set to zero, in place, what belongs to a number that is gone: of a gradient or a moment, shaped as `weights`."""
        tensor.view(self._bits.dtype).bitwise_and_(self._bits)


def masked(model: nn.Module) -> list[Masked]:
    """The parameters of a model that hold zeros, vectors apart: masked where they do. Adapters begin with zeros."""
    return [*masked_by_name(model).values()]


def masked_by_name(model: nn.Module) -> dict[str, Masked]:
    """As `masked`, by their names."""
    roles = roles_of(model)
    wide = {name: p for name, p in model.named_parameters() if roles[name] not in {*VECTORS, Role.ADAPTER}}
    return {name: Masked(p, p != 0) for name, p in wide.items() if not bool((p != 0).all())}
