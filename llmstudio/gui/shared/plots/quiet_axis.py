"""The frame of our plots: few ticks and no box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsView

from llmstudio.gui.look.figures import tick_text
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, font

MAX_TICKS = 6


def ticks(low: float, high: float, *, is_log: bool = False, most: int = MAX_TICKS) -> list[float]:
    """At most `most` round numbers from `low` to `high`; on a log axis both are exponents of ten, as are the ticks."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    if is_log:
        found = _log_ticks(low, high, most)
        if len(found) >= 2:
            return found
        return [math.log10(value) for value in ticks(10**low, 10**high, most=most) if value > 0]
    step = _round_up((high - low) / most)
    first = math.ceil(low / step)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    decades = range(math.floor(low), math.ceil(high) + 1)
    for digits in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        exponents = [decade + math.log10(digit) for decade in decades for digit in digits]
        found = [value for value in exponents if low <= value <= high]
        if len(found) <= most:
            return found
    skip = math.ceil(len(found) / most)
    return found[::skip]


def _round_up(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * digit for digit in (1, 2, 2.5, 5, 10) if power * digit >= step * (1 - 1e-9))


class QuietAxis(pg.AxisItem):
    """An axis without a line of its own, with few ticks; `say` tells a value (never an exponent).

    Attributes:
        is_log: What it is given are exponents of ten.
        is_whole: It counts something that has no halves, such as steps.
    """

    def __init__(self, orientation: str, text: Callable[[float], str] = tick_text) -> None:
        super().__init__(orientation)
        self.is_log = self.is_whole = False
        self.say = text
        self.setStyle(tickLength=0, maxTickLevel=0, hideOverlappingLabels=True)
        scaled(self, self._dress)

    def _dress(self) -> None:
        """Its name is as large as the other words."""
        if self.label is None:  # closed, and not yet gone
            return
        self.label.setFont(font(BODY))
        if self.fixedWidth is None and self.fixedHeight is None:
            self.setWidth() if self.orientation in ("left", "right") else self.setHeight()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: D102
        low, high = sorted((minVal, maxVal))
        apart = 30 if self.orientation == "left" else 80  # pixels that a tick's text needs
        values = ticks(low, high, is_log=self.is_log, most=max(2, min(MAX_TICKS, int(size / apart))))
        if self.is_whole and not self.is_log:
            values = [value for value in values if abs(value - round(value)) < 1e-6]
        return [(values[1] - values[0] if len(values) > 1 else 1.0, values)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: D102
        return [self.say(10**value if self.is_log else value) for value in values]


def paint_whole(plot: pg.PlotWidget) -> None:
    """Paint a plot as a whole whenever it changes: parts alone leave the old figures of its axes standing at its edges."""
    plot.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
