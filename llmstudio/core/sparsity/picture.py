"""A matrix as a picture of its zeros, scaled down without leaving any out, and how many its rows have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 20
"""Parts of the way from no zeros to all, by which rows are counted."""
TALLEST, WIDEST = 128, 192
"""Rows and columns of a picture at most."""


@dataclass(frozen=True)
class MatrixPicture:
    """Where the zeros of a matrix are.

    Attributes:
        name: Of the matrix.
        rows: Its outputs.
        width: Its inputs.
        zeros: How many of its weights are zero.
        cells: (h, w), the share of zeros in each cell of a grid over the matrix, as many cells as it has places or fewer. A
            weight that lies across a border counts in both cells by the part of it that lies there, so the mean is the
            share of zeros of the whole.
        rows_by_share: (BINS,), how many rows have so large a share of zeros, from none to all.
        empty_rows: Of which nothing is left: outputs that are always zero.
        empty_columns: Inputs that nothing listens to.
    """

    name: str
    rows: int
    width: int
    zeros: int
    cells: NDArray[np.float32]
    rows_by_share: NDArray[np.int64]
    empty_rows: int
    empty_columns: int

    @property
    def share(self) -> float:
        """How much of it is zero."""
        return self.zeros / max(1, self.rows * self.width)


def picture_of(name: str, gone: NDArray[np.bool_]) -> MatrixPicture:
    """The picture of a matrix (O, D), true where a weight is zero."""
    rows, width = gone.shape
    down, across = _cells(rows, TALLEST), _cells(width, WIDEST)
    by_row, by_column = gone.sum(axis=1), gone.sum(axis=0)
    shares = by_row / max(1, width)
    return MatrixPicture(
        name=name,
        rows=rows,
        width=width,
        zeros=int(by_row.sum()),
        cells=(down @ gone.astype(np.float32) @ across.T).astype(np.float32),
        rows_by_share=np.histogram(shares, bins=BINS, range=(0.0, 1.0))[0],
        empty_rows=int((by_row == width).sum()),
        empty_columns=int((by_column == rows).sum()),
    )


def _cells(size: int, most: int) -> NDArray[np.float32]:
    """(h, size): how much each place counts in each cell, the places of a cell adding up to one."""
    cells = min(size, most)
    edges = np.arange(cells + 1) * (size / cells)
    places = np.arange(size)
    inside = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    counted: NDArray[np.float32] = (np.clip(inside, 0, None) * (cells / size)).astype(np.float32)
    return counted
