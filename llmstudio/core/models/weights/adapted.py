"""An adapted matrix, or table of tokens: one that stays as it is, and beside it two small ones that learn.

W' = W + s B A, where A (R, D) presses what comes in into R numbers and B (O, R) spreads these again. B begins with zeros,
so that an adapted model begins as the model that it was. Source: Hu et al. 2021, arXiv:2106.09685.

Of a pruned matrix only what is left is adapted: W' = W + s M (B A), number by number, where M is one where W is not zero.
The model learns as what it will be when merged, and the zeros stay. Source: Zimmer et al. 2023, arXiv:2312.15230 (MaskLoRA).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.checkpoint.codecs import encode
from llmstudio.core.models.depth import placed_as
from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.roles import Role, declare, declared
from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.dense import Matrix, Table


def beside(weight: Tensor, rank: int, generator: torch.Generator) -> tuple[nn.Parameter, nn.Parameter]:
    """A (R, D) and B (O, R) as they begin beside a matrix (O, D)."""
    rows, width = weight.shape
    down = torch.randn(rank, width, generator=generator) * width**-0.5
    return nn.Parameter(down.to(weight.device)), nn.Parameter(weight.new_zeros(rows, rank))


def with_added(weight: Tensor, down: Tensor, up: Tensor, scale: float, *, masked: bool) -> Tensor:
    """A matrix (O, D) with what is added to it; `masked` adds nothing where it holds a zero."""
    if not masked:
        return torch.addmm(weight, up, down, alpha=scale)
    return weight + scale * ((up @ down) * (weight != 0))


class Adapted(Weight):
    """Stands in the place of a matrix, whose weight and bias keep their names.

    Attributes:
        down: A, (R, D).
        up: B, (O, R).
        scale: s.
        dropout: Share of what comes in that A does not see while it learns.
        masked: Whether nothing is added where the matrix holds a zero.
    """

    def __init__(
        self,
        base: Matrix | Table,
        rank: int,
        scale: float,
        dropout: float,
        generator: torch.Generator,
        *,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self._base = (base,)  # no part of this one: its parameters are
        self.weight, self.bias = base.weight, None if isinstance(base, Table) else base.bias
        self.scale, self.dropout, self.masked = scale, dropout, masked
        self.down, self.up = beside(base.weight, rank, generator)
        placed_as(declare(self, **declared(base), down=Role.ADAPTER, up=Role.ADAPTER), base)

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., O)."""
        return self.multiply(x, self.bias)

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """See `Weight`; what is added goes through A and B one after the other, which takes far less than their product;
        only a mask needs that.
        """
        seen = drop(x, self.dropout, self.training)
        if not self.masked:
            return F.linear(x, self.weight, bias) + self.scale * F.linear(F.linear(seen, self.down), self.up)
        whole = with_added(self.weight, self.down, self.up, self.scale, masked=True)
        if seen is x:
            return F.linear(x, whole, bias)
        return F.linear(x, self.weight, bias) + F.linear(seen, whole - self.weight)

    def dense(self) -> Tensor:
        """Its numbers, (O, D), with what was learned."""
        return with_added(self.weight, self.down, self.up, self.scale, masked=self.masked).detach()

    def encode(self, name: str, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
        """See `Weight`; what is beside the matrix lies in the file beside it, so here it stands as it is."""
        return encode(name, self.weight.detach().to("cpu", torch.float32).contiguous(), sparse=sparse)

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        return sum(part.numel() * part.element_size() for part in (self.weight, self.down, self.up))

    def merged(self) -> Matrix | Table:
        """The matrix that it stands for, with what was learned in its own numbers."""
        (base,) = self._base
        base.weight.data = self.dense()
        return base


class AdaptedTable(Adapted):
    """The same in the place of a table of tokens: B holds R numbers for each token, and A makes of them what is added."""

    def forward(self, ids: Tensor) -> Tensor:
        """(...) -> (..., D), the tokens' vectors."""
        vectors, added = F.embedding(ids, self.weight), F.embedding(ids, self.up) @ self.down
        return vectors + self.scale * (added * (vectors != 0) if self.masked else added)
