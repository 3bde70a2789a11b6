"""A sparse matrix as a weight of a model: only its nonzeros are there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.layout import Layout, dense_of, layout_of
from llmstudio.core.models.weights.sparse.products import Product


class SparseMatrix(Weight):
    """Stands in the place of a `Matrix` where a model is only read: it multiplies, and does not learn.

    In the model's state it stands as the dense matrix that it is, under the same names, so that whatever saves, exports or
    compares a model need not know of it. Its values are 32-bit numbers, whatever it multiplies with.

    Attributes:
        layout: Its nonzeros.
        product: What multiplies with them.
        dtype: Of the dense matrix that it is.
        bias: (rows,), or None.
    """

    layout: Layout
    product: Product
    bias: Tensor | None

    def __init__(self, layout: Layout, bias: Tensor | None = None, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.layout, self.product, self.dtype = layout, Product(layout), dtype
        self.bias = None if bias is None else nn.Parameter(bias.detach(), requires_grad=False)

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor | None = None) -> SparseMatrix:
        """From a dense matrix (rows, width) of 32 or 16 bits."""
        return cls(_layout(weight), bias, weight.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., rows), with its offset."""
        return self.multiply(x, self.bias)

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., width) -> (..., rows): by the kernels; densely without them, elsewhere than on a processor, for numbers of
        64 bits, and where `x` is learned through.
        """
        is_learned = torch.is_grad_enabled() and (x.requires_grad or (bias is not None and bias.requires_grad))
        if is_learned or x.device.type != "cpu" or x.dtype == torch.float64 or KERNELS.why_not() is not None:
            return F.linear(x, self.dense().to(x.device, x.dtype), bias)
        flat = x.detach().reshape(math.prod(x.shape[:-1]), self.layout.width).float().numpy()
        added = None if bias is None else bias.detach().float().numpy()
        product = torch.from_numpy(self.product(flat, added))
        return product.to(x.dtype).view(*x.shape[:-1], self.layout.rows)

    def dense(self) -> Tensor:
        """Its numbers, (rows, width)."""
        return torch.from_numpy(dense_of(self.layout)).to(self.dtype)

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        return self.layout.num_bytes

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        destination[prefix + "weight"] = self.dense()
        super()._save_to_state_dict(destination, prefix, keep_vars)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, metadata: Any, strict: bool, *lists: Any
    ) -> None:
        state = dict(state_dict)
        if (weight := state.pop(prefix + "weight", None)) is not None:
            self.layout = _layout(weight)
            self.product = Product(self.layout)
        super()._load_from_state_dict(state, prefix, metadata, strict, *lists)


def _layout(weight: Tensor) -> Layout:
    return layout_of(weight.detach().to("cpu", torch.float32).numpy())
