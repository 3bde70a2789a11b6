"""The frame of our plots: few ticks, no box, and a line's name and last value beside its end instead of a legend."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsView, QWidget

from llmstudio.gui.look.figures import tick_text
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, color, font

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


@dataclass(frozen=True)
class EndLabel:
    """What stands beside a line's end: its name, its last value in the axis' own unit, and the pen it is drawn with.

    The pen is shown before the words, which keep the colour of text: many a line's colour is too pale to be read. Where
    there is no room for all, those of the least `weight` are only counted: "+2 more".
    """

    text: str
    y: float
    pen: QPen
    weight: float = math.inf


class EndLabels(pg.GraphicsWidget):
    """A column at the right of a plot with a label at the height of each line's end; labels give way to each other."""

    _GAP, _SWATCH = 6.0, 16.0
    _LEADING, _TIGHT = 0.88, 0.72  # of a font's own line height: single lines need no room between them; where many stand

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__()
        self._view = view
        self._labels: list[EndLabel] = []
        view.sigRangeChanged.connect(self._on_range)
        view.sigResized.connect(self._on_range)

    @property
    def labels(self) -> list[EndLabel]:
        """What is shown."""
        return list(self._labels)

    def set_labels(self, labels: Sequence[EndLabel]) -> None:
        """Show these; those whose value is not finite are left out."""
        self._labels = [label for label in labels if math.isfinite(label.y)]
        self.update()

    def width_needed(self) -> float:
        """Pixels that the widest label takes."""
        metrics = QFontMetricsF(self._font())
        return max(
            (metrics.horizontalAdvance(label.text) + 2 * self._GAP + self._SWATCH + 2 for label in self._labels), default=0.0
        )

    def height_of(self, count: int) -> float:
        """Pixels that so many labels below each other need."""
        return count * QFontMetricsF(self._font()).height() * self._TIGHT

    def fitting(self) -> list[EndLabel]:
        """Those that there is room for, and how many more there are."""
        room = max(1, int(self.size().height() // self._line()))
        if len(self._labels) <= room:
            return self.labels
        heaviest = sorted(self._labels, key=lambda label: -label.weight)[: max(1, room - 1)]
        kept = [label for label in self._labels if label in heaviest]
        if room == 1:
            return kept
        rest = [label.y for label in self._labels if label not in heaviest]
        more = QCoreApplication.translate("plots", "+{n} more").format(n=len(rest))
        return [*kept, EndLabel(more, sum(rest) / len(rest), QPen(Qt.PenStyle.NoPen))]

    def places(self, labels: Sequence[EndLabel]) -> list[float]:
        """Height of each label's middle in pixels of this item, in the labels' order, at least a line apart."""
        height = self._line()
        wished = [self.mapFromScene(self._view.mapViewToScene(QPointF(0, label.y))).y() for label in labels]
        order = sorted(range(len(wished)), key=wished.__getitem__)
        low, high = height / 2, max(height / 2, self.size().height() - height / 2)
        places = [min(max(y, low), high) for y in wished]
        for before, after in itertools.pairwise(order):
            places[after] = max(places[after], places[before] + height)
        if order and places[order[-1]] > high:
            places[order[-1]] = high
            for after, before in zip(order[::-1], order[-2::-1], strict=False):
                places[before] = min(places[before], places[after] - height)
        return places

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:  # noqa: D102
        painter.setFont(self._font())
        height = QFontMetricsF(self._font()).height()
        labels = self.fitting()
        for label, y in zip(labels, self.places(labels), strict=True):
            pen = QPen(label.pen)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(self._GAP, y), QPointF(self._GAP + self._SWATCH, y))
            painter.setPen(color("text"))
            area = QRectF(QPointF(2 * self._GAP + self._SWATCH, y - height / 2), QSizeF(self.size().width(), height))
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label.text)

    def _line(self) -> float:
        height = QFontMetricsF(self._font()).height()
        is_crowded = len(self._labels) * height * self._LEADING > self.size().height()
        return height * (self._TIGHT if is_crowded else self._LEADING)

    def _font(self) -> Any:
        return font(BODY - 1, tabular=True)

    def _on_range(self, *_: Any) -> None:
        self.update()


def paint_whole(plot: pg.PlotWidget) -> None:
    """Paint a plot as a whole whenever it changes: parts alone leave the old figures of its axes standing at its edges."""
    plot.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
