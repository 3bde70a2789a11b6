"""Counts as bars: words and characters lie down so that their names can be read, lengths stand up as a histogram.

In: labels and counts. The colours follow the window's palette; the exact value is told on hover.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.core.words import plain_number
from llmstudio.gui.look.figures import count_text, share_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, series_color, theme
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole

_THICKNESS = 0.72
# A single bar should not fill the plot.
_MIN_PLACES = 6


class BarPlot(pg.PlotWidget):
    """Bars with a name and a value each.

    Signals:
        hovered(int): Index of the bar under the mouse; -1 for none.
    """

    hovered = Signal(int)

    def __init__(
        self, parent: QWidget | None = None, *, title: str, series: int = 0, unit: str = "", in_percent: bool = False
    ) -> None:
        """`unit` of the values, told on hover; `in_percent` if they are shares, from 0 to 100."""
        super().__init__(parent, background=None, axisItems={side: QuietAxis(side) for side in ("left", "bottom")})
        self.setAccessibleName(title)
        self._title, self._series, self._unit, self._in_percent = title, series, unit, in_percent
        self._labels: list[str] = []
        self._values = np.zeros(0)
        self._is_upright = False
        self._edges = np.zeros(0)
        self._current = -1
        self._marked: Collection[int] = ()
        self._bars = pg.BarGraphItem(x=[], height=[], width=_THICKNESS)
        self._ends: list[pg.TextItem] = []
        self.addItem(self._bars)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMenuEnabled(False)
        self.hideButtons()
        paint_whole(self)
        self.setMouseEnabled(False, False)
        self.plotItem.setTitle(None)
        self.scene().sigMouseMoved.connect(self._look)
        self.plotItem.vb.sigResized.connect(self._make_room)
        theme.changed.connect(self._dress)
        self._dress()

    def set_unit(self, unit: str) -> None:
        """What the values count, told on hover."""
        self._unit = unit

    def set_bars(self, labels: Sequence[str], values: Sequence[float], marked: Collection[int] = ()) -> None:
        """One lying bar for each label, the first on top; those at the `marked` places stand out of the others."""
        self._marked = marked
        self._labels, self._values, self._is_upright = list(labels), np.asarray(values, float), False
        self._draw()

    def set_histogram(self, edges: Sequence[float], counts: Sequence[float]) -> None:
        """One standing bar for each interval between two neighbours of `edges` (one more than `counts`).

        Empty intervals at both ends are left out.
        """
        first, last = _filled(counts)
        self._edges, self._values = np.asarray(edges[first : last + 1], float), np.asarray(counts[first:last], float)
        self._is_upright = True
        self._labels = [
            self.tr("{low} to {high}").format(low=count_text(a), high=count_text(b))
            for a, b in itertools.pairwise(self._edges)
        ]
        self._draw()

    def bars(self) -> list[tuple[str, float]]:
        """What is shown: label and value of every bar."""
        return list(zip(self._labels, self._values.tolist(), strict=True))

    def describe(self, index: int) -> str:
        """What is said of a bar on hover."""
        value = self._values[index]
        if self._in_percent:
            return self.tr("{label}: {n} {unit}").format(label=self._labels[index], n=self._text(value), unit=self._unit)
        share = value / self._values.sum() if self._values.sum() else 0.0
        number = f"{value:,.0f}" if float(value).is_integer() else plain_number(value, 3)
        return self.tr("{label}: {n} {unit} ({share} of those shown)").format(
            label=self._labels[index], n=number, unit=self._unit, share=f"{share:.1%}"
        )

    def _text(self, value: float) -> str:
        return share_text(value / 100) if self._in_percent else count_text(value)

    def _draw(self) -> None:
        places = np.arange(len(self._values), dtype=float)
        for item in self._ends:
            self.removeItem(item)
        self._ends = []
        left, bottom = self.getAxis("left"), self.getAxis("bottom")
        top = float(self._values.max()) if len(self._values) else 1.0
        if self._is_upright:
            # Intervals may grow by factors, so every bar has the same width and the edges are written below.
            self._bars.setOpts(x0=places, y0=0, width=1.0, height=self._values, x=None, y=None)
            every = max(1, len(self._edges) // 7)
            bottom.setTicks([[(i, count_text(e)) for i, e in enumerate(self._edges) if i % every == 0]])
            # A count has no halves.
            left.setTicks([[(n, str(n)) for n in range(int(top) + 1)]] if top < 5 else None)
            self.setRange(xRange=(0, max(1, len(places)) * 1.03), yRange=(0, top * 1.05 or 1), padding=0.01)
        else:
            self._bars.setOpts(x0=0, y=places, width=self._values, height=_THICKNESS, x=None, y0=None)
            left.setTicks([[(i, label) for i, label in enumerate(self._labels)]])
            bottom.setTicks([])
            for i, value in enumerate(self._values):
                end = pg.TextItem(self._text(value), anchor=(0, 0.5))
                end.setPos(value, i)
                self.addItem(end)
                self._ends.append(end)
            self.invertY(True)
            self.setRange(yRange=(-0.6, max(_MIN_PLACES, len(places)) - 0.4), padding=0)
        self.setAccessibleDescription(", ".join(f"{label} {self._text(v)}" for label, v in self.bars()[:20]))
        self._dress()

    def _dress(self) -> None:
        if self.plotItem is None:  # closed, and not yet gone
            return
        ink = color("text")
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setTextPen(ink)
            axis.setPen(pg.mkPen(None) if not self._is_upright or name == "left" else pg.mkPen(color("line")))
            axis.setStyle(tickAlpha=0, tickFont=font(BODY), autoExpandTextSpace=True, hideOverlappingLabels=self._is_upright)
        self.getAxis("bottom").setVisible(self._is_upright)
        for end in self._ends:
            end.setColor(ink)
            end.setFont(font(BODY))
        colours = [self._color(i) for i in range(len(self._values))]
        self._bars.setOpts(brushes=colours, pen=pg.mkPen(None) if not self._is_upright else pg.mkPen(color("page")))
        self._make_room()

    def _color(self, index: int) -> QColor:
        found = color("muted") if self._marked and index not in self._marked else series_color(self._series)
        return found.lighter(125) if index == self._current else found

    def _make_room(self) -> None:
        """Lying bars end where the widest number beside them still fits."""
        if self._is_upright or not self._ends:
            return
        widest = max(end.boundingRect().width() for end in self._ends)
        share = min(0.7, widest / max(1.0, self.plotItem.vb.width()))
        self.setXRange(0, float(self._values.max()) / (1 - share) or 1, padding=0)

    def _look(self, point: QPointF) -> None:
        place = self.plotItem.vb.mapSceneToView(point)
        index = int(np.floor(place.x())) if self._is_upright else int(np.round(place.y()))
        inside = self.plotItem.vb.sceneBoundingRect().contains(point) and 0 <= index < len(self._values)
        index = index if inside else -1
        if index != self._current:
            self._current = index
            self._dress()
            self.hovered.emit(index)
        if index >= 0:
            QToolTip.showText(self.mapToGlobal(self.mapFromScene(point)), plain(self.describe(index)), self)

    def leaveEvent(self, event: QEvent) -> None:
        """No bar is looked at any more."""
        if self._current >= 0:
            self._current = -1
            self._dress()
            self.hovered.emit(-1)
        super().leaveEvent(event)


def _filled(counts: Sequence[float]) -> tuple[int, int]:
    """The range of intervals to show: all that hold something, with empty neighbours if they are very few."""
    filled = np.flatnonzero(counts)
    if not len(filled):
        return 0, len(counts)
    first, last = int(filled[0]), int(filled[-1]) + 1
    missing = max(0, _MIN_PLACES - (last - first))
    first = max(0, first - (missing + 1) // 2)
    return first, min(len(counts), max(last, first + _MIN_PLACES))
