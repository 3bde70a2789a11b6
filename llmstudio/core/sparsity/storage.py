"""Storage: how many bytes a model's file takes, foretold to the byte from shapes and from how many weights are not zero.

The spelling itself, a bitmap of where values are and the values alone, is `core.models.checkpoint.codecs`; it costs one bit
for each weight and 32 for each that is kept. This module neither encodes nor writes: it lays the file out on paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import prod

import numpy as np
from torch import Tensor

from llmstudio.core.models.checkpoint.codecs import CODECS, Entry, Shape, chosen
from llmstudio.core.models.checkpoint.verification import TYPES


def entries(name: str, shape: Shape, num_nonzeros: int) -> list[Entry]:
    """What one tensor becomes in a file: that of the codec which takes the fewest bytes."""
    return CODECS[chosen(prod(shape), num_nonzeros, sparse=True)].entries(name, shape, num_nonzeros)


def file_bytes(entries: Iterable[Entry]) -> int:
    """Bytes of a safetensors file: eight, a JSON header padded to a multiple of eight, the values."""
    order = list(TYPES)  # as safetensors lays them out
    header, at = {}, 0
    for entry in sorted(entries, key=lambda e: (order.index(e.dtype), e.name)):
        end = at + entry.num_bytes
        header[entry.name] = {"dtype": TYPES[entry.dtype], "shape": list(entry.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return 8 + -(-len(text) // 8) * 8 + at


def nonzeros(tensor: Tensor, mask: Tensor | None = None) -> int:
    """How many values of a tensor are not zero, once a mask is applied."""
    # In numpy: torch would share each small count out to its threads, whose meeting costs more than the counting.
    values = tensor.detach().cpu().numpy() != 0
    return int(np.count_nonzero(values if mask is None else values & mask.cpu().numpy()))
