"""How low a plot with named axes may become: a curve is still read in it, and the name of its vertical axis is whole."""

from __future__ import annotations

import math

import pyqtgraph as pg

from llmstudio.gui.look.theme import space

_CURVE = 14  # steps that the curves themselves keep


def keep_room(plot: pg.PlotWidget) -> None:
    """Ask for this room; to be called whenever type or the axes' names are new."""
    left, bottom = (plot.getAxis(side) for side in ("left", "bottom"))
    name = left.label.boundingRect().width() if left.label.isVisible() else 0.0
    plot.setMinimumHeight(math.ceil(max(name + space(), space(_CURVE)) + bottom.height()) + space(2.5))
