"""At the right of a plot, instead of a legend: each line's name and last value beside its end, and what the axis counts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QObject, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.theme import BODY, color, font, space
from llmstudio.gui.shared.plots.axis_words import AxisName
from llmstudio.gui.shared.plots.scales import Scales


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


class LabelColumn(QObject):
    """The labels of a plot over a run, with the name of the axis below them, and how wide they are.

    The column only grows while it is in use, so that the picture does not tremble with every digit.

    Attributes:
        ends: The labels themselves.
        axis_name: In the corner under them, where it takes no height from the curves.

    Signals:
        widened: `width` has changed; plots that stand below each other should agree on one.
    """

    widened = Signal()

    def __init__(self, canvas: pg.PlotWidget, scales: Scales) -> None:
        super().__init__(canvas)
        self._scales, self._width = scales, 0
        self.ends, self.axis_name = EndLabels(canvas.plotItem.vb), AxisName()
        canvas.plotItem.layout.addItem(self.ends, 2, 3)
        canvas.plotItem.layout.addItem(self.axis_name, 3, 3)

    def show(self, labels: Sequence[EndLabel]) -> None:
        """Write these beside the lines' ends; y in data units."""
        self.ends.set_labels([replace(label, y=float(self._scales.y(label.y))) for label in labels])
        self.make_room()

    def make_room(self) -> None:
        """Be as wide as the labels need."""
        widest = max(self.ends.width_needed(), self.axis_name.width_needed()) if self.ends.labels else 0.0
        need = math.ceil(widest / space()) * space()
        if need > self._width or not need:
            self._width = need
            self.set_width(need)
            self.widened.emit()

    @property
    def width(self) -> int:
        """Pixels that the labels need."""
        return self._width

    def set_width(self, pixels: int) -> None:
        """Give the labels this many pixels."""
        self.ends.setFixedWidth(pixels)

    @property
    def texts(self) -> list[str]:
        """What is written at the lines' ends."""
        return [label.text for label in self.ends.labels]
