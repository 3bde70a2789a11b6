"""A sparse matrix in memory: 32-bit values, 16-bit columns and where each row begins, panel after panel of columns.

A panel is as wide as a vector that stays in the nearest cache while a row picks its numbers from it. Columns are counted
from the panel's first, so that 16 bits do for any width.

    [0 5 0 0]      values  [5 7 1], columns [1 0 3], starts [0 1 1 3]
    [0 0 0 0]
    [7 0 0 1]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PANEL = 4096
"""Columns of a panel: their numbers take 16 KiB, a third to half of a core's nearest cache."""
BLOCK = 2**20
"""Numbers that are laid out at once where a sparse matrix learns: in 4 MB a product is as fast as in one piece."""


@dataclass(frozen=True, eq=False)
class Layout:
    """A matrix (rows, width) by its nonzeros.

    Attributes:
        starts: (panels * (rows + 1),), for each panel where its rows begin in `values`, and where the last ends.
        columns: (N,), from 0 in each panel.
        values: (N,).
    """

    rows: int
    width: int
    starts: NDArray[np.int64]
    columns: NDArray[np.uint16]
    values: NDArray[np.float32]

    @property
    def panels(self) -> int:
        """How many panels of columns there are; none for a matrix without columns."""
        return -(-self.width // PANEL)

    @property
    def density(self) -> float:
        """Share of the numbers that are not zero; 0 for an empty matrix."""
        return len(self.values) / max(1, self.rows * self.width)

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        return self.starts.nbytes + self.columns.nbytes + self.values.nbytes


def layout_of(dense: NDArray[np.float32]) -> Layout:
    """The nonzeros of a matrix (rows, width). What is not a number is not zero."""
    rows, width = dense.shape
    starts, columns, values = [np.zeros(0, np.int64)], [np.zeros(0, np.uint16)], [np.zeros(0, np.float32)]
    before = 0
    for first in range(0, width, PANEL):
        part = dense[:, first : first + PANEL]
        stays = part != 0
        ends = np.cumsum(np.count_nonzero(stays, axis=1))
        starts.append(before + np.concatenate([[0], ends]))
        columns.append(np.nonzero(stays)[1].astype(np.uint16))
        values.append(part[stays].astype(np.float32, copy=False))
        before = int(starts[-1][-1])
    return Layout(rows, width, np.concatenate(starts), np.concatenate(columns), np.concatenate(values))


def dense_of(layout: Layout) -> NDArray[np.float32]:
    """Inverse of `layout_of`; a -0 comes back as 0."""
    dense = np.zeros((layout.rows, layout.width), np.float32)
    for panel in range(layout.panels):
        starts = layout.starts[panel * (layout.rows + 1) :][: layout.rows + 1]
        of_row = np.repeat(np.arange(layout.rows), np.diff(starts))
        inside = slice(starts[0], starts[-1])
        dense[of_row, panel * PANEL + layout.columns[inside].astype(np.int64)] = layout.values[inside]
    return dense
