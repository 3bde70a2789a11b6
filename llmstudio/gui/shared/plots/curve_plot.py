"""A few curves over a short axis, each with its name beside its end; the exact values stand above while one points.

In: named points. Nothing else: what the numbers mean is said by the axes' titles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.core.words import plain_number
from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, color, font, series_color, series_pen, series_symbol, space, theme
from llmstudio.gui.shared.plots.crosshair import Crosshair
from llmstudio.gui.shared.plots.drawn_when_seen import DrawnWhenSeen
from llmstudio.gui.shared.plots.end_labels import EndLabel, EndLabels
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole
from llmstudio.gui.shared.plots.room import keep_room

_MARKED = 60  # points up to which each is marked


@dataclass(frozen=True)
class Curve:
    """A line: its name, its points, and a word for each point where there is one to tell."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    words: tuple[str, ...] = ()


class CurvePlot(DrawnWhenSeen, QWidget):
    """Curves with a crosshair; the vertical axis may be logarithmic.

    Attributes:
        curves: What is shown.
        blank: A sentence in place of axes that count nothing, while there are no curves and one was set.
    """

    def __init__(
        self,
        name: str,
        *,
        x_title: str,
        y_title: str,
        has_log_axis: bool = False,
        is_titled: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`has_log_axis`: places on the horizontal axis are exponents of ten. `is_titled`: its name stands above it."""
        super().__init__(parent)
        self._x_range: tuple[float, float] | None = None
        self.curves: list[Curve] = []
        self.is_log = False
        self._titles = {"bottom": x_title, "left": y_title}
        self._axes = {side: QuietAxis(side) for side in ("bottom", "left")}
        self._axes["bottom"].is_log = has_log_axis
        self.canvas = pg.PlotWidget(axisItems=self._axes, background=None, enableMenu=False)
        self.canvas.setMouseEnabled(False, False)
        self.canvas.hideButtons()
        paint_whole(self.canvas)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.canvas.setAccessibleName(name)
        self._ends = EndLabels(self.canvas.plotItem.vb)
        self.canvas.plotItem.layout.addItem(self._ends, 2, 3)
        self._crosshair = Crosshair(self.canvas)
        self._crosshair.moved.connect(self._point_at)
        self._title = name if is_titled else " "
        self._readout = Label(self._title)
        self._readout.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(0.5)))
        column.addWidget(self._readout)
        column.addWidget(self.canvas, 1)
        self.blank = Label(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True, visible=False)
        self.blank.setProperty("role", "muted")
        column.addWidget(self.blank, 1)
        theme.changed.connect(self.redraw)

    def set_curves(
        self,
        curves: Sequence[Curve],
        *,
        x_title: str = "",
        y_title: str = "",
        x_range: tuple[float, float] | None = None,
    ) -> None:
        """Show these, the axes called as given or as before; `x_range` where more points are to come."""
        self.curves = list(curves)
        self._x_range = x_range
        self._titles = {"bottom": x_title or self._titles["bottom"], "left": y_title or self._titles["left"]}
        self._show_blank()
        self.canvas.setAccessibleDescription("; ".join(f"{curve.name}: {len(curve.x)}" for curve in self.curves))
        self.redraw()

    def set_blank(self, text: str) -> None:
        """What is said while there are no curves."""
        self.blank.setText(text)
        self._show_blank()

    def _show_blank(self) -> None:
        is_blank = not self.curves and bool(self.blank.text())
        self.canvas.setVisible(not is_blank)
        self.blank.setVisible(is_blank)

    def set_log(self, is_log: bool) -> None:
        """Whether the vertical axis counts in powers of ten."""
        self.is_log = is_log
        self.redraw()

    def sizeHint(self) -> QSize:
        """Modest; it takes what is left."""
        return QSize(space(50), space(26))

    def draw(self) -> None:
        """Put everything in its place."""
        item = self.canvas.plotItem
        for old in [*item.items]:
            if isinstance(old, pg.PlotDataItem):
                item.removeItem(old)
        labels = []
        for index, curve in enumerate(self.curves):
            heights = self._heights(curve.y)
            few = len(curve.x) <= _MARKED
            item.addItem(
                pg.PlotDataItem(
                    curve.x,
                    heights,
                    pen=series_pen(index),
                    connect="finite",
                    antialias=True,
                    symbolPen=None,
                    symbolSize=6,
                    symbol=series_symbol(index) if few else None,
                    symbolBrush=series_color(index),
                )
            )
            last = heights[np.isfinite(heights)]
            labels.append(EndLabel(curve.name, float(last[-1]) if len(last) else math.nan, series_pen(index)))
        self._ends.set_labels(labels if len(labels) > 1 else [])
        self._ends.setFixedWidth(math.ceil(self._ends.width_needed()) if len(labels) > 1 else 0)
        self._set_range()
        self._dress()
        self._point_at(None)

    def _heights(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.is_log:
            return np.asarray(y, np.float64)
        with np.errstate(divide="ignore"):
            return np.where(y > 0, np.log10(np.maximum(y, 1e-12)), np.nan)

    def _set_range(self) -> None:
        xs = np.concatenate([curve.x for curve in self.curves] or [np.array([0.0, 1.0])])
        ys = np.concatenate([self._heights(curve.y) for curve in self.curves] or [np.array([0.0, 1.0])])
        ys = ys[np.isfinite(ys)]
        low, high = (float(ys.min()), float(ys.max())) if len(ys) else (0.0, 1.0)
        low = low if self.is_log else min(low, 0.0)
        gap = (high - low) * 0.06 or 0.1
        wide = (float(xs.max()) - float(xs.min())) * 0.01 if len(xs) else 0.0
        left, right = (float(xs.min()), float(xs.max())) if len(xs) else (0.0, 1.0)
        if self._x_range is not None:
            left, right = self._x_range
            wide = (right - left) * 0.05  # room for the numbers at the ends
        below = gap if self.is_log or low < 0 else 0.0
        self.canvas.setRange(xRange=(left - wide, right + wide or 1.0), yRange=(low - below, high + gap), padding=0)

    def _dress(self) -> None:
        self._axes["left"].is_log = self.is_log
        for side, axis in self._axes.items():
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(color("muted"))
            axis.setTickFont(font(BODY - 1, tabular=True))
            axis.setGrid(40)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(escape(self._titles[side]), color=color("muted").name())
        keep_room(self.canvas)
        self._crosshair.dress()

    @Slot(object)
    def _point_at(self, x: float | None) -> None:
        self._crosshair.put(x)
        self._readout.setText(self.readout(x) or self._title)

    def readout(self, x: float | None) -> str:
        """The values nearest to a place."""
        told = []
        for curve in self.curves if x is not None else []:
            if len(curve.x):
                place = int(np.abs(curve.x - x).argmin())
                word = curve.words[place] if place < len(curve.words) else plain_number(float(curve.x[place]), 6)
                told.append(f"{curve.name} · {word} · {value_text(float(curve.y[place]))}")
        return "    ".join(told)
