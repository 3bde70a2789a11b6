"""The table of codecs: how one tensor lies in a file. Dense, or the numbers that are not zero and where they stand.

Numbers are 32 bits wide, or 16 where they are the same in 16, or integers of 8 or 4 bits where all of them are integers
times the scale of their row or group (`grids`): nothing is rounded here. What a codec writes it also lays out on paper
(`entries`), by which files are foretold, and from a file's header it tells what must lie there (`described`), by which they
are checked before anything is built from them. Adding one is a class and a line in the table. The layout, for whoever reads
such files elsewhere: resources/help/sparse_file.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.models.checkpoint import places
from llmstudio.core.models.checkpoint.on_grid import OnGrid
from llmstudio.core.models.checkpoint.places import Shape
from llmstudio.core.models.checkpoint.tensors import Codec, Entry, Numbers, Written, placed, places_in

TYPES = {torch.int64: "I64", torch.float32: "F32", torch.float16: "F16", torch.uint8: "U8"}
"""What safetensors calls the types that codecs write, in the order in which it lays them out."""
_NUMBERS = (torch.float32, torch.float16)
_MAX_DIMENSIONS = 8
_SAID_BYTES = 120  # a file's header says of a tensor its name, type, shape and place: at most so much, with our names


class Dense:
    """All numbers as they are, in 32 bits or 16."""

    def encode(self, name: str, numbers: Numbers) -> dict[str, Tensor]:
        """See `Written`."""
        return {name: numbers.tensor.to(numbers.dtype)}

    def entries(self, name: str, numbers: Numbers) -> list[Entry] | None:
        """See `Written`."""
        return [Entry(name, numbers.dtype, tuple(numbers.tensor.shape))]

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        return stored[name].float()

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        shape = tuple(file.get_slice(name).get_shape())
        return shape, [Entry(name, _type_of(file, name), shape)]


class Sparse:
    """The numbers that are not zero, in 32 bits or 16, and their places; it forgets only the sign of zeros."""

    def encode(self, name: str, numbers: Numbers) -> dict[str, Tensor]:
        """See `Written`."""
        values = numbers.tensor.flatten()[torch.from_numpy(numbers.kept.reshape(-1))].to(numbers.dtype)
        return {f"{name}:values": values, f"{name}:places": torch.from_numpy(places.encode(numbers.kept))}

    def entries(self, name: str, numbers: Numbers) -> list[Entry] | None:
        """See `Written`."""
        values = Entry(f"{name}:values", numbers.dtype, (numbers.num_nonzeros,))
        return [values, Entry(f"{name}:places", torch.uint8, (places.num_bytes(numbers.kept),))]

    def decode(self, name: str, stored: Mapping[str, Tensor]) -> Tensor:
        """See `Codec`."""
        return placed(stored[f"{name}:places"], stored[f"{name}:values"])

    def described(self, name: str, file: Any) -> tuple[Shape, list[Entry]]:
        """See `Codec`."""
        head, at = places_in(file, name)
        return head.shape, [Entry(f"{name}:values", _type_of(file, f"{name}:values"), (head.num_nonzeros,)), at]


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


_WRITTEN: dict[str, Written] = {
    "dense": Dense(),
    "sparse": Sparse(),
    "grid": OnGrid(sparse=False),
    "sparse_grid": OnGrid(sparse=True),
}
CODECS: dict[str, Codec] = {**_WRITTEN, "bitmap": Bitmap()}


def laid_out(name: str, numbers: Numbers) -> tuple[str, list[Entry]]:
    """The codec that takes the fewest bytes for a tensor, and what lies in the file then."""
    found = {codec: way.entries(name, numbers) for codec, way in _WRITTEN.items()}
    ways = {codec: entries for codec, entries in found.items() if entries is not None}
    codec = min(ways, key=lambda codec: sum(entry.num_bytes + _SAID_BYTES for entry in ways[codec]))
    return codec, ways[codec]


def encode(name: str, tensor: Tensor, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
    """The codec chosen, and the tensors to write: all numbers in 32 bits, or with `sparse` what takes the fewest bytes."""
    if not sparse:
        return "dense", {name: tensor}
    numbers = Numbers(tensor)
    codec, _ = laid_out(name, numbers)
    return codec, _WRITTEN[codec].encode(name, numbers)


def _type_of(file: Any, name: str) -> torch.dtype:
    """The type of numbers in a file: one of the two that may stand there."""
    said = file.get_slice(name).get_dtype()
    return next((dtype for dtype in _NUMBERS if TYPES[dtype] == said), torch.float32)
