"""A tensor as a file sees it, and as it is looked at before it is written; what a codec is; numbers put in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.models.checkpoint import places
from llmstudio.core.models.checkpoint.grids import Grid, recognised
from llmstudio.core.models.checkpoint.places import Kept, Shape

_BLOCK = 1 << 15  # numbers at once: as few as torch keeps to one thread
_SOME = 1 << 10  # most numbers don't fit into 16 bits, and the first few tell


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


class Numbers:
    """A tensor of 32-bit numbers as it is to be written, looked at once for all codecs.

    Attributes:
        tensor: The numbers.
    """

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    @cached_property
    def kept(self) -> Kept:
        """True where a number is not zero."""
        kept: Kept = self.tensor.numpy() != 0
        return kept

    @cached_property
    def num_nonzeros(self) -> int:
        """How many are not zero."""
        return int(np.count_nonzero(self.kept))

    @cached_property
    def dtype(self) -> torch.dtype:
        """The type with the fewest bits that holds them as they are."""
        return shortest_type(self.tensor)

    @cached_property
    def grid(self) -> Grid | None:
        """The grid that they lie on; None if they lie on none."""
        return recognised(self.tensor)

    @property
    def bits(self) -> int:
        """Width of one of them, in bits."""
        return 8 * self.dtype.itemsize if self.grid is None else self.grid.bits

    @property
    def scale_bits(self) -> int:
        """Width of what is needed for all of them besides."""
        return 0 if self.grid is None else 16 * self.grid.scales.numel()


class Codec(Protocol):
    """A way in which a tensor of 32-bit numbers lies in a file."""

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """The tensor, of what lies in the file. Raises ValueError or RuntimeError if that is damaged."""

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """The shape of a tensor in an open file, and all that must lie there for it. Raises ValueError if that can't be."""


class Written(Codec, Protocol):
    """A codec that this version writes."""

    def encode(self, name: str, numbers: Numbers) -> dict[str, Tensor]:
        """The tensors to write, by their names in the file."""

    def entries(self, name: str, numbers: Numbers) -> list[Entry] | None:
        """What `encode` would write; None if these numbers can't be written so."""


def shortest_type(numbers: Tensor) -> torch.dtype:
    """The type with the fewest bits that holds these 32-bit numbers as they are."""
    some = numbers.flatten()[:_SOME]
    is_half = torch.equal(some.half().float(), some) and torch.equal(numbers.half().float(), numbers)
    return torch.float16 if is_half else torch.float32


def placed(data: Tensor, values: Tensor, *, spare: int = 0) -> Tensor:
    """Numbers in their places, zeros elsewhere, in the numbers' type, halves in 32 bits.

    Args:
        data: Where they go.
        values: The numbers.
        spare: How many more of them than places there may be at their end.

    Raises:
        ValueError: They are damaged.
    """
    held = data.numpy()
    head = places.read_head(held[: places.HEAD_BYTES].tobytes())
    if not 0 <= values.numel() - head.num_nonzeros <= spare:
        raise ValueError("a tensor has fewer numbers than places, or more")
    dtype = torch.float32 if values.is_floating_point() else values.dtype
    kept = places.decode(held, head)
    if head.zeros_marked:
        stays = np.ones(head.count, bool)
        for zeros in kept:
            stays[zeros] = False
        kept = (at + np.flatnonzero(stays[at : at + _BLOCK]) for at in range(0, head.count, _BLOCK))
    placed = torch.zeros(head.count, dtype=dtype)
    flat, begun = placed.numpy(), 0
    for found in kept:
        flat[found] = values[begun : begun + found.size].to(dtype).numpy()  # numpy widens halves ten times as slowly
        begun += found.size
    return placed.view(head.shape)


def places_in(file: Any, name: str) -> tuple[places.Head, Entry]:
    """What the places of a tensor in a file say, and how they must lie there."""
    head = places.read_head(file.get_slice(f"{name}:places")[: places.HEAD_BYTES].numpy().tobytes())
    return head, Entry(f"{name}:places", torch.uint8, (head.num_bytes,))
