"""Sparse weights that learn: of a matrix or a table only the nonzeros are kept, and nothing else has a gradient or moments.

A weight takes 4 bytes for its value, 2 for its column, 4 for its gradient and 8 for AdamW's moments, where a dense one takes
16 bytes; so at 90 % zeros all of it takes a ninth. Products are made block after block: some rows of the matrix are laid out
in a few megabytes, multiplied with as fast as dense ones, and forgotten; in the backward pass again, where the gradient of a
block is a dense product too, of which the places of nonzeros are kept. So a step costs what a dense one does, within a few
percent: it is memory that is saved. A sparse product would save arithmetic as well, but reads numbers one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.layout import BLOCK, PANEL, Layout
from llmstudio.core.models.weights.sparse.products import Product

_FEW = 16  # vectors with which the kernels are faster than a block laid out


@dataclass(frozen=True)
class _Block:
    """Some rows of a panel of columns.

    Attributes:
        rows: Which of the matrix.
        columns: Which of the matrix.
        nonzeros: Which of all values.
        places: Of each of these in the block laid out flat.
    """

    rows: slice
    columns: slice
    nonzeros: slice
    places: Tensor

    def laid_out(self, values: Tensor) -> Tensor:
        """The block's numbers, (rows, columns), of all values."""
        shape = self.rows.stop - self.rows.start, self.columns.stop - self.columns.start
        flat = values.new_zeros(shape[0] * shape[1])
        return flat.scatter_(0, self.places, values[self.nonzeros]).view(shape)


class Learned(Weight):
    """A sparse matrix (rows, width) whose nonzeros are its parameter. Those may become zero and go on learning.

    Attributes:
        values: (N,), in the order of `layout`.
        columns: (N,), 16 bits; see `layout`.
        starts: (panels * (rows + 1),); see `layout`.
        bias: (rows,), or None.
        watch: Called in the backward pass with the gradient of all numbers, (rows, width), zeros too; None for nobody.
    """

    columns: Tensor
    starts: Tensor

    def __init__(self, dense: Tensor, stays: Tensor, bias: nn.Parameter | None = None) -> None:
        """`stays` (bool, rows, width): true where a number of `dense` is kept."""
        super().__init__()
        self.rows, self.width = dense.shape
        self.watch: Callable[[Tensor], None] | None = None
        self.bias, self.values = bias, nn.Parameter(dense.new_empty(0))
        self.register_buffer("columns", None, persistent=False)
        self.register_buffer("starts", None, persistent=False)
        self.place(stays.to(dense.device), dense.detach())

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """All numbers, laid out for a moment; gradients go through it to the values."""
        laid_out: Tensor = _LaidOut.apply(self.values, self)  # type: ignore[no-untyped-call]
        return laid_out

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """See `Weight`."""
        flat = x.reshape(math.prod(x.shape[:-1]), self.width)
        if not torch.is_grad_enabled() and self._is_quick(flat):
            made = torch.from_numpy(Product(self.layout)(flat.numpy(), None if bias is None else bias.detach().numpy()))
        else:
            device = x.device.type
            lowers = torch.is_autocast_enabled(device)
            dtype = torch.get_autocast_dtype(device) if lowers else x.dtype
            with torch.autocast(device, enabled=False):
                made = _Product.apply(flat.to(dtype), self.values, self)  # type: ignore[no-untyped-call]
                made = made if bias is None else made + bias.to(dtype)
        return made.view(*x.shape[:-1], self.rows)

    def dense(self) -> Tensor:
        """See `Weight`."""
        return self.weight.detach()

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        return self.place_bytes + self.values.numel() * self.values.element_size()

    @property
    def num_gone(self) -> int:
        """See `Weight`."""
        return self.rows * self.width - self.values.numel()

    @property
    def place_bytes(self) -> int:
        """Bytes of its columns and of where rows begin."""
        return sum(part.numel() * part.element_size() for part in (self.columns, self.starts))

    @property
    def layout(self) -> Layout:
        """Its nonzeros where they lie, on a processor."""
        values = self.values.detach().numpy()
        return Layout(self.rows, self.width, self.starts.numpy(), self.columns.numpy(), values)

    def stays(self) -> Tensor:
        """True where a number is kept, whatever it is; (rows, width)."""
        return self.laid_out(torch.ones_like(self.values, dtype=torch.bool))

    @torch.no_grad()
    def laid_out(self, numbers: Tensor) -> Tensor:
        """A matrix (rows, width) with these numbers (N,) in the places of the values, of any type; zeros elsewhere."""
        made = numbers.new_empty(self.rows, self.width)
        for block in self.blocks():
            made[block.rows, block.columns] = block.laid_out(numbers)
        return made

    @torch.no_grad()
    def at_places(self, dense: Tensor) -> Tensor:
        """Inverse of `laid_out`: what of a matrix (rows, width) stands in the places of the values, (N,)."""
        return torch.cat([dense[block.rows, block.columns].reshape(-1)[block.places] for block in self.blocks()])

    @torch.no_grad()
    def place(self, stays: Tensor, dense: Tensor) -> None:
        """Keep the numbers of `dense` (rows, width) in the places that stay, and these places."""
        columns, values, ends = [], [], []
        for first in range(0, self.width, PANEL):
            part = stays[:, first : first + PANEL]
            columns.append(part.nonzero()[:, 1])
            values.append(dense[:, first : first + PANEL][part].float())
            ends.append(part.sum(1))
        counted = F.pad(torch.cat(ends).cumsum(0), (1, 0))
        # Where a panel ends, the next begins: both say so.
        self.starts = counted.unfold(0, self.rows + 1, max(1, self.rows)).reshape(-1)
        self.columns, self.values.data = torch.cat(columns).to(torch.uint16), torch.cat(values)

    def move(self, stays: Tensor, dense: Tensor) -> Tensor:
        """As `place`, with as many places as before. Returns which value each of them was, -1 for none: (N,)."""
        numbered = self.laid_out(torch.arange(1, self.values.numel() + 1, device=self.values.device))
        self.place(stays, dense)
        return self.at_places(numbered) - 1

    def blocks(self) -> Iterator[_Block]:
        """The whole matrix block by block, from the first panel to the last."""
        for panel, begins in enumerate(self.starts.view(-1, self.rows + 1)):
            left = panel * PANEL
            width = min(PANEL, self.width - left)
            step = max(1, BLOCK // width)
            for top in range(0, self.rows, step):
                bounds = begins[top : top + step + 1]
                nonzeros, rows = slice(int(bounds[0]), int(bounds[-1])), len(bounds) - 1
                places = torch.arange(0, rows * width, width, device=bounds.device).repeat_interleave(bounds.diff())
                places += self.columns[nonzeros].long()
                yield _Block(slice(top, top + rows), slice(left, left + width), nonzeros, places)

    def _is_quick(self, x: Tensor) -> bool:
        """Whether the kernels multiply with so few vectors. They are not loaded for it, for they take much memory."""
        return KERNELS.module is not None and len(x) <= _FEW and x.device.type == "cpu" and x.dtype == torch.float32

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Only the shape of what `dense` gives: together these would take what is saved. Who writes asks each weight."""
        super()._save_to_state_dict(destination, prefix, keep_vars)
        del destination[prefix + "values"]
        destination[self.name_in(prefix[:-1])] = torch.empty(self.rows, self.width, device="meta")

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, metadata: Any, strict: bool, *lists: Any
    ) -> None:
        """From a dense matrix: it takes its numbers in the places that it has, if they are all; else other places."""
        state = dict(state_dict)
        if (weight := state.pop(prefix + "weight", None)) is not None:
            weight, stays = weight.to(self.values.device, torch.float32), self.stays()
            self.place(weight != 0 if bool((weight[~stays] != 0).any()) else stays, weight)
            state[prefix + "values"] = self.values.detach()
        super()._load_from_state_dict(state, prefix, metadata, strict, *lists)


class LearnedMatrix(Learned):
    """In the place of a matrix."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., rows): how it multiplies, and its offset."""
        return self.multiply(x, self.bias)


class LearnedTable(Learned):
    """In the place of a table of tokens or places."""

    def forward(self, ids: Tensor) -> Tensor:
        """(...) -> (..., width), the tokens' vectors."""
        return F.embedding(ids, self.weight)


class _Product(torch.autograd.Function):
    """x (n, width) with a sparse matrix: (n, rows)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, values: Tensor, weight: Learned) -> Tensor:
        """See `Learned.multiply`. Of the matrix nothing is kept that is not there."""
        ctx.save_for_backward(x, values)
        ctx.weight = weight
        made = x.new_empty(len(x), weight.rows)
        for block in weight.blocks():
            out = made[:, block.rows]
            laid_out = block.laid_out(values.detach()).to(x.dtype)
            torch.addmm(out, x[:, block.columns], laid_out.t(), beta=int(block.columns.start > 0), out=out)
        return made

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """Of `given` (n, rows) the gradients of x and of the values."""
        x, values = ctx.saved_tensors
        weight: Learned = ctx.weight
        of_x = torch.zeros_like(x) if ctx.needs_input_grad[0] else None
        of_values = torch.empty_like(values) if ctx.needs_input_grad[1] else None
        watched = None if weight.watch is None else values.new_empty(weight.rows, weight.width)
        for block in weight.blocks():
            part = given[:, block.rows]
            if of_x is not None:
                of_x[:, block.columns].addmm_(part, block.laid_out(values).to(x.dtype))
            if of_values is not None:
                of_block = part.t() @ x[:, block.columns]
                of_values[block.nonzeros] = of_block.view(-1)[block.places].float()
                if watched is not None:
                    watched[block.rows, block.columns] = of_block
        if weight.watch is not None and watched is not None:
            weight.watch(watched)
        return of_x, of_values, None


class _LaidOut(torch.autograd.Function):
    """All numbers of a sparse matrix, (rows, width)."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Learned) -> Tensor:
        """See `Learned.weight`."""
        ctx.weight = weight
        return weight.laid_out(values.detach())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """Of `given` (rows, width) what belongs to the values."""
        weight: Learned = ctx.weight
        if weight.watch is not None:
            weight.watch(given)
        return weight.at_places(given), None
