"""Methods: which weights go, and what is done to make up for them. Adding one = a file here and a line in `METHODS`.

- layer: what a method is given of a matrix
- gram: Gram matrices as methods need them
- random: at random
- magnitude: smallest first
- wanda: smallest times what it multiplies
- sparsegpt: from left to right, each column made up for by those at its right
- coordinate_descent: ever more on a path, one input at a time
- admm: places and weights found apart, and drawn together

A method's module has `scores(layer)`, how much each weight matters; the lowest go. One that moves the weights that stay has
`fit(layer, pattern)`, too, which gives the new matrix and which of its places are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Method:
    """What is known of a method before it is used; torch is not needed to say it.

    Attributes:
        label: As it is shown.
        source: Author, year, identifier.
        reads: Whether it reads text, to see what enters each matrix.
        moves: Whether it moves the weights that stay.
        scope: What it compares where nothing else is asked for: `global`, `layer` or `row`.
    """

    label: str
    source: str
    reads: bool = False
    moves: bool = False
    scope: str = "global"


METHODS = {
    "magnitude": Method("smallest first", "Han et al. 2015, arXiv:1506.02626"),
    "random": Method("at random", "the yardstick"),
    "wanda": Method("Wanda", "Sun et al. 2023, arXiv:2306.11695", reads=True, scope="row"),
    "sparsegpt": Method(
        "SparseGPT",
        "Frantar and Alistarh 2023, arXiv:2301.00774",
        reads=True,
        moves=True,
        scope="layer",
    ),
    "coordinate_descent": Method(
        "coordinate descent",
        "Hazimeh and Mazumder 2020, doi:10.1287/opre.2019.1919",
        reads=True,
        moves=True,
        scope="layer",
    ),
    "admm": Method(
        "ADMM",
        "Meng et al. 2024, arXiv:2406.07831 (ALPS)",
        reads=True,
        moves=True,
        scope="layer",
    ),
}


def functions(method: str) -> ModuleType:
    """The module of a method, with `scores` and, if it moves weights, `fit`."""
    from importlib import import_module

    return import_module(f"{__name__}.{method}")
