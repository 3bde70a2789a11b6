"""The knee of a curve: up to where pruning costs little."""

from __future__ import annotations

from collections.abc import Sequence

_FEWEST = 4  # points, of which a bend can be told


def knee(points: Sequence[tuple[float, float]]) -> int | None:
    """Which of the points (sparsity, figure) lies at the knee: the one furthest from the straight line between both ends.

    None where there are too few, or where the figure bends the other way. Points are in the order of sparsity; whether a
    high figure is good or bad does not matter.

    Source: Satopää et al. 2011, doi:10.1109/ICDCSW.2011.20.
    """
    if len(points) < _FEWEST:
        return None
    (left, first), (right, last) = points[0], points[-1]
    if right == left or last == first:
        return None
    off = [(at - left) / (right - left) - (value - first) / (last - first) for at, value in points]
    furthest = max(range(len(points)), key=off.__getitem__)
    return furthest if 0 < furthest < len(points) - 1 and off[furthest] > 0 else None
