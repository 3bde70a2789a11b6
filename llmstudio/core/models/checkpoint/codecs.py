"""The table of codecs: how one tensor lies in a file. Dense, or the numbers that are not zero and where they stand.

Numbers are 32 bits wide, or 16 where they are the same in 16: nothing is rounded here. What a codec writes it also lays out
on paper (`entries`), by which files are foretold, and from a file's header it tells what must lie there (`described`), by
which they are checked before anything is built from them. Adding one is a class and a line in the table. The layout, for
whoever reads such files elsewhere: resources/help/sparse_file.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.models.checkpoint import places
from llmstudio.core.models.checkpoint.places import Kept, Shape

TYPES = {torch.int64: "I64", torch.float32: "F32", torch.float16: "F16", torch.uint8: "U8"}
"""What safetensors calls the types that codecs write, in the order in which it lays them out."""
_NUMBERS = (torch.float32, torch.float16)
_MAX_DIMENSIONS = 8
_BLOCK = 1 << 15  # numbers at once: as few as torch keeps to one thread
_SAID_BYTES = 120  # a file's header says of a tensor its name, type, shape and place: at most so much, with our names
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


class Codec(Protocol):
    """A way in which a tensor of 32-bit numbers lies in a file."""

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """The tensor, of what lies in the file. Raises ValueError or RuntimeError if that is damaged."""

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """The shape of a tensor in an open file, and all that must lie there for it. Raises ValueError if that can't be."""


class Written(Codec, Protocol):
    """A codec that this version writes."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """The tensors to write, by their names in the file; of the numbers' own type."""

    def entries(self, name: str, kept: Kept, dtype: torch.dtype) -> list[Entry]:
        """What `encode` would write of a tensor of this type, of which `kept` are not zero."""


class Dense:
    """All numbers as they are, in 32 bits or 16."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """See `Written`."""
        return {name: tensor}

    def entries(self, name: str, kept: Kept, dtype: torch.dtype) -> list[Entry]:
        """See `Written`."""
        return [Entry(name, dtype, kept.shape)]

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        return stored[name].float()

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        shape = tuple(file.get_slice(name).get_shape())
        return shape, [Entry(name, _type_of(file, name), shape)]


class Sparse:
    """The numbers that are not zero, in 32 bits or 16, and their places; it forgets only the sign of zeros."""

    def encode(self, name: str, tensor: Tensor) -> dict[str, Tensor]:
        """See `Written`."""
        kept = (tensor != 0).numpy()
        values = tensor.flatten()[torch.from_numpy(kept.reshape(-1))]
        return {f"{name}:values": values, f"{name}:places": torch.from_numpy(places.encode(kept))}

    def entries(self, name: str, kept: Kept, dtype: torch.dtype) -> list[Entry]:
        """See `Written`."""
        values = Entry(f"{name}:values", dtype, (int(np.count_nonzero(kept)),))
        return [values, Entry(f"{name}:places", torch.uint8, (places.num_bytes(kept),))]

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        data, values = stored[f"{name}:places"].numpy(), stored[f"{name}:values"]
        head = places.read_head(data[: places.HEAD_BYTES].tobytes())
        if values.numel() != head.num_nonzeros:
            raise ValueError("a tensor has fewer numbers than places, or more")
        kept = places.decode(data, head)
        if head.zeros_marked:
            stays = np.ones(head.count, bool)
            for zeros in kept:
                stays[zeros] = False
            kept = (at + np.flatnonzero(stays[at : at + _BLOCK]) for at in range(0, head.count, _BLOCK))
        flat, begun = np.zeros(head.count, np.float32), 0
        for found in kept:
            flat[found] = values[begun : begun + found.size].float().numpy()  # numpy widens halves ten times as slowly
            begun += found.size
        return torch.from_numpy(flat).view(head.shape)

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        head = places.read_head(file.get_slice(f"{name}:places")[: places.HEAD_BYTES].numpy().tobytes())
        values = Entry(f"{name}:values", _type_of(file, f"{name}:values"), (head.num_nonzeros,))
        return head.shape, [values, Entry(f"{name}:places", torch.uint8, (head.num_bytes,))]


class Bitmap:
    """One bit a number, and the numbers that are not zero: as earlier versions wrote, and no longer does this one."""

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        shape = torch.Size(stored[f"{name}:shape"].tolist())
        kept = np.unpackbits(stored[f"{name}:bits"].numpy(), count=shape.numel(), bitorder="little").astype(bool)
        flat = torch.zeros(shape.numel())
        flat[torch.from_numpy(kept)] = stored[f"{name}:values"]
        return flat.view(shape)

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        (dimensions,) = file.get_slice(f"{name}:shape").get_shape()
        if dimensions > _MAX_DIMENSIONS:
            raise ValueError("a tensor has more dimensions than any of ours")
        shape = tuple(file.get_tensor(f"{name}:shape").tolist())
        (num_nonzeros,) = file.get_slice(f"{name}:values").get_shape()
        if min(shape, default=1) < 0 or num_nonzeros > prod(shape):
            raise ValueError("a tensor has more numbers than places")
        bits = Entry(f"{name}:bits", torch.uint8, (-(-prod(shape) // 8),))
        values = Entry(f"{name}:values", torch.float32, (num_nonzeros,))
        return shape, [bits, values, Entry(f"{name}:shape", torch.int64, (dimensions,))]


_WRITTEN: dict[str, Written] = {"dense": Dense(), "sparse": Sparse()}
CODECS: dict[str, Codec] = {**_WRITTEN, "bitmap": Bitmap()}


def laid_out(name: str, kept: Kept, dtype: torch.dtype) -> tuple[str, list[Entry]]:
    """The codec that takes the fewest bytes for a tensor of which `kept` are not zero, and what lies in the file then."""
    ways = {codec: way.entries(name, kept, dtype) for codec, way in _WRITTEN.items()}
    codec = min(ways, key=lambda codec: sum(entry.num_bytes + _SAID_BYTES for entry in ways[codec]))
    return codec, ways[codec]


def shortest_type(numbers: Tensor) -> torch.dtype:
    """The type with the fewest bits that holds these 32-bit numbers as they are."""
    some = numbers.flatten()[:_SOME]
    is_half = torch.equal(some.half().float(), some) and torch.equal(numbers.half().float(), numbers)
    return torch.float16 if is_half else torch.float32


def encode(name: str, tensor: Tensor, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
    """The codec chosen, and the tensors to write: all numbers in 32 bits, or with `sparse` what takes the fewest bytes."""
    if not sparse:
        return "dense", _WRITTEN["dense"].encode(name, tensor)
    dtype = shortest_type(tensor)
    codec, _ = laid_out(name, (tensor != 0).numpy(), dtype)
    return codec, _WRITTEN[codec].encode(name, tensor.to(dtype))


def _type_of(file: Any, name: str) -> torch.dtype:
    """The type of numbers in a file: one of the two that may stand there."""
    said = file.get_slice(name).get_dtype()
    return next((dtype for dtype in _NUMBERS if TYPES[dtype] == said), torch.float32)
