"""Quality against sparsity: what was measured of a model and its pruned children, and where one stands now."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.app.pruning.knee import knee
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.gui.look.figures import bytes_text, share_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, say, series_color, series_pen, series_symbol, space, theme
from llmstudio.gui.shared.plots.drawn_when_seen import DrawnWhenSeen
from llmstudio.gui.shared.plots.end_labels import EndLabel, EndLabels
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole
from llmstudio.gui.shared.plots.room import keep_room
from llmstudio.gui.shared.readouts.quality_text import figure_text

AXES = ("share", "bytes", "pace")
"""What a plot may count from left to right: the share gone, bytes of the file, tokens a second."""

_REACH = 14  # pixels from which a point is meant
_LEAST_SPAN = 0.2  # of the highest value
_MOST_SPAN = 2.5  # times the lowest value, above which lines leave at the top and only their labels tell where they end


@dataclass(frozen=True)
class Point:
    """A measured model: its sparsity, its headline figure, its name.

    Attributes:
        is_look: Whether it was only looked at, and not saved.
        num_bytes: Of its file; None if that is not known.
        pace: Tokens a second at which it writes; None if that was not measured.
    """

    sparsity: float
    value: float
    name: str
    is_look: bool = False
    num_bytes: float | None = None
    pace: float | None = None

    def across(self, axis: str) -> float | None:
        """Where it lies from left to right, by one of `AXES`; None where it does not lie."""
        return {"share": self.sparsity, "bytes": self.num_bytes, "pace": self.pace}[axis]


class SparsityPlot(DrawnWhenSeen, pg.PlotWidget):
    """A line of points for each way of pruning, and a marker at the slider's place.

    Signals:
        picked: (name) the model of a point that was pressed.
    """

    picked = Signal(str)

    def __init__(self, usual: Sequence[str] = (), parent: QWidget | None = None) -> None:
        """`usual`: names of ways that keep their colours, in this order, whatever else is drawn."""
        self._usual = tuple(usual)
        axes = {"bottom": QuietAxis("bottom", self._across_text), "left": QuietAxis("left")}
        self._axis = AXES[0]
        super().__init__(parent, axisItems=axes, background=None)
        self._series: dict[str, list[Point]] = {}
        self._measure = MEASURES[0]
        self._here = 0.0
        self.setAccessibleName(self.tr("Quality against sparsity"))
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        paint_whole(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._line = pg.InfiniteLine(angle=90)
        self._mark = pg.TextItem()
        self._ends = EndLabels(self.plotItem.vb)
        self.plotItem.layout.addItem(self._ends, 2, 3)
        self.scene().sigMouseMoved.connect(self._look)
        self.scene().sigMouseClicked.connect(self._press)
        theme.changed.connect(self.redraw)

    def set_series(self, series: Mapping[str, Sequence[Point]], measure: str = MEASURES[0]) -> None:
        """Show these points, by the name of the way they were pruned; each line begins at the whole model.

        Their figures count what `measure` names, one of `MEASURES`.
        """
        self._measure = measure
        self._series = {name: sorted(points, key=lambda p: p.sparsity) for name, points in series.items()}
        told = [f"{p.name}: {share_text(p.sparsity)}, {self._text(p.value)}" for p in self._points()]
        self.setAccessibleDescription("; ".join(told))
        self.redraw()

    def set_axis(self, axis: str) -> None:
        """Count one of `AXES` from left to right."""
        self._axis = axis
        self.redraw()

    def set_here(self, sparsity: float) -> None:
        """Put the marker where the slider is."""
        self._here = sparsity
        self._place_marker()

    @property
    def series(self) -> dict[str, list[Point]]:
        """What is shown."""
        return dict(self._series)

    def sizeHint(self) -> QSize:
        """Modest, so that what stands under it is seen; it takes what is left."""
        return QSize(space(60), space(20))

    def _points(self) -> list[Point]:
        return [point for points in self._series.values() for point in points]

    def draw(self) -> None:
        """Put everything in its place."""
        self.clear()
        labels = []
        others = itertools.count(len(self._usual))
        for name, known in self._series.items():
            index = self._usual.index(name) if name in self._usual else next(others)
            points = [point for point in known if point.across(self._axis) is not None]
            saved = [p for p in points if not p.is_look]
            looks = [p for p in points if p.is_look]
            pen, shade = series_pen(index), series_color(index)
            symbol = series_symbol(index)
            self.plot(self._across(points), [p.value for p in points], pen=pen, antialias=True)
            self.plot(self._across(saved), [p.value for p in saved], pen=None, symbol=symbol, symbolSize=9,
                      symbolBrush=shade, symbolPen=None, antialias=True)  # fmt: skip
            self.plot(self._across(looks), [p.value for p in looks], pen=None, symbol=symbol, symbolSize=10,
                      symbolBrush=color("page"), symbolPen=pg.mkPen(shade, width=2), antialias=True)  # fmt: skip
            if (at := self._knee(known)) is not None and at in points:
                self.plot(self._across([at]), [at.value], pen=None, symbol="o", symbolSize=18, symbolBrush=None,
                          symbolPen=pg.mkPen(shade, width=1.5), antialias=True)  # fmt: skip
            if points:
                labels.append(EndLabel(f"{name} {self._text(points[-1].value)}", points[-1].value, pen))
        self._ends.set_labels(labels)
        self._ends.setFixedWidth(self._ends.width_needed())
        self.addItem(self._line, ignoreBounds=True)
        self.addItem(self._mark, ignoreBounds=True)
        self._set_range()
        self._dress()
        self._place_marker()

    def _across(self, points: Sequence[Point]) -> list[float]:
        return [at for point in points if (at := point.across(self._axis)) is not None]

    def _across_text(self, value: float) -> str:
        """A value of the axis at the bottom in words."""
        match self._axis:
            case "share":
                return share_text(value)
            case "bytes":
                return bytes_text(round(value))
        return f"{value:,.0f}"

    def _knee(self, points: Sequence[Point]) -> Point | None:
        """The point of a line up to which pruning costs little."""
        at = knee([(point.sparsity, point.value) for point in points])
        return None if at is None else points[at]

    def _set_range(self) -> None:
        bits = [p.value for p in self._points()] or [0.0, 1.0]
        low, high = min(bits), max(bits)
        if not HEADLINES[self._measure].more_is_better:  # a model that is ruined says no more than one that is nearly so
            high = min(high, _MOST_SPAN * low)
        # A cost of half a percent must not fill the plot as one of half the bits would.
        short = max(0.0, max(0.1, _LEAST_SPAN * high) - (high - low)) / 2
        low, high = low - short, high + short
        gap = 0.15 * (high - low)
        across = [at for point in self._points() if (at := point.across(self._axis)) is not None]
        right = 1.0 if self._axis == "share" else 1.05 * max(across, default=1.0)
        self.setRange(xRange=(-0.02 * right, right), yRange=(low - gap, high + 2 * gap), padding=0)

    def _dress(self) -> None:
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setTextPen(color("muted"))
            axis.setPen(pg.mkPen(None))
            axis.setTickFont(font(BODY - 1, tabular=True))
            axis.setGrid(40)
            axis.enableAutoSIPrefix(False)  # bits per byte are a plain number, not thousandths of one
        self.getAxis("left").setLabel(say(UNITS[self._measure]), color=color("muted").name())
        below = {
            "share": self.tr("share gone, of the weights that may go"),
            "bytes": self.tr("size of the file"),
            "pace": self.tr("tokens a second, written one after the other"),
        }
        self.getAxis("bottom").setLabel(below[self._axis], color=color("muted").name())
        keep_room(self)
        self._line.setPen(pg.mkPen(color("accent"), width=1, style=Qt.PenStyle.DashLine))
        self._mark.setColor(color("accent"))
        self._mark.fill = pg.mkBrush(color("page"))
        self._mark.setFont(font(BODY, bold=True))
        self._mark.setText(self.tr("● here"))

    def _place_marker(self) -> None:
        for item in (self._line, self._mark):
            item.setVisible(self._axis == "share")
        self._line.setPos(self._here)
        # At the edges the words would be cut, so they lean inwards.
        self._mark.setAnchor((0.0 if self._here < 0.1 else 1.0 if self._here > 0.9 else 0.5, 0.0))
        self._mark.setPos(self._here, self.plotItem.vb.viewRange()[1][1])

    def _near(self, place: QPointF) -> Point | None:
        best, reach = None, float(_REACH)
        for point in self._points():
            across = point.across(self._axis)
            if across is None:
                continue
            at = self.plotItem.vb.mapViewToScene(QPointF(across, point.value))
            distance = (at - place).manhattanLength()
            if distance < reach:
                best, reach = point, distance
        return best

    def describe(self, point: Point) -> str:
        """What is said of a point on hover."""
        kind = (
            self.tr("{name}: {share} gone, about {figure} {unit}, by a look at a part of the text")
            if point.is_look
            else self.tr("{name}: {share} gone, {figure} {unit}")
        )
        if any(point == self._knee(points) for points in self._series.values()):
            kind = self.tr("{told}, the knee").format(told=kind)
        figure, unit = self._text(point.value), say(UNITS[self._measure])
        return kind.format(name=point.name, share=share_text(point.sparsity), figure=figure, unit=unit)

    def _text(self, value: float) -> str:
        return figure_text(self._measure, value)

    def _look(self, place: QPointF) -> None:
        if (point := self._near(place)) is not None:
            QToolTip.showText(self.mapToGlobal(self.mapFromScene(place)), plain(self.describe(point)), self)

    def _press(self, event: object) -> None:
        point = self._near(event.scenePos())
        if point is not None and not point.is_look:
            self.picked.emit(point.name)
