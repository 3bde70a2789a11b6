"""Where the numbers of a tensor that are not zero stand, coded in nearly as few bits as chance allows.

Marked is whichever is rarer, the numbers that are not zero or those that are; one more mark stands behind the last number.
What is written are the gaps between marks, in Rice's code: the k low bits of each in k planes of one bit a gap, and what is
above them as so many zeros and a one. With k = 0 that is a bitmap. At random places it takes at most 2.4 % more than the
entropy; kept apart like this, both parts are read without a loop over gaps. The bytes: resources/help/sparse_file.md.

Numbers in and out are numpy's. Sources: Golomb 1966, doi:10.1109/TIT.1966.1053907; Rice 1979, JPL Publication 79-22.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]
Kept = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

HEAD_BYTES = 2 + 4 * 10
"""Bytes at the beginning within which every head ends."""
_MAX_DIMENSIONS = 8
_MAX_LOW_BITS = 8  # so that low parts are bytes, and a tensor has at most 2,048 numbers for each byte of its places
_ZEROS_MARKED = 0x80
_BLOCK_BYTES = 1 << 13  # read at once: stays in the processor's cache, and is too little for torch to share out to threads


@dataclass(frozen=True)
class Head:
    """What the first bytes say of the rest.

    Attributes:
        shape: The tensor's.
        num_nonzeros: How many of its numbers are not zero.
        low_bits: k.
        zeros_marked: Whether the marks are the zeros.
        above_bytes: Bytes of the gaps' upper parts.
    """

    shape: Shape
    num_nonzeros: int
    low_bits: int
    zeros_marked: bool
    above_bytes: int

    @property
    def count(self) -> int:
        """Numbers of the tensor."""
        return prod(self.shape)

    @property
    def num_marks(self) -> int:
        """Marks, with the one behind the last number."""
        return 1 + (self.count - self.num_nonzeros if self.zeros_marked else self.num_nonzeros)

    @property
    def plane_bytes(self) -> int:
        """Bytes of one plane of low bits."""
        return -(-self.num_marks // 8)

    @property
    def own_bytes(self) -> int:
        """Bytes of the head itself."""
        return _head_bytes(len(self.shape))

    @property
    def num_bytes(self) -> int:
        """Bytes of all."""
        return self.own_bytes + self.low_bits * self.plane_bytes + self.above_bytes


def encode(kept: Kept) -> Bytes:
    """The bytes that say where `kept`, of any shape, is true."""
    gaps, zeros_marked = _gaps(kept)
    above, low_bits = _split(gaps)
    ends = np.cumsum(above + 1)
    bits = np.zeros(int(ends[-1]), bool)
    bits[ends - 1] = True
    upper = np.packbits(bits, bitorder="little")
    low = (gaps & ((1 << low_bits) - 1)).astype(np.uint8)
    planes = [np.packbits((low >> place) & 1, bitorder="little") for place in range(low_bits)]
    first, sizes = low_bits | _ZEROS_MARKED * zeros_marked, (*kept.shape, int(np.count_nonzero(kept)), upper.size)
    head = struct.pack(f"<BB{len(sizes)}I", first, kept.ndim, *sizes)
    return np.concatenate([np.frombuffer(head, np.uint8), *planes, upper])


def num_bytes(kept: Kept) -> int:
    """How many bytes `encode` would give."""
    gaps, _ = _gaps(kept)
    above, low_bits = _split(gaps)
    return _head_bytes(kept.ndim) + low_bits * -(-gaps.size // 8) + -(-(int(above.sum()) + gaps.size) // 8)


def read_head(beginning: bytes) -> Head:
    """What the first bytes say, as many as `HEAD_BYTES` or as there are. Raises ValueError if they say nothing possible."""
    if len(beginning) < 2 or beginning[1] > _MAX_DIMENSIONS or len(beginning) < _head_bytes(beginning[1]):
        raise ValueError("the places of a tensor begin otherwise than any of ours")
    *shape, num_nonzeros, above_bytes = struct.unpack_from(f"<{beginning[1] + 2}I", beginning, 2)
    marked = bool(beginning[0] & _ZEROS_MARKED)
    head = Head(tuple(shape), num_nonzeros, beginning[0] & ~_ZEROS_MARKED, marked, above_bytes)
    # The upper parts reach to the end of the tensor: a few bytes can't promise more numbers than any memory holds.
    if head.low_bits > _MAX_LOW_BITS or num_nonzeros > head.count or head.count >= 8 * above_bytes << head.low_bits:
        raise ValueError("the places of a tensor do not cover it")
    return head


def decode(data: Bytes, head: Head) -> Iterator[NDArray[np.int64]]:
    """The places of the marks in a tensor laid out flat, growing, block by block; inverse of `encode`, whose head is read.

    Raises:
        ValueError: The bytes are not what the head says.
    """
    if data.size != head.num_bytes:
        raise ValueError("the places of a tensor are cut or too long")
    upper = data[data.size - head.above_bytes :]
    low = _low_parts(data[head.own_bytes : data.size - head.above_bytes], head)
    num_found = lower = last = 0
    for start in range(0, upper.size, _BLOCK_BYTES):
        # Before the i-th one stand i ones, and as many zeros as the upper parts of its gap and those before it come to.
        marks = np.flatnonzero(np.unpackbits(upper[start : start + _BLOCK_BYTES], bitorder="little").view(bool))
        if not marks.size:
            continue
        order = np.arange(num_found, num_found + marks.size)
        num_found += marks.size
        if num_found > head.num_marks:
            raise ValueError("the places of a tensor are more than it says")
        marks += 8 * start - order
        marks <<= head.low_bits
        marks += order
        if head.low_bits:
            below = np.cumsum(low[num_found - marks.size : num_found], dtype=np.int64)
            below += lower
            lower = int(below[-1])
            marks += below
        last, is_end = int(marks[-1]), num_found == head.num_marks
        if last >= head.count + is_end:
            raise ValueError("the places of a tensor lie outside of it")
        yield marks[:-1] if is_end else marks
    if num_found != head.num_marks or last != head.count:
        raise ValueError("the places of a tensor end before it does")


def _head_bytes(dimensions: int) -> int:
    return 2 + 4 * (dimensions + 2)


def _gaps(kept: Kept) -> tuple[NDArray[np.int64], bool]:
    """How many numbers lie before each mark since the one before it, and whether the zeros are marked."""
    flat = kept.reshape(-1)
    zeros_marked = 2 * int(np.count_nonzero(flat)) > flat.size
    marks = np.append(np.flatnonzero(~flat if zeros_marked else flat), flat.size)
    return np.diff(marks, prepend=-1) - 1, zeros_marked


def _split(gaps: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The gaps without their k low bits, and k: one more as long as the zeros saved are more than the bits that it costs.

    Each further bit saves less than the one before it, so the first that does not pay ends the search.
    """
    above, low_bits = gaps, 0
    while low_bits < _MAX_LOW_BITS:
        halves = above >> 1
        if int(above.sum()) - int(halves.sum()) <= gaps.size:
            break
        above, low_bits = halves, low_bits + 1
    return above, low_bits


def _low_parts(planes: Bytes, head: Head) -> Bytes:
    low = np.zeros(head.num_marks, np.uint8)
    for place, plane in enumerate(planes.reshape(head.low_bits, -1) if head.low_bits else ()):
        low |= np.unpackbits(plane, count=head.num_marks, bitorder="little") << np.uint8(place)
    return low
