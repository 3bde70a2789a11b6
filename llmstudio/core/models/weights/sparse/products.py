"""Products of sparse matrices with one vector or many: sparse times dense, shared by threads.

A sparse product leaves out what a zero would be multiplied with; but zero times infinity is no number. So where a vector
holds what is not finite, the product is made densely, and says the same as a dense one everywhere.
"""

from __future__ import annotations

import threading

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.layout import PANEL, Layout, dense_of

Array = NDArray[np.float32]
_WORTH_SHARING = 8_000  # nonzeros of a chunk, which take a few microseconds; less is done sooner than another thread sees it
_MOST_THREADS = 4  # more wait for memory
_LOOKS = 400_000  # of an idle thread before it sleeps: a fraction of a millisecond, the pause between two tokens


class Product:
    """Multiplies with one matrix. The kernels must be there (`KERNELS.why_not`) when it does. Any thread may call it."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._matrix = layout.starts, layout.columns, layout.values
        self._shape = layout.width, layout.panels, PANEL
        self._most_blocks = len(layout.values) // _WORTH_SHARING

    def __call__(self, x: Array, bias: Array | None = None) -> Array:
        """(n, width) -> (n, rows), with `bias` (rows,) added."""
        if len(x) != 1:
            return self._many(x, bias)
        y = np.zeros(self._layout.rows, np.float32) if bias is None else bias.copy()
        return y[None] if self._add(np.ascontiguousarray(x[0]), y, 0) else self._dense(x, bias)

    def _many(self, x: Array, bias: Array | None) -> Array:
        lanes, count, rows, width = KERNELS.module.LANES, len(x), self._layout.rows, self._layout.width
        tiles = -(-count // lanes)
        if tiles == 0:
            return np.zeros((0, rows), np.float32)
        if count % lanes:
            x = np.concatenate([x, np.zeros((tiles * lanes - count, width), np.float32)])
        side_by_side = np.ascontiguousarray(x.reshape(tiles, lanes, width).swapaxes(1, 2))
        sums = np.zeros((tiles, rows, lanes), np.float32)
        if bias is not None:
            sums += bias[:, None]
        if not self._add(side_by_side.reshape(-1), sums.reshape(-1), tiles):
            return self._dense(x[:count], bias)
        return sums.swapaxes(1, 2).reshape(tiles * lanes, rows)[:count]

    def _dense(self, x: Array, bias: Array | None) -> Array:
        with np.errstate(all="ignore"):
            product: Array = x @ dense_of(self._layout).T
            return product if bias is None else product + bias

    def _add(self, x: Array, y: Array, tiles: int) -> bool:
        """Add the product to `y`, by as many threads as are worth it. False if `x` holds what is not finite."""
        blocks, team = 1, None
        if self._most_blocks > 1 or tiles > 1:
            threads = min(torch.get_num_threads(), _MOST_THREADS)
            team = _team(threads) if threads > 1 else None
            blocks = max(1, min(4 * threads // max(1, tiles), self._most_blocks))
        if team is None or not team.guard.acquire(blocking=False):
            return bool(KERNELS.module.multiply(_own_box(), *self._matrix, x, y, *self._shape, tiles, 1))
        try:
            team.wake()
            return bool(KERNELS.module.multiply(team.box, *self._matrix, x, y, *self._shape, tiles, blocks))
        finally:
            team.guard.release()


class _Team:
    """Threads that take part in products, and sleep while there are none."""

    def __init__(self, threads: int) -> None:
        self.box = np.zeros(KERNELS.module.BOX, np.int64)
        self.guard = threading.Lock()  # one product at a time is shared; others are made by their own threads alone
        self._awake = [threading.Event() for _ in range(threads - 1)]
        for awake in self._awake:
            threading.Thread(target=self._take_part, args=(awake,), name="sparse products", daemon=True).start()

    def wake(self) -> None:
        """Wake whoever sleeps."""
        for awake in self._awake:
            if not awake.is_set():
                awake.set()

    def _take_part(self, awake: threading.Event) -> None:
        while True:
            awake.wait()
            KERNELS.module.serve(self.box, _LOOKS)
            awake.clear()


_teams: dict[int, _Team] = {}
_making = threading.Lock()
_own = threading.local()


def _team(threads: int) -> _Team:
    """The team of so many threads, the caller among them."""
    if threads not in _teams:
        with _making:
            if threads not in _teams:
                _teams[threads] = _Team(threads)
    return _teams[threads]


def _own_box() -> NDArray[np.int64]:
    """A box of this thread's own, which no other looks into."""
    if not hasattr(_own, "box"):
        _own.box = np.zeros(KERNELS.module.BOX, np.int64)
    box: NDArray[np.int64] = _own.box
    return box
