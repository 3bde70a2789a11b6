"""Several short documents in one row: which of them share it, so that little of it stays empty.

    unpacked    A A A . . . . .      packed    A A A B B B B C
                B B B B . . . .                D D D D D . E E
                C . . . . . . .

In a packed row a document sees no other one (see `Batch.documents`), so that nothing changes but how much is computed for
nothing. Which documents share a row is found by putting each, the longest first, where it leaves the least room.
Source: Krell et al. 2021, arXiv:2107.02027 (packing without cross-contamination, longest pack first).
"""

from __future__ import annotations

from bisect import bisect_left, insort

import numpy as np
from numpy.typing import NDArray


def pack(lengths: NDArray[np.int64], room: int) -> list[NDArray[np.int64]]:
    """Rows of numbers of documents, each document in one of them, such that the lengths in a row add up to `room` at most.

    Args:
        lengths: (N,) of the documents, none longer than `room`.
        room: Places in a row.
    """
    rows: list[list[int]] = []
    left: dict[int, list[int]] = {}  # rows by the places that are left in them
    sizes: list[int] = []  # the keys of `left`, ascending
    for document in np.argsort(-lengths, kind="stable").tolist():
        length = int(lengths[document])
        at = bisect_left(sizes, length)
        if at == len(sizes):
            row, size = len(rows), room
            rows.append([])
        else:
            size = sizes[at]
            row = left[size].pop()
            if not left[size]:
                del left[size], sizes[at]
        rows[row].append(document)
        if rest := size - length:
            if rest not in left:
                insort(sizes, rest)
                left[rest] = []
            left[rest].append(row)
    return [np.array(row, np.int64) for row in rows]
