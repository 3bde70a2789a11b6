"""Sizes of what heads read with, and how many weights that takes (no torch)."""

from __future__ import annotations

WIDTHS = (1, 2, 3, 4)
"""Tokens of a phrase; each width has filters of its own."""
FILTERS = 128
FEATURES = len(WIDTHS) * FILTERS
"""Numbers that a text becomes: one for each filter of each width."""


def num_parameters(width: int) -> int:
    """Weights of the filters over vectors of this width, and an offset for each."""
    return sum(FILTERS * (reach * width + 1) for reach in WIDTHS)


HIDDEN = 96
"""Numbers that a window of words becomes."""


def num_window_parameters(width: int, reach: int) -> int:
    """Weights of the hidden layer over vectors of a word and of `reach` on each side, and its offsets."""
    return HIDDEN * ((2 * reach + 1) * width + 1)


TABLE_ROWS = 1 << 18
"""Of a table of spellings; the first is for nothing."""
SCALE = 20.0
"""So much do the numbers of a table of spellings, and of steps between tags, count. Steps of the usual optimizers have one
size for all weights, which suits the many of a network; a score that is one number, or the sum of a few, learns too slowly
by them.
"""
