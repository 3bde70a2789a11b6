"""A growing column of numbers, and few points that stand for many of them. Numbers only: no Qt.

A run may have a million steps and is drawn ten times a second, so nothing here looks at all of them twice: `Series` keeps
running sums (any smoothing is then two look-ups a point) and the lowest and highest of every 64 values (a peak is never
lost, and never searched for again).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Floats = NDArray[np.float64]
BLOCK = 64
MAX_POINTS = 2000


class Growing:
    """An array that is appended to; it doubles when it is full, so a value costs the same however many there are."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room = np.empty(256, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[np.generic]:
        """A view of what is there; valid until the next `extend`."""
        return self._room[: self._count]

    def extend(self, values: ArrayLike) -> None:
        """Append."""
        more = np.asarray(values, self._room.dtype)
        need = self._count + len(more)
        if need > len(self._room):
            room = np.empty(max(need, 2 * len(self._room)), self._room.dtype)
            room[: self._count] = self.values
            self._room = room
        self._room[self._count : need] = more
        self._count = need

    def cut(self, count: int) -> None:
        """Keep the first `count`."""
        self._count = min(self._count, count)


class Series:
    """One column of a run. Values that are not finite count for nothing in means, and leave a gap in lines."""

    def __init__(self, dtype: DTypeLike = np.float32) -> None:
        self._values = Growing(dtype)
        self._sums = Growing(np.float64)  # of the finite values, up to and with each
        self._counts = Growing(np.int64)  # how many of them are finite
        self._lows = Growing(np.float64)  # of every whole block
        self._highs = Growing(np.float64)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> NDArray[np.generic]:
        """All values so far."""
        return self._values.values

    def extend(self, values: ArrayLike) -> None:
        """Append."""
        more = np.asarray(values, self._values.values.dtype)
        if not len(more):
            return
        finite = np.isfinite(more)
        sums, counts = self._sums.values, self._counts.values
        self._sums.extend(np.cumsum(np.where(finite, more, 0), dtype=np.float64) + (sums[-1] if len(sums) else 0.0))
        self._counts.extend(np.cumsum(finite) + (counts[-1] if len(counts) else 0))
        self._values.extend(more)
        self._fill_blocks()

    def cut(self, count: int) -> None:
        """Keep the first `count`."""
        for column in (self._values, self._sums, self._counts):
            column.cut(count)
        self._lows.cut(len(self._values) // BLOCK)
        self._highs.cut(len(self._values) // BLOCK)

    def smooth(self, rows: NDArray[np.intp], window: float) -> Floats:
        """Mean over the `window` values around each of `rows`; NaN where there is none.

        The window shrinks at the start, where the loss falls fastest, so that it stays symmetric and adds no lag; at the
        end it looks back only.
        """
        half = np.minimum(int(window) // 2, rows)
        below = rows - half - 1
        above = np.minimum(rows + half, len(self) - 1)
        sums, counts = self._sums.values, self._counts.values
        total = sums[above] - np.where(below >= 0, sums[below], 0.0)
        count = counts[above] - np.where(below >= 0, counts[below], 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(count > 0, total / count, np.nan)

    def peaks(self, start: int, stop: int, max_points: int = MAX_POINTS) -> tuple[NDArray[np.intp], Floats]:
        """Rows and values that draw the same line as rows `start` to `stop`, at most `max_points` of them.

        Each stretch of rows is drawn by its lowest and its highest value, so no spike is lost. The very first and last
        value are always among them.
        """
        count = stop - start
        if count <= max_points:
            rows = np.arange(start, stop)
            return rows, self._values.values[start:stop].astype(np.float64)
        num_bins = max_points // 2 - 2
        if count <= max_points * BLOCK:
            edges = np.linspace(start, stop, num_bins + 1).astype(np.intp)[:-1]
            part = self._values.values[:stop]
            with np.errstate(invalid="ignore"):
                lows, highs = np.fmin.reduceat(part, edges), np.fmax.reduceat(part, edges)
        else:  # whole blocks: their extremes are known
            first, last = start // BLOCK, stop // BLOCK
            blocks = np.linspace(first, last, num_bins + 1).astype(np.intp)[:-1]
            with np.errstate(invalid="ignore"):
                lows = np.fmin.reduceat(self._lows.values[:last], blocks)
                highs = np.fmax.reduceat(self._highs.values[:last], blocks)
            edges = np.maximum(blocks * BLOCK, start)
            if tail := self._values.values[last * BLOCK : stop].tolist():
                lows, highs = np.append(lows, np.fmin.reduce(tail)), np.append(highs, np.fmax.reduce(tail))
                edges = np.append(edges, last * BLOCK)
        rows = np.concatenate([[start], np.repeat(edges, 2), [stop - 1]])
        ends = self._values.values[[start, stop - 1]]
        values = np.concatenate([ends[:1], np.stack([lows, highs], 1).ravel(), ends[1:]]).astype(np.float64)
        return rows, values

    def _fill_blocks(self) -> None:
        done, whole = len(self._lows), len(self._values) // BLOCK
        if whole > done:
            blocks = self._values.values[done * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
            finite = np.where(np.isfinite(blocks), blocks, np.nan)
            self._lows.extend(np.fmin.reduce(finite, axis=1))
            self._highs.extend(np.fmax.reduce(finite, axis=1))


def spread(start: int, stop: int, max_points: int = MAX_POINTS) -> NDArray[np.intp]:
    """At most `max_points` rows, evenly spread over `start` to `stop`, both ends among them."""
    if stop - start <= max_points:
        return np.arange(start, stop)
    return np.linspace(start, stop - 1, max_points).astype(np.intp)


def exponents(values: ArrayLike) -> Floats:
    """Powers of ten that give these; NaN where there is none."""
    numbers = np.asarray(values, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numbers > 0, np.log10(numbers), np.nan)


def without_neighbours(ys: Floats) -> NDArray[np.bool_]:
    """Which heights stand alone between gaps."""
    whole = np.isfinite(ys)
    beside = np.zeros_like(whole)
    beside[1:] |= whole[:-1]
    beside[:-1] |= whole[1:]
    return whole & ~beside
