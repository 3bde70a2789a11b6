"""What every plot over a run's steps has in common: the frame, zoom, crosshair, end labels, redrawing, pictures of it.

A plot is told that its run has grown (`refresh`) and draws at most ten times a second, and only while it is seen. The
whole run is in sight; the wheel zooms along the steps, dragging moves, a double click returns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.label import Label, paragraph, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import BODY, color, font, space, theme
from llmstudio.gui.shared.plots.axis_words import Awaited, AxisName
from llmstudio.gui.shared.plots.crosshair import Crosshair
from llmstudio.gui.shared.plots.drawn_in_turn import DrawnInTurn
from llmstudio.gui.shared.plots.export import Caption, to_png, to_svg
from llmstudio.gui.shared.plots.quiet_axis import EndLabel, EndLabels, QuietAxis, paint_whole
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.series import MAX_POINTS, Floats, exponents, without_neighbours
from llmstudio.gui.shared.plots.turns import Turns

Range = tuple[float, float]
MAIN = 21.0
"""Least height of a tab's main plot, in steps of 8 pixels: 140 for the curves, the rest for what stands around them."""
_GRID = 60  # how strong, of 255
_MARGIN = 0.008  # of the width, so that a ring around the last point is whole


class RunPlot(DrawnInTurn, QWidget):
    """A plot over steps (or tokens). Subclasses say what is drawn (`draw`) and what stands at a place (`readout`).

    Attributes:
        head: Title and readout above the plot; an owner that shows them elsewhere may hide it.
        readout_text: What the readout says now.
        least: Its least height with the axis' numbers, in steps of 8 pixels; below that the page scrolls.

    Signals:
        pointed(object): Where the person points, on the x axis as the view counts it; None for nowhere.
        told(str): `readout_text` has changed.
        labels_widened: `label_width` has changed; plots that stand below each other should agree on one.
    """

    pointed = Signal(object)
    least = 8.0
    labels_widened = Signal()
    told = Signal(str)

    def __init__(
        self, title: str, *, explanation: str = "", turns: Turns | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._turns = turns or Turns(self)
        self.run = RunData()
        self.overlays: list[RunData] = []
        self.x_column = "step"
        self.is_log_x = self.is_log_y = False
        self._zoom: Range | None = None
        self._label_width = 0
        self.readout_text = ""
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._drawn: set[str] = set()
        self._marked: dict[str, tuple[bytes, bytes, int]] = {}
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
        self._ends = EndLabels(self.view)
        self.canvas.plotItem.layout.addItem(self._ends, 2, 3)
        self._x_name = AxisName()  # in the corner under the labels, where it takes no height from the curves
        self.canvas.plotItem.layout.addItem(self._x_name, 3, 3)
        self._awaited = Awaited(self.canvas)
        self._crosshair = Crosshair(self.canvas)
        self._crosshair.moved.connect(self._on_pointed)
        self.canvas.viewport().installEventFilter(self)
        self.canvas.installEventFilter(self)
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
        """Draw with `line` and `end_labels`; returns the lowest and highest y to be seen (None: nothing yet)."""
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
        if (x_column, is_log_x) != (self.x_column, self.is_log_x):
            self._zoom = None
        self.x_column, self.is_log_x, self.is_log_y = x_column, is_log_x, is_log_y
        self._x_axis.is_log, self._y_axis.is_log = is_log_x, is_log_y
        self._x_axis.is_whole = x_column in ("step", "tokens")
        self.refresh()

    def redraw(self) -> None:
        """Draw now."""
        self._dirty = False
        self._drawn.clear()
        first, last = self.shown()
        low_high = self.draw()
        self._say_empty(low_high is None)
        for key in self._curves.keys() - self._drawn:
            self.canvas.plotItem.removeItem(self._curves.pop(key))
            self._marked.pop(key, None)
        left, right = (float(v) for v in self.x_to_view([first, last]))
        beside = 0.0 if self._zoom else _MARGIN * (right - left)
        self.view.setXRange(left - (beside if last <= first + 1 else 0.0), right + beside, padding=0)
        if low_high:
            low, high = low_high
            if self.is_log_y and low <= 0:
                low = high / 1000 if high > 0 else 1e-3
            low, high = (float(v) for v in self.y_to_view([low, max(high, low)]))
            gap = (high - low or abs(high) or 1.0) * 0.06
            self.view.setYRange(low - (gap if self.is_log_y or low_high[0] != 0 else 0), high + gap, padding=0)
        self._show_readout()

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
        caption = Caption(title, runs, _axis(self.across, self.is_log_x), _axis(self.up, self.is_log_y))
        self._x_name.set_name("")  # the caption has room for it in the middle
        try:
            return to_png(self.canvas, caption) if kind == "png" else to_svg(self.canvas, caption)
        finally:
            self._x_name.set_name(self.across)

    @property
    def across(self) -> str:
        """What the axis at the bottom counts."""
        names = {"step": tr_axis("steps"), "tokens": tr_axis("tokens read"), "seconds": tr_axis("seconds of its own")}
        return names.get(self.x_column, "")

    @property
    def up(self) -> str:
        """What the axis at the left counts, with its unit."""
        return self._title.text()

    # What subclasses draw with.

    def shown(self) -> Range:
        """The first and last x in sight."""
        if self._zoom:
            return self._zoom
        columns = [run.column(self.x_column) for run in (self.run, *self.overlays) if len(run)]
        if not columns:
            return (1.0, 100.0) if self.is_log_x else (0.0, 100.0)
        first, last = min(float(c[0]) for c in columns), max(float(c[-1]) for c in columns)
        first = max(first, 1.0) if self.is_log_x else first
        return first, max(last, first + 1)

    def rows_in_sight(self, run: RunData) -> tuple[int, int]:
        """Rows of `run` to draw: those in sight and one beyond on each side."""
        x = run.column(self.x_column)
        first, last = self.shown()
        # Whole numbers: a float would have the whole column converted, which for a million steps costs a frame.
        start = np.searchsorted(x, np.int64(math.ceil(first)), "left")
        stop = np.searchsorted(x, np.int64(math.floor(last)), "right")
        return max(int(start) - 1, 0), min(int(stop) + 1, len(run))

    @property
    def max_points(self) -> int:
        """As many points a line as can be told apart at this width."""
        return min(max(self.canvas.width(), 200), MAX_POINTS)

    def x_to_view(self, x: ArrayLike) -> Floats:
        """Places on the x axis as the view counts them."""
        return exponents(x) if self.is_log_x else np.asarray(x, np.float64)

    def y_to_view(self, y: ArrayLike) -> Floats:
        """Heights as the view counts them; what a logarithmic axis cannot show is NaN."""
        return exponents(y) if self.is_log_y else np.asarray(y, np.float64)

    def line(
        self, key: str, x: ArrayLike, y: ArrayLike, pen: QPen, *, z: float = 0.0, symbol: str = "", crisp: bool = False
    ) -> None:
        """Draw or redraw one line; a gap where y is not finite. `symbol` marks its points; `crisp` spares the softening."""
        self._drawn.add(key)
        curve = self._curves.get(key)
        if curve is None:
            curve = pg.PlotDataItem(connect="finite", antialias=True) if symbol else pg.PlotCurveItem(antialias=not crisp)
            self._curves[key] = curve
            self.canvas.plotItem.addItem(curve, ignoreBounds=True)
        curve.setZValue(z)
        xs, ys = self.x_to_view(x), self.y_to_view(y)
        ys = np.where(np.isfinite(ys), ys, np.nan)
        if symbol:
            points = (xs.tobytes(), ys.tobytes(), pen.color().rgba())
            if self._marked.get(key) == points and len(xs):
                return  # marks cost the most and change the least
            self._marked[key] = points
            whole = np.isfinite(ys)
            brush = pg.mkBrush(pen.color())
            curve.setData(
                xs[whole], ys[whole], pen=pen, symbol=symbol, symbolSize=6, symbolPen=None, symbolBrush=brush, antialias=True
            )
        else:
            curve.setData(xs, ys, pen=pen, connect="finite", skipFiniteCheck=False)
            if (alone := without_neighbours(ys)).any():  # a line needs two points; one alone would not be seen
                dot = pg.mkPen(pen.color(), width=1)
                self.line(f"{key} alone", np.asarray(x)[alone], np.asarray(y)[alone], dot, z=z, symbol="o")

    def end_labels(self, labels: Sequence[EndLabel]) -> None:
        """Write these beside the lines' ends; y in data units."""
        self._ends.set_labels([replace(e, y=float(self.y_to_view(e.y))) for e in labels])
        self._make_label_room()

    def _make_label_room(self) -> None:
        widest = max(self._ends.width_needed(), self._x_name.width_needed()) if self._ends.labels else 0.0
        need = math.ceil(widest / space()) * space()
        # The column only grows while it is in use, so that the picture does not tremble with every digit.
        if need > self._label_width or not need:
            self._label_width = need
            self.set_label_width(need)
            self.labels_widened.emit()

    @property
    def label_width(self) -> int:
        """Pixels that the labels beside the lines' ends need."""
        return self._label_width

    def set_label_width(self, pixels: int) -> None:
        """Give the labels this many pixels."""
        self._ends.setFixedWidth(pixels)

    @property
    def labels(self) -> list[str]:
        """What is written at the lines' ends."""
        return [label.text for label in self._ends.labels]

    # Qt's side.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        match event.type():
            case QEvent.Type.MouseButtonDblClick:
                self.whole()
                return True
            case QEvent.Type.Leave:
                self._on_pointed(None)
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent) and watched is self.canvas:
                return self._key(event.key())
        return False

    def _key(self, key: int) -> bool:
        (first, last), _ = self.view.viewRange()
        x = self._crosshair.x
        places = {
            Qt.Key.Key_Left: max((last if x is None else x) - (last - first) / 100, first),
            Qt.Key.Key_Right: min((first if x is None else x) + (last - first) / 100, last),
            Qt.Key.Key_Home: first,
            Qt.Key.Key_End: last,
        }
        if Qt.Key(key) in places:
            self._on_pointed(places[Qt.Key(key)])
            return True
        return False

    def _on_pointed(self, x: float | None) -> None:
        self.point_at(x)
        self.pointed.emit(x)

    def _on_zoom(self, *_: object) -> None:
        low, high = self.view.viewRange()[0]
        if self.is_log_x:
            low, high = 10**low, 10**high
        self._zoom = None
        first, last = self.shown()
        low, high = max(low, first), min(high, last)
        # Zooming out past the whole run is the whole run, which then goes on growing in sight.
        self._zoom = None if (low <= first and high >= last) or high <= low else (low, high)
        self.refresh()

    def _show_readout(self) -> None:
        x = self._crosshair.x
        self.readout_text = self.readout(10**x if x is not None and self.is_log_x else x)
        room = self._readout.width() - 2
        self._readout.setText(parts_in(self.readout_text, QFontMetricsF(self._readout.font()), room))
        self._readout.setToolTip(plain(self.readout_text))
        self.told.emit(self.readout_text)

    def _say_empty(self, is_empty: bool) -> None:
        """Before there is anything to draw the axes count nothing, and a sentence says what will stand here."""
        for axis in (self._x_axis, self._y_axis):
            axis.setStyle(showValues=not is_empty)
        self._y_axis.setGrid(False if is_empty else _GRID)
        self._x_name.set_name("" if is_empty else self.across)
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
        self._make_label_room()  # at once: they are painted in the new type before the plot's turn comes
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
