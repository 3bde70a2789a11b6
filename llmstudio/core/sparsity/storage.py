"""Storage: how many bytes a model's file takes, foretold to the byte from shapes and from how many weights are not zero.

The spelling itself, a bitmap of where values are and the values alone, is `core.models.checkpoint.codecs`; it costs one bit
for each weight and 32 for each that is kept. This module neither encodes nor writes: it lays the file out on paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.models.checkpoint.codecs import bitmap_bytes

# What safetensors calls each type, in the order in which it lays them out in a file.
_TYPES = {torch.int64: "I64", torch.float32: "F32", torch.uint8: "U8"}


@dataclass(frozen=True)
class Entry:
    """A tensor as a file sees it: its name there, its type and shape."""

    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]

    @property
    def num_bytes(self) -> int:
        """Bytes of its values."""
        return torch.Size(self.shape).numel() * self.dtype.itemsize


def entries(name: str, shape: tuple[int, ...], num_nonzeros: int, *, sparse: bool = True) -> list[Entry]:
    """What one float32 tensor becomes in a file: itself, or bitmap, values and shape if those take fewer bytes."""
    total = torch.Size(shape).numel()
    if not sparse or bitmap_bytes(total, num_nonzeros) >= 4 * total:
        return [Entry(name, torch.float32, shape)]
    return [
        Entry(f"{name}:bits", torch.uint8, (-(-total // 8),)),
        Entry(f"{name}:values", torch.float32, (num_nonzeros,)),
        Entry(f"{name}:shape", torch.int64, (len(shape),)),
    ]


def file_bytes(entries: Iterable[Entry]) -> int:
    """Bytes of a safetensors file: eight, a JSON header padded to a multiple of eight, the values."""
    order = list(_TYPES)
    header, at = {}, 0
    for entry in sorted(entries, key=lambda e: (order.index(e.dtype), e.name)):
        end = at + entry.num_bytes
        header[entry.name] = {"dtype": _TYPES[entry.dtype], "shape": list(entry.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return 8 + -(-len(text) // 8) * 8 + at


def nonzeros(tensor: Tensor, mask: Tensor | None = None) -> int:
    """How many values of a tensor are not zero, once a mask is applied."""
    # In numpy: torch would share each small count out to its threads, whose meeting costs more than the counting.
    values = tensor.detach().cpu().numpy() != 0
    return int(np.count_nonzero(values if mask is None else values & mask.cpu().numpy()))
