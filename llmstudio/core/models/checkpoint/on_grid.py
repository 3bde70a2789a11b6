"""Codecs of numbers on a grid: integers of 8 or 4 bits, all of them or those that are not zero, and their scales."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from llmstudio.core.models.checkpoint import places
from llmstudio.core.models.checkpoint.grids import GROUPS, LARGEST, Grid, num_groups
from llmstudio.core.models.checkpoint.places import Shape
from llmstudio.core.models.checkpoint.tensors import Entry, Numbers, placed, places_in

_MAX_DIMENSIONS = 8
_HEAD_BYTES = 2 + 4 * (_MAX_DIMENSIONS + 1)


class OnGrid:
    """Integers of 8 or 4 bits, all or those that are not zero and their places, and their scales."""

    def __init__(self, *, sparse: bool) -> None:
        self._sparse = sparse

    def encode(self, name: str, numbers: Numbers) -> dict[str, Tensor]:
        """See `Written`."""
        grid = numbers.grid
        assert grid is not None
        flat = grid.integers.flatten()
        written = flat[flat != 0] if self._sparse else flat
        integers = torch.cat([_Head.of(grid).encoded(), _packed(written, grid.bits)])
        at = {f"{name}:places": torch.from_numpy(places.encode(numbers.kept))} if self._sparse else {}
        return {f"{name}:scales": grid.scales, f"{name}:integers": integers} | at

    def entries(self, name: str, numbers: Numbers) -> list[Entry] | None:
        """See `Written`."""
        if (grid := numbers.grid) is None:
            return None
        if not self._sparse:
            return _Head.of(grid).entries(name, numbers.tensor.numel())
        at = Entry(f"{name}:places", torch.uint8, (places.num_bytes(numbers.kept),))
        return [*_Head.of(grid).entries(name, numbers.num_nonzeros), at]

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        return self.grid(name, stored).dense()

    def grid(self, name: str, stored: Mapping[str, Tensor]) -> Grid:
        """The integers and scales of a tensor, of what lies in the file. Raises ValueError if that is damaged."""
        data = stored[f"{name}:integers"]
        head = _Head.read(data[:_HEAD_BYTES])
        integers, most = _unpacked(data[head.num_bytes :], head.bits), LARGEST[head.bits]
        if bool(((integers > most) | (integers < -most)).any()):
            raise ValueError("a tensor has integers that no grid has")
        if self._sparse:
            integers = placed(stored[f"{name}:places"], integers, spare=8 // head.bits - 1)
        else:
            integers = integers[: prod(head.shape)]
        return Grid(integers.view(head.shape), stored[f"{name}:scales"], head.bits, head.group)

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        head = _Head.read(file.get_slice(f"{name}:integers")[:_HEAD_BYTES])
        if not self._sparse:
            return head.shape, head.entries(name, prod(head.shape))
        kept, at = places_in(file, name)
        if kept.shape != head.shape:
            raise ValueError("a tensor has two shapes")
        return head.shape, [*head.entries(name, kept.num_nonzeros), at]


@dataclass(frozen=True)
class _Head:
    """What the first bytes of integers say: their width in bits, dimensions, sizes, how many neighbours share a scale."""

    shape: Shape
    bits: int
    group: int

    @classmethod
    def of(cls, grid: Grid) -> _Head:
        return cls(tuple(grid.integers.shape), grid.bits, grid.group)

    @property
    def num_bytes(self) -> int:
        return 2 + 4 * len(self.shape) + 4

    def encoded(self) -> Tensor:
        packed = struct.pack(f"<BB{len(self.shape) + 1}I", self.bits, len(self.shape), *self.shape, self.group)
        return torch.frombuffer(bytearray(packed), dtype=torch.uint8)

    @classmethod
    def read(cls, beginning: Tensor) -> _Head:
        """Raises ValueError if the bytes say nothing possible."""
        held = beginning.numpy().tobytes()
        if len(held) < 2 or not 2 <= held[1] <= _MAX_DIMENSIONS or len(held) < 6 + 4 * held[1] or held[0] not in LARGEST:
            raise ValueError("the integers of a tensor begin otherwise than any of ours")
        *shape, group = struct.unpack_from(f"<{held[1] + 1}I", held, 2)
        if group not in GROUPS or group >= max(1, shape[-1]):
            raise ValueError("the integers of a tensor share scales otherwise than any of ours")
        return cls(tuple(shape), held[0], group)

    def entries(self, name: str, count: int) -> list[Entry]:
        """Of so many integers."""
        scales = prod(self.shape[:-1]), num_groups(self.shape[-1], self.group)
        integers = (self.num_bytes + -(-count * self.bits // 8),)
        return [Entry(f"{name}:scales", torch.float16, scales), Entry(f"{name}:integers", torch.uint8, integers)]


def _packed(integers: Tensor, bits: int) -> Tensor:
    """Integers, flat, as bytes: in two's complement, two of 4 bits in a byte, the first in its lower half."""
    held = integers.view(torch.uint8)
    if bits == 8:
        return held
    held = torch.cat([held, held.new_zeros(held.numel() % 2)]) & 15
    return held[0::2] | held[1::2] << 4


def _unpacked(held: Tensor, bits: int) -> Tensor:
    """Inverse of `_packed`; an odd number of 4 bits comes back with a zero at its end."""
    if bits == 8:
        return held.view(torch.int8)
    both = torch.stack([held << 4, held], dim=1).flatten().view(torch.int8)
    return both >> 4
