"""Sparse products in machine code, made by numba. Importing this module takes a second: `building` alone does it.

A matrix lies as `layout` says. A vector is multiplied row by row. Of many vectors sixteen lie side by side, so that each
nonzero is read once for all of them.

Several threads share a product without ever waiting for one that sleeps: it is cut into chunks, each thread takes the next
that nobody has taken, and whoever posted the product takes part itself. What is posted stands in a box, an array of 64-bit
integers: how many products were posted, times 2**32, and how many chunks of the last are left; how many are done; then the
addresses of the matrix and of the vectors, and their shapes.
"""

from __future__ import annotations

import numpy as np
from llvmlite.binding import get_host_cpu_name
from numba import carray, njit, types

from llmstudio.core.models.weights.sparse.machine_code import LANES, add, add_row, at, load, replace, row_sum, store

_LEFT, _DONE = 0, 8  # on cache lines of their own, for all threads write them
_ADDRESSES, _ROWS, _WIDTH, _PANELS, _PANEL, _NONZEROS, _TILES, _BLOCKS = 16, 21, 22, 23, 24, 25, 26, 27
BOX = 32
"""Slots of a box."""
PROCESSOR = get_host_cpu_name()
"""What kind of processor the kernels are built for."""
_MASK = 2**32 - 1
_FLOATS, _COLUMNS, _PLACES = types.float32[::1], types.uint16[::1], types.int64[::1]
_HOW = {"cache": True, "nogil": True, "fastmath": {"contract"}}
_QUICK = {"cache": True, "nogil": True, "fastmath": {"contract", "reassoc"}}


@njit(types.void(_PLACES, types.int64), **_HOW)
def _chunk(box, index):
    """Compute one chunk: a block of rows, for one vector or a tile of them."""
    rows, width, panels, tiles, blocks = box[_ROWS], box[_WIDTH], box[_PANELS], box[_TILES], box[_BLOCKS]
    starts = carray(at(box[_ADDRESSES]), (panels * (rows + 1),), np.int64)
    columns = carray(at(box[_ADDRESSES + 1]), (box[_NONZEROS],), np.uint16)
    values = carray(at(box[_ADDRESSES + 2]), (box[_NONZEROS],), np.float32)
    block, tile = index % blocks, index // blocks
    first, last = rows * block // blocks, rows * (block + 1) // blocks
    if tiles == 0:
        x = carray(at(box[_ADDRESSES + 3]), (width,), np.float32)
        y = carray(at(box[_ADDRESSES + 4]), (rows,), np.float32)
        for panel in range(panels):
            begins = starts[panel * (rows + 1) :]
            for row in range(first, last):
                y[row] += row_sum(values, columns, begins[row], begins[row + 1], x, panel * box[_PANEL])
        return
    x = carray(at(box[_ADDRESSES + 3]), (tiles * width * LANES,), np.float32)
    y = carray(at(box[_ADDRESSES + 4]), (tiles * rows * LANES,), np.float32)
    for panel in range(panels):
        x_at, begins = (tile * width + panel * box[_PANEL]) * LANES, starts[panel * (rows + 1) :]
        for row in range(first, last):
            add_row(values, columns, begins[row], begins[row + 1], x, x_at, y, (tile * rows + row) * LANES)


@njit(types.void(_PLACES), **_HOW)
def _work(box):
    """Compute chunks until none is left."""
    while True:
        left = load(box, _LEFT)
        if left & _MASK == 0:
            return
        if replace(box, _LEFT, left, left - 1):
            _chunk(box, (left & _MASK) - 1)
            add(box, _DONE, 1)


@njit(types.boolean(_FLOATS), cache=True, nogil=True, fastmath={"reassoc"})
def _is_finite(x):
    nothing = np.float32(0)
    for number in x:
        nothing += number * np.float32(0)  # which is no number where one is infinite
    return nothing == 0


@njit(types.boolean(_PLACES, _PLACES, _COLUMNS, _FLOATS, _FLOATS, _FLOATS, *[types.int64] * 5), **_HOW)
def multiply(box, starts, columns, values, x, y, width, panels, panel, tiles, blocks):
    """Add the product to y: of one vector (tiles 0), x (width,) and y (rows,), or of tiles, x (tiles, width, LANES) and y
    (tiles, rows, LANES), in `blocks` blocks of rows that threads share. False if x holds what is not finite.
    """
    if panels == 0:
        return True
    box[_ADDRESSES], box[_ADDRESSES + 1], box[_ADDRESSES + 2] = starts.ctypes.data, columns.ctypes.data, values.ctypes.data
    box[_ADDRESSES + 3], box[_ADDRESSES + 4] = x.ctypes.data, y.ctypes.data
    box[_ROWS], box[_WIDTH], box[_PANELS], box[_PANEL] = len(starts) // panels - 1, width, panels, panel
    box[_NONZEROS], box[_TILES], box[_BLOCKS] = len(values), tiles, blocks
    chunks = max(tiles, 1) * blocks
    store(box, _DONE, 0)
    store(box, _LEFT, ((load(box, _LEFT) >> 32) + 1) << 32 | chunks)
    _work(box)
    is_finite = _is_finite(x)
    while load(box, _DONE) < chunks:
        pass
    return is_finite


@njit(types.void(types.int8[::1], _FLOATS, _FLOATS, _FLOATS, types.int64, types.int64), **_QUICK)
def multiply_integers(integers, scales, x, y, groups, group):
    """Add the product of a quantised matrix with x (groups * group,) to y (rows,); its integers (rows, groups, group) and
    scales (rows, groups) are flat.
    """
    for row in range(len(y)):
        total = np.float32(0)
        for each in range(row * groups, (row + 1) * groups):
            numbers, of_row = integers[each * group : (each + 1) * group], np.float32(0)
            given = x[(each - row * groups) * group :]
            for place in range(len(numbers)):
                of_row += np.float32(numbers[place]) * given[place]
            total += of_row * scales[each]
        y[row] += total


@njit(types.void(_PLACES, types.int64), **_HOW)
def serve(box, patience):
    """Take part in what is posted, until nothing was for so many looks."""
    looks = 0
    while looks < patience:
        looks += 1
        if load(box, _LEFT) & _MASK:
            _work(box)
            looks = 0
