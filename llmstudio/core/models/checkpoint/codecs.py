"""The table of codecs: how one tensor lies in a file. Dense, or a bitmap of its nonzero places with their values.

A bitmap costs one bit a weight whatever the sparsity, so beyond 1/32 zeros of float32 it is the smaller of the two. What a
codec writes it also lays out on paper (`entries`), by which files are foretold and checked before they are read. Adding
one is a class and a line in `CODECS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

Shape = tuple[int, ...]
_MAX_DIMENSIONS = 8


@dataclass(frozen=True)
class Entry:
    """A tensor as a file sees it: its name there, its type and shape."""

    name: str
    dtype: torch.dtype
    shape: Shape

    @property
    def num_bytes(self) -> int:
        """Bytes of its values."""
        return prod(self.shape) * self.dtype.itemsize


class Codec(Protocol):
    """A way to keep a tensor of 32-bit numbers."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """The tensors to write, by their names in the file."""

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """Inverse of `encode`."""

    def entries(self, name: str, shape: Shape, num_nonzeros: int) -> list[Entry]:
        """What `encode` would write of a tensor of this shape with so many values that are not zero."""

    def num_bytes(self, count: int, num_nonzeros: int) -> int:
        """Bytes of `count` values, without those that a shape takes."""

    def described(self, name: str, file: Any) -> tuple[Shape, int]:
        """Shape and number of nonzeros that an open file tells of a tensor, by its header. Raises ValueError."""


class Dense:
    """All values as they are."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """See `Codec`."""
        return {name: tensor}

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        return stored[name]

    def entries(self, name: str, shape: Shape, num_nonzeros: int) -> list[Entry]:
        """See `Codec`."""
        return [Entry(name, torch.float32, shape)]

    def num_bytes(self, count: int, num_nonzeros: int) -> int:
        """See `Codec`."""
        return 4 * count

    def described(self, name: str, file: Any) -> tuple[Shape, int]:
        """See `Codec`."""
        shape = tuple(file.get_slice(name).get_shape())
        return shape, prod(shape)


class Bitmap:
    """One bit a value, and the values that are not zero; it forgets only the sign of zeros."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """See `Codec`."""
        flat = tensor.flatten()
        kept = flat != 0
        bits = torch.from_numpy(np.packbits(kept.numpy(), bitorder="little"))
        shape = torch.tensor(tensor.shape, dtype=torch.int64)
        return {f"{name}:bits": bits, f"{name}:values": flat[kept], f"{name}:shape": shape}

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        shape = torch.Size(stored[f"{name}:shape"].tolist())
        kept = np.unpackbits(stored[f"{name}:bits"].numpy(), count=shape.numel(), bitorder="little").astype(bool)
        flat = torch.zeros(shape.numel())
        flat[torch.from_numpy(kept)] = stored[f"{name}:values"]
        return flat.view(shape)

    def entries(self, name: str, shape: Shape, num_nonzeros: int) -> list[Entry]:
        """See `Codec`."""
        return [
            Entry(f"{name}:bits", torch.uint8, (-(-prod(shape) // 8),)),
            Entry(f"{name}:values", torch.float32, (num_nonzeros,)),
            Entry(f"{name}:shape", torch.int64, (len(shape),)),
        ]

    def num_bytes(self, count: int, num_nonzeros: int) -> int:
        """See `Codec`: one bit for each value, four bytes for each nonzero."""
        return -(-count // 8) + 4 * num_nonzeros

    def described(self, name: str, file: Any) -> tuple[Shape, int]:
        """See `Codec`."""
        (dimensions,) = file.get_slice(f"{name}:shape").get_shape()
        if dimensions > _MAX_DIMENSIONS:
            raise ValueError("a tensor has more dimensions than any of ours")
        (nonzeros,) = file.get_slice(f"{name}:values").get_shape()
        return tuple(file.get_tensor(f"{name}:shape").tolist()), nonzeros


CODECS: dict[str, Codec] = {"dense": Dense(), "bitmap": Bitmap()}


def chosen(count: int, num_nonzeros: int, *, sparse: bool) -> str:
    """Which codec keeps `count` values: dense, or with `sparse` whichever takes the fewest bytes."""
    return min(CODECS, key=lambda name: CODECS[name].num_bytes(count, num_nonzeros)) if sparse else "dense"


def encode(name: str, tensor: Tensor, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
    """The codec chosen, and the tensors to write."""
    codec = chosen(tensor.numel(), int(tensor.count_nonzero()) if sparse else 0, sparse=sparse)
    return codec, CODECS[codec].encode(name, tensor)
