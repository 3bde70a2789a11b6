"""What every plot over a run's steps has in common: the frame, zoom, crosshair, end labels, redrawing, pictures of it.

A plot is told that its run has grown (`refresh`) and draws at most ten times a second, and only while it is seen. The
whole run is in sight; the wheel zooms along the steps, dragging moves, a double click returns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.label import Label, paragraph, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import BODY, color, font, space, theme
from llmstudio.gui.shared.plots.axis_words import Awaited
from llmstudio.gui.shared.plots.crosshair import KeyedCrosshair
from llmstudio.gui.shared.plots.drawn_in_turn import DrawnInTurn
from llmstudio.gui.shared.plots.end_labels import LabelColumn
from llmstudio.gui.shared.plots.export import Caption, to_png, to_svg
from llmstudio.gui.shared.plots.lines import Lines
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.scales import Scales
from llmstudio.gui.shared.plots.turns import Turns

Range = tuple[float, float]
MAIN = 21.0
"""Least height of a tab's main plot, in steps of 8 pixels: 140 for the curves, the rest for what stands around them."""
_GRID = 60  # how strong, of 255
_MARGIN = 0.008  # of the width, so that a ring around the last point is whole


class RunPlot(DrawnInTurn, QWidget):
    """A plot over steps (or tokens). Subclasses say what is drawn (`draw`) and what stands at a place (`readout`).

    Attributes:
        scales: Which of its axes are logarithmic.
        lines: What `draw` draws with.
        beside: The labels at the lines' ends.
        head: Title and readout above the plot; an owner that shows them elsewhere may hide it.
        readout_text: What the readout says now.
        least: Its least height with the axis' numbers, in steps of 8 pixels; below that the page scrolls.

    Signals:
        pointed(object): Where the person points, on the x axis as the view counts it; None for nowhere.
        told(str): `readout_text` has changed.
    """

    pointed = Signal(object)
    least = 8.0
    told = Signal(str)

    def __init__(
        self, title: str, *, explanation: str = "", turns: Turns | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._turns = turns or Turns(self)
        self.run = RunData()
        self.overlays: list[RunData] = []
        self.x_column = "step"
        self.scales = Scales()
        self._zoom: Range | None = None
        self.readout_text = ""
        self._title = Label()
        self._readout = Label(alignment=Qt.AlignmentFlag.AlignRight)
        self._readout.setProperty("role", "muted")
        self._x_axis, self._y_axis = QuietAxis("bottom"), QuietAxis("left")
        self._x_axis.is_whole = True
        self.canvas = pg.PlotWidget(
            enableMenu=False, axisItems={"bottom": self._x_axis, "left": self._y_axis}, background=None
        )
        self.canvas.plotItem.hideButtons()
        paint_whole(self.canvas)
        self.view: pg.ViewBox = self.canvas.plotItem.vb
        self.view.setMouseEnabled(x=True, y=False)
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0.0)
        self.view.sigRangeChangedManually.connect(self._on_zoom)
        self.lines, self.beside = Lines(self.canvas, self.scales), LabelColumn(self.canvas, self.scales)
        self._awaited = Awaited(self.canvas)
        self._crosshair = KeyedCrosshair(self.canvas)
        self._crosshair.moved.connect(self._on_pointed)
        self._crosshair.whole_asked.connect(self.whole)
        self.set_title(title, explanation)
        self.head = QWidget()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title)
        head.addWidget(Still(self._readout), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: layout.setSpacing(space(0.25)))
        layout.addWidget(self.head)
        layout.addWidget(self.canvas, 1)
        theme.changed.connect(self._dress)
        self._dress()

    # What subclasses say.

    def draw(self) -> Range | None:
        """Draw with `lines` and `beside`; returns the lowest and highest y to be seen (None: nothing yet)."""
        raise NotImplementedError

    def readout(self, x: float | None) -> str:
        """The exact values at `x` (of the x column), or the newest for None."""
        raise NotImplementedError

    # What the owner does.

    def set_title(self, title: str, explanation: str = "") -> None:
        """Call the plot something, and explain it on hover."""
        self._title.setText(title)
        self._title.setToolTip(paragraph(explanation))
        self.canvas.setAccessibleName(title)
        self.setAccessibleName(title)

    def set_runs(self, run: RunData, overlays: Sequence[RunData] = ()) -> None:
        """Show this run, and earlier ones laid over it; the whole of it."""
        if run.name != self.run.name:  # else it is the same run, read anew
            self._zoom = None
        self.run, self.overlays = run, list(overlays)
        self.refresh()

    def set_axes(self, *, x_column: str = "step", is_log_x: bool = False, is_log_y: bool = False) -> None:
        """What the x axis counts (a column of the run that only grows), and which axes are logarithmic."""
        if (x_column, is_log_x) != (self.x_column, self.scales.is_log_x):
            self._zoom = None
        self.x_column, self.scales.is_log_x, self.scales.is_log_y = x_column, is_log_x, is_log_y
        self._x_axis.is_log, self._y_axis.is_log = is_log_x, is_log_y
        self._x_axis.is_whole = x_column in ("step", "tokens")
        self.refresh()

    def redraw(self) -> None:
        """Draw now."""
        self._dirty = False
        self.lines.begin()
        first, last = self.shown()
        low_high = self.draw()
        self._say_empty(low_high is None)
        self.lines.end()
        left, right = (float(v) for v in self.scales.x([first, last]))
        beside = 0.0 if self._zoom else _MARGIN * (right - left)
        self.view.setXRange(left - (beside if last <= first + 1 else 0.0), right + beside, padding=0)
        if low_high:
            low, high = low_high
            if self.scales.is_log_y and low <= 0:
                low = high / 1000 if high > 0 else 1e-3
            low, high = (float(v) for v in self.scales.y([low, max(high, low)]))
            gap = (high - low or abs(high) or 1.0) * 0.06
            self.view.setYRange(low - (gap if self.scales.is_log_y or low_high[0] != 0 else 0), high + gap, padding=0)
        self._show_readout()

    @Slot()
    def whole(self) -> None:
        """Show the whole run again."""
        self._zoom = None
        self.refresh()

    def point_at(self, x: float | None) -> None:
        """Put the crosshair where another plot's is."""
        self._crosshair.put(x)
        self._show_readout()

    def exported(self, kind: str, title: str, runs: str) -> bytes:
        """The plot as a `png` or `svg`, under a title and a line on its runs, with its axes named."""
        if self._dirty or not self.isVisible():
            self.redraw()
        caption = Caption(title, runs, _axis(self.across, self.scales.is_log_x), _axis(self.up, self.scales.is_log_y))
        self.beside.axis_name.set_name("")  # the caption has room for it in the middle
        try:
            return to_png(self.canvas, caption) if kind == "png" else to_svg(self.canvas, caption)
        finally:
            self.beside.axis_name.set_name(self.across)

    @property
    def across(self) -> str:
        """What the axis at the bottom counts."""
        names = {"step": tr_axis("steps"), "tokens": tr_axis("tokens read"), "seconds": tr_axis("seconds of its own")}
        return names.get(self.x_column, "")

    @property
    def up(self) -> str:
        """What the axis at the left counts, with its unit."""
        return self._title.text()

    # What is in sight.

    def shown(self) -> Range:
        """The first and last x in sight."""
        if self._zoom:
            return self._zoom
        columns = [run.column(self.x_column) for run in (self.run, *self.overlays) if len(run)]
        if not columns:
            return (1.0, 100.0) if self.scales.is_log_x else (0.0, 100.0)
        first, last = min(float(c[0]) for c in columns), max(float(c[-1]) for c in columns)
        first = max(first, 1.0) if self.scales.is_log_x else first
        return first, max(last, first + 1)

    def rows_in_sight(self, run: RunData) -> tuple[int, int]:
        """Rows of `run` to draw: those in sight and one beyond on each side."""
        x = run.column(self.x_column)
        first, last = self.shown()
        # Whole numbers: a float would have the whole column converted, which for a million steps costs a frame.
        start = np.searchsorted(x, np.int64(math.ceil(first)), "left")
        stop = np.searchsorted(x, np.int64(math.floor(last)), "right")
        return max(int(start) - 1, 0), min(int(stop) + 1, len(run))

    # Where the person points and zooms.

    @Slot(object)
    def _on_pointed(self, x: float | None) -> None:
        self.point_at(x)
        self.pointed.emit(x)

    def _on_zoom(self, *_: object) -> None:
        low, high = self.view.viewRange()[0]
        low, high = self.scales.value_at(low), self.scales.value_at(high)
        self._zoom = None
        first, last = self.shown()
        low, high = max(low, first), min(high, last)
        # Zooming out past the whole run is the whole run, which then goes on growing in sight.
        self._zoom = None if (low <= first and high >= last) or high <= low else (low, high)
        self.refresh()

    def _show_readout(self) -> None:
        x = self._crosshair.x
        self.readout_text = self.readout(None if x is None else self.scales.value_at(x))
        room = self._readout.width() - 2
        self._readout.setText(parts_in(self.readout_text, QFontMetricsF(self._readout.font()), room))
        self._readout.setToolTip(plain(self.readout_text))
        self.told.emit(self.readout_text)

    def _say_empty(self, is_empty: bool) -> None:
        """Before there is anything to draw the axes count nothing, and a sentence says what will stand here."""
        for axis in (self._x_axis, self._y_axis):
            axis.setStyle(showValues=not is_empty)
        self._y_axis.setGrid(False if is_empty else _GRID)
        self.beside.axis_name.set_name("" if is_empty else self.across)
        self._awaited.show_text(self.awaited if is_empty else "")

    @property
    def awaited(self) -> str:
        """What an empty plot says."""
        return QCoreApplication.translate("RunPlot", "The curve appears here with the first step.")

    def _dress(self) -> None:
        self.canvas.setMinimumHeight(space(self.least))
        self.canvas.setProperty("ground", color("page"))
        self.canvas.setBackground(color("page"))
        for axis in (self._x_axis, self._y_axis):
            axis.setPen(pg.mkPen(color("line")))
            axis.setTextPen(color("muted"))
            axis.setStyle(tickFont=font(BODY - 1, tabular=True))
        self._y_axis.setWidth(space(6))
        self._title.setFont(font(BODY, bold=True))
        self._readout.setFont(font(BODY - 1, tabular=True))
        self._crosshair.dress()
        self.beside.make_room()  # at once: they are painted in the new type before the plot's turn comes
        self.refresh()


def tr_axis(text: str) -> str:
    """The name of an axis in the person's language."""
    return QCoreApplication.translate("RunPlot", text)


def _axis(name: str, is_log: bool) -> str:
    return QCoreApplication.translate("RunPlot", "{axis} (logarithmic)").format(axis=name) if is_log and name else name


def mixed(name: str, share: float, ink: QPen) -> QPen:
    """A thin pen between the page and a line's colour: opaque, since translucent lines cost five times as much."""
    ground, own = color(name), ink.color()
    parts = [math.floor(a + (b - a) * share) for a, b in zip(ground.getRgb()[:3], own.getRgb()[:3], strict=True)]
    return pg.mkPen(parts, width=1)
