"""Shares by layer: how much of each layer goes when layers differ, and the number of zeros stays what was asked for.

A layer is a block or a step of a recurrent stack, its parts are attention, feed-forward and the like; what lies in no layer
stands under its own name. `1` is the first layer, `1.attention` its attention, `attention` that of every layer. Torch is
not needed to say any of this.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from llmstudio.core.errors import StudioError
from llmstudio.core.words import nearest

MOST = 0.99
"""Of a layer may go: nothing passes through an empty one."""
LEAST = 0.005
"""Of a matrix stays, however little its weights matter beside others'."""

DOUBT = 0.5
"""How much of what was measured of layers alone is not believed: of 0, 1/4, 1/2 and 3/4 the best at 60 % by magnitude."""

_UNTOLD = {"blocks", "stack", "cells"}  # pieces of parameters' names that tell nothing beside a number
_STEPS = 60  # of a bisection, which leave nothing that a 64-bit number could tell


def parts_of(names: Sequence[str], *, by: str = "part") -> dict[str, list[str]]:
    """The matrices of each layer (`by` "layer") or of each part of a layer (`by` "part"), in the model's order.

    Example: `blocks.0.attention.qkv.weight` lies in layer `1` and in part `1.attention`, `cells.0.weight_hh_l1` in `2`.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        layer, kind = _place(name)
        found.setdefault(f"{layer}.{kind}" if kind and by == "part" else layer, []).append(name)
    return found


def _place(name: str) -> tuple[str, str]:
    """In which layer a matrix lies, and in which kind of part; the latter is empty where a layer has no parts."""
    *pieces, leaf = name.split(".")
    at = next((at for at, piece in enumerate(pieces) if piece.isdigit()), len(pieces))
    step = re.search(r"_l(\d+)$", leaf)  # torch's recurrent stacks hold several steps in one module
    before = [piece for piece in pieces[:at] if piece not in _UNTOLD]
    if at == len(pieces):
        return ".".join(pieces) or name, ""
    number = int(pieces[at]) + (int(step[1]) if step else 0) + 1
    return ".".join([*before, str(number)]), ".".join(pieces[at + 1 : at + 2])


def shares_of(text: str, names: Sequence[str], share: float) -> tuple[list[float], set[int]]:
    """What a text asks for: the share of each of these matrices, and which of them were given by name.

    Args:
        text: `0.5,0.7,0.6`, one for each layer or one for each part, in the model's order; or by name,
            `1=0.5, 3.attention=0.7`, of which a later one counts more than an earlier one.
        names: The matrices that may go, in the model's order.
        share: Of those that are not named.

    Raises:
        StudioError: There is no such layer, or not so many, or a share is none.
    """
    wanted, held = dict.fromkeys(names, share), set[str]()
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if "=" not in text:
        ways = [parts_of(names, by=by) for by in ("layer", "part")]
        parts = next((way for way in ways if len(way) == len(entries)), None)
        if parts is None:
            raise StudioError(
                "{n|share was|shares were} given, and this model has {layers|layer|layers} in {parts|part|parts}: give one"
                " for each, or name some, as in 1=0.5,2=0.7.",
                n=len(entries),
                layers=len(ways[0]),
                parts=len(ways[1]),
            )
        pairs = [(name, entry) for part, entry in zip(parts.values(), entries, strict=True) for name in part]
        return [_share(entry) for _, entry in pairs], set()
    known = _known(names)
    for entry in entries:
        key, _, value = (piece.strip() for piece in entry.partition("="))
        if key not in known:
            raise StudioError(
                "There is no layer {layer} to prune in this model. There are: {known}.",
                layer=key,
                known=nearest(key, [*known]),
            )
        wanted |= dict.fromkeys(known[key], _share(value))
        held |= {*known[key]}
    return [wanted[name] for name in names], {at for at, name in enumerate(names) if name in held}


def _known(names: Sequence[str]) -> dict[str, list[str]]:
    """The matrices that each name stands for: of a layer, of a part, of a kind of part."""
    known = parts_of(names, by="layer") | parts_of(names)
    for name in names:
        if kind := _place(name)[1]:
            known.setdefault(kind, []).append(name)
    return known


def _share(typed: str) -> float:
    try:
        share = float(typed)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise StudioError("{share} is no share of a layer: give numbers from 0 to {most}.", share=typed, most=MOST)
    return min(MOST, share)


def balanced(
    shares: Sequence[float],
    sizes: Sequence[int],
    share: float,
    held: Collection[int] = (),
    least: Sequence[float] | None = None,
) -> list[float]:
    """The shares moved by one and the same amount, each within bounds, so that of all together `share` goes.

    Args:
        shares: What each should lose.
        sizes: How many weights each has.
        share: Of all, at most `MOST`.
        held: Which stay as they are as long as the others, moved as far as they go, can make up for them.
        least: What each has lost already, which nothing brings back; nothing by default. At most `MOST` goes elsewhere.
    """
    lowest, everyone, goal = least or [0.0] * len(shares), range(len(shares)), share * sum(sizes)

    def moved(by: float, those: Collection[int]) -> list[float]:
        asked = (each + by * (at in those) for at, each in enumerate(shares))
        return [max(low, min(MOST, each)) for low, each in zip(lowest, asked, strict=True)]

    for free in ({at for at in everyone if at not in held}, {*everyone}):
        fewest, most = (moved(by, free) for by in (-1.0, 1.0))
        if _total(fewest, sizes) <= goal <= _total(most, sizes):
            break
        shares = fewest if goal < _total(fewest, sizes) else most
    return moved(_root(lambda by: _total(moved(by, free), sizes) - goal, -1.0, 1.0), free)


def _total(shares: Sequence[float], sizes: Sequence[int]) -> float:
    return sum(share * size for share, size in zip(shares, sizes, strict=True))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that never falls crosses zero."""
    if rising(0.0) == 0:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def counts_of(shares: Sequence[float], sizes: Sequence[int], zeros: int) -> list[int]:
    """How many of each go, so that exactly `zeros` do; of each matrix something stays while there is room elsewhere.

    `shares` give `zeros` but for rounding, as those of `balanced` do: of what is left over, one goes to each of those
    furthest below their share.
    """
    wanted = [share * size for share, size in zip(shares, sizes, strict=True)]
    most = [size - math.ceil(LEAST * size) for size in sizes]
    counts = [min(math.floor(want + 1e-6), top) for want, top in zip(wanted, most, strict=True)]
    while (left := zeros - sum(counts)) > 0:
        order = sorted(range(len(sizes)), key=lambda at: counts[at] - wanted[at])
        room = [at for at in order if counts[at] < most[at]] or [at for at in order if counts[at] < sizes[at]]
        for at in room[:left]:
            counts[at] += 1
    return counts


def spread(costs: Mapping[str, float], sizes: Mapping[str, int], share: float) -> dict[str, float]:
    """Shares at which one more weight costs the same in every layer, so that of all `share` goes.

    What a layer costs when only it loses a share x is taken to grow as the squares of the weights that go would, were they
    normal: E(x), of which the next weight's is q(x)**2, the square of the x-quantile of their sizes. So the layers' q are as
    the roots of n / cost, and x = erf(q / sqrt 2). Layers' costs do not add up, and those of a sensible share are near to
    chance: a part of them, `DOUBT`, is taken to be the same for every weight, which draws shares towards each other.

    Args:
        costs: What each layer's loss of the same share, alone, was measured to cost.
        sizes: How many weights each has.
        share: Of all.

    Source: Le Cun et al. 1990 (Optimal Brain Damage) for a cost that is second order in what goes; Lee et al. 2021,
        arXiv:2010.07611, for shares by layer that follow from one threshold.
    """
    total, everything = sum(_seen(costs).values()), max(1, sum(sizes[key] for key in costs))
    if not total:
        return dict.fromkeys(costs, share)
    believed = {key: (1 - DOUBT) * cost + DOUBT * total * sizes[key] / everything for key, cost in _seen(costs).items()}
    widths = {key: math.sqrt(sizes[key] / cost) for key, cost in believed.items()}
    unit = max(widths.values())
    held, goal = [sizes[key] for key in costs], share * sum(sizes[key] for key in costs)

    def at(scale: float) -> list[float]:
        return [min(MOST, math.erf(scale * width / unit)) for width in widths.values()]

    found = at(_root(lambda scale: _total(at(scale), held) - goal, 0.0, 1e3))
    return dict(zip(costs, balanced(found, held, share), strict=True))


def expected(costs: Mapping[str, float], share: float, shares: Mapping[str, float]) -> float:
    """What losing these shares would cost if layers' costs added up, each having been measured at `share` (see `spread`)."""
    whole = _squares_gone(share)
    return sum(cost * _squares_gone(shares[key]) / whole for key, cost in _seen(costs).items()) if whole else 0.0


def _seen(costs: Mapping[str, float]) -> dict[str, float]:
    """What was measured below zero is chance."""
    return {key: max(0.0, cost) for key, cost in costs.items()}


def _squares_gone(share: float) -> float:
    """The share of the sum of squares in the smallest `share` of normal numbers."""
    low, high = 0.0, 6.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < share else (low, middle)
    return share - math.sqrt(2 / math.pi) * low * math.exp(-low * low / 2)
