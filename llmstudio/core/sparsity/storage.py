"""Storage: how many bytes a model's file takes, foretold to the byte, and how few it could take.

The spelling itself is `core.models.checkpoint.codecs`. This module neither encodes nor writes: it lays the file out on
paper, from the numbers that would be left and where they would stand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from llmstudio.core.models.checkpoint.codecs import TYPES, laid_out
from llmstudio.core.models.checkpoint.tensors import Entry, Numbers
from llmstudio.core.sparsity.rounding import FULL, Width, rounded


@dataclass(frozen=True)
class Stored:
    """What becomes of a tensor in a file.

    Attributes:
        entries: All that lies there for it.
        num_nonzeros: How many of its numbers are not zero.
        bound_bits: Bits below which no file can be, as long as any place may be zero: see `bound_bits`.
    """

    entries: tuple[Entry, ...]
    num_nonzeros: int
    bound_bits: float


def stored(name: str, tensor: Tensor, mask: Tensor | None = None, *, width: Width = FULL) -> Stored:
    """What a tensor becomes once a mask is applied: by the codec which takes the fewest bytes.

    Args:
        name: Of the tensor.
        tensor: All of its numbers.
        mask: False where a number goes.
        width: What they are rounded to before.
    """
    left = (tensor if mask is None else tensor.masked_fill(~mask, 0)).detach().cpu().float().contiguous()
    numbers = Numbers(rounded(left, width))
    _, entries = laid_out(name, numbers)
    bound = bound_bits(left.numel(), numbers.num_nonzeros, numbers.bits) + numbers.scale_bits
    return Stored(tuple(entries), numbers.num_nonzeros, bound)


def bound_bits(count: int, num_nonzeros: int, bits: int) -> float:
    """The fewest bits for `count` numbers of which so many are not zero, anywhere, each of them `bits` wide.

    That is H(share) a number for the places, and the numbers that are left, unless all of them take less. Source: Shannon
    1948, doi:10.1002/j.1538-7305.1948.tb01338.x.
    """
    shares = (num_nonzeros / count, 1 - num_nonzeros / count) if count else ()
    apart = count * -sum(share * math.log2(share) for share in shares if share) + bits * num_nonzeros
    return min(apart, bits * count) if bits else apart


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
