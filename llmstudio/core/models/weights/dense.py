"""Dense weights: a matrix and a table whose numbers are all kept, in 32 bits."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.roles import Role, declare


class Matrix(nn.Linear):
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

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., inputs) -> (..., outputs), with another offset than its own."""
        return F.linear(x, self.weight, bias)

    def dense(self) -> Tensor:
        """Its numbers, (outputs, inputs)."""
        return self.weight.detach()

    @property
    def num_bytes(self) -> int:
        """Bytes that its numbers take in memory."""
        return self.weight.numel() * self.weight.element_size()


class Table(nn.Embedding):
    """A vector for each token or place: read by ids, and multiplied with where it writes tokens too."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__(rows, width)
        declare(self, weight=Role.EMBEDDING)

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., width) -> (..., rows): how well each row fits."""
        return F.linear(x, self.weight, bias)

    def dense(self) -> Tensor:
        """Its numbers, (rows, width)."""
        return self.weight.detach()

    @property
    def num_bytes(self) -> int:
        """Bytes that its numbers take in memory."""
        return self.weight.numel() * self.weight.element_size()
