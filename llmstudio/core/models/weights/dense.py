"""Dense weights: a matrix and a table whose numbers are all kept, in 32 bits."""

from __future__ import annotations

from torch import Tensor, nn

from llmstudio.core.models.roles import Role, declare
from llmstudio.core.models.weights.base import Weight


class Matrix(Weight, nn.Linear):
    """A matrix (outputs, inputs), with an offset for each output if asked for.

    Attributes:
        writes: Whether what it gives is added to the residual stream; such a matrix starts smaller (`parts.initial`).
    """

    def __init__(
        self, inputs: int, outputs: int, *, bias: bool = False, role: Role = Role.MATRIX, writes: bool = False
    ) -> None:
        super().__init__(inputs, outputs, bias=bias)
        self.writes = writes
        declare(self, weight=role)
        if bias:
            declare(self, bias=Role.BIAS)

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs): how it multiplies, and its offset."""
        return self.multiply(x, self.bias)


class Table(Weight, nn.Embedding):
    """A vector for each token or place: read by ids, and multiplied with where it writes tokens too."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__(rows, width)
        declare(self, weight=Role.EMBEDDING)
