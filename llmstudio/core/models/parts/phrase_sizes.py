"""How many phrases a text is searched for, and how many weights that takes (no torch)."""

from __future__ import annotations

WIDTHS = (1, 2, 3, 4)
"""Tokens of a phrase; each width has filters of its own."""
FILTERS = 128
FEATURES = len(WIDTHS) * FILTERS
"""Numbers that a text becomes: one for each filter of each width."""


def num_parameters(width: int) -> int:
    """Weights of the filters over vectors of this width, and an offset for each."""
    return sum(FILTERS * (reach * width + 1) for reach in WIDTHS)
