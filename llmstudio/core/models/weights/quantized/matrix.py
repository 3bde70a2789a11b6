"""A quantised matrix as a weight of a model: its integers and scales are there, and no wider numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.checkpoint.grids import Grid
from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.sparse.building import KERNELS

Array = NDArray[np.float32]
_BLOCK = 1 << 18  # numbers that are spelled out at once: a megabyte, which stays in a processor's cache
_FEW_VECTORS = 8  # more are multiplied sooner with numbers that are spelled out


class QuantizedMatrix(Weight):
    """Stands in the place of a `Matrix` where a model is only read: it multiplies, and does not learn.

    In the model's state it stands as the dense matrix that it is, under the same names. Integers of 4 bits take a byte each
    here, too: two of them in a byte would have to be taken apart at every product.

    Attributes:
        grid: Its integers and scales.
        bias: (rows,), or None.
    """

    grid: Grid
    bias: Tensor | None

    def __init__(self, grid: Grid, bias: Tensor | None = None) -> None:
        super().__init__()
        self.bias = None if bias is None else nn.Parameter(bias.detach(), requires_grad=False)
        rows, width = grid.integers.shape
        self._groups = grid.scales.shape[1]
        self._size = grid.group or width
        # The kernel wants whole groups; `grid` sees the same integers without what fills the last one up.
        filled = F.pad(grid.integers, (0, self._groups * self._size - width)).contiguous()
        self._kept = filled.view(-1).numpy(), grid.scales.float().contiguous().view(-1).numpy()
        self.grid = Grid(filled.view(rows, -1)[:, :width], grid.scales, grid.bits, grid.group)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., rows), with its offset."""
        return self.multiply(x, self.bias)

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., width) -> (..., rows): few vectors by the kernel if there is one, else block by block with numbers spelled
        out.
        """
        flat = x.reshape(-1, x.shape[-1])
        is_learned = torch.is_grad_enabled() and x.requires_grad
        if not is_learned and x.device.type == "cpu" and x.dtype == torch.float32 and len(flat) <= _FEW_VECTORS:
            product = torch.from_numpy(self.product(flat.detach().numpy()))
        else:
            product = torch.cat([F.linear(flat, block.to(x.device, x.dtype)) for block in self._blocks()], dim=1)
        product = product.view(*x.shape[:-1], len(self.grid.scales))
        return product if bias is None else product + bias

    def product(self, x: Array) -> Array:
        """(n, width) -> (n, rows), without the offset."""
        if len(x) > _FEW_VECTORS or KERNELS.why_not() is not None:
            with np.errstate(all="ignore"):
                return np.concatenate([x @ block.numpy().T for block in self._blocks()], axis=1)
        (integers, scales), rows = self._kept, len(self.grid.scales)
        y = np.zeros((len(x), rows), np.float32)
        spare = self._groups * self._size - x.shape[1]
        wide = np.ascontiguousarray(np.pad(x, ((0, 0), (0, spare))) if spare else x)
        for given, sums in zip(wide, y, strict=True):
            KERNELS.module.multiply_integers(integers, scales, given, sums, self._groups, self._size)
        return y

    def dense(self) -> Tensor:
        """Its numbers, (rows, width)."""
        return self.grid.dense()

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        integers, scales = self._kept
        return int(integers.nbytes + scales.nbytes + self.grid.scales.nbytes)

    def _blocks(self) -> list[Tensor]:
        rows, width = self.grid.integers.shape
        step = max(1, _BLOCK // max(1, width))
        return [self.grid.rows(slice(first, first + step)).dense() for first in range(0, rows, step)]

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        destination[prefix + "weight"] = self.dense()
        super()._save_to_state_dict(destination, prefix, keep_vars)
