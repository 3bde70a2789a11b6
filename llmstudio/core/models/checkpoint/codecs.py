"""How one tensor is spelled in a file: dense, or a bitmap of its nonzero places with their values.

A bitmap costs one bit a weight whatever the sparsity, so beyond 1/32 zeros of float32 it is the smaller of the two.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

DENSE, BITMAP = "dense", "bitmap"


def encode(name: str, tensor: Tensor, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
    """The codec chosen and the tensors to write. With `sparse`, whichever codec takes fewer bytes."""
    if not sparse or bitmap_bytes(tensor.numel(), int(tensor.count_nonzero())) >= 4 * tensor.numel():
        return DENSE, {name: tensor}
    flat = tensor.flatten()
    kept = flat != 0
    bits = torch.from_numpy(np.packbits(kept.numpy(), bitorder="little"))
    shape = torch.tensor(tensor.shape, dtype=torch.int64)
    return BITMAP, {f"{name}:bits": bits, f"{name}:values": flat[kept], f"{name}:shape": shape}


def decode(codec: str, name: str, stored: Mapping[str, Tensor]) -> Tensor:
    """Inverse of `encode`, value for value; a bitmap forgets only the sign of zeros."""
    if codec == DENSE:
        return stored[name]
    shape = torch.Size(stored[f"{name}:shape"].tolist())
    kept = np.unpackbits(stored[f"{name}:bits"].numpy(), count=shape.numel(), bitorder="little").astype(bool)
    flat = torch.zeros(shape.numel())
    flat[torch.from_numpy(kept)] = stored[f"{name}:values"]
    return flat.view(shape)


def bitmap_bytes(count: int, nonzeros: int) -> int:
    """Bytes of a bitmap and float32 values: one bit for each of `count` weights, four bytes a nonzero."""
    return -(-count // 8) + 4 * nonzeros
