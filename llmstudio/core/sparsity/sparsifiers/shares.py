"""How many weights of each matrix go, so that the sum is exactly what was asked for and none is left empty."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod


def zeros_by_matrix(
    shapes: Sequence[Sequence[int]], sparsity: float, distribution: str, gone: Sequence[int] = ()
) -> list[int]:
    """How many weights of each matrix are zero in the end; together `round(sparsity * all)`.

    Args:
        shapes: Of the matrices.
        sparsity: Share of all weights.
        distribution: `uniform`: every matrix has this share; `erk`: the weights that are left are shared out by the sum of
            the sides of each matrix, so that a narrow one keeps more.
        gone: How many of each are zero anyway; none if left out.

    Source: Evci et al. 2020, arXiv:1911.11134 (ERK).
    """
    sizes = [prod(shape) for shape in shapes]
    total, least = round(sparsity * sum(sizes)), list(gone) or [0] * len(sizes)
    kept = sum(sizes) - total
    if distribution == "erk":
        wished = [size - left for size, left in zip(sizes, _by_sides(shapes, sizes, kept), strict=True)]
    else:
        wished = [sparsity * size for size in sizes]
    most = [max(low, size - 1) for size, low in zip(sizes, least, strict=True)]
    bounds = list(zip(least, most, strict=True))
    # Rounded running totals: the sum is exact, and no matrix is off by more than one.
    so_far, taken, counts = 0.0, 0, []
    for wish, (low, high) in zip(wished, bounds, strict=True):
        so_far += wish
        counts.append(min(high, max(low, round(so_far) - taken)))
        taken += counts[-1]
    return _mended(counts, bounds, total)


def _by_sides(shapes: Sequence[Sequence[int]], sizes: Sequence[int], kept: int) -> list[float]:
    """`kept` weights shared out by the sums of sides; a matrix that would keep more than it has is whole."""
    whole: set[int] = set()
    while True:
        others = [i for i in range(len(sizes)) if i not in whole]
        left = kept - sum(sizes[i] for i in whole)
        each = left / max(1, sum(sum(shapes[i]) for i in others))
        more = {i for i in others if each * sum(shapes[i]) > sizes[i]}
        if not more:
            return [sizes[i] if i in whole else each * sum(shapes[i]) for i in range(len(sizes))]
        whole |= more


def _mended(counts: list[int], bounds: Sequence[tuple[int, int]], total: int) -> list[int]:
    """The counts with what bounds have cut off given to, or taken from, those matrices that have most room."""
    while (off := total - sum(counts)) != 0:
        room = [high - n if off > 0 else n - low for n, (low, high) in zip(counts, bounds, strict=True)]
        widest = max(range(len(room)), key=room.__getitem__, default=0)
        if not room or not room[widest]:
            return counts
        step = min(abs(off), max(1, room[widest] // 2))
        counts[widest] += step if off > 0 else -step
    return counts
