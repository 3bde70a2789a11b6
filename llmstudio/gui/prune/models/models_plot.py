"""Models as points: what each costs across, how good it is up, and a line through those that none is better than in both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.app.pruning.pareto import COSTS, MADE_BY, Entry, best_of
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.gui.look.figures import bytes_text, weights_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, say, series_color, series_symbol, space, theme
from llmstudio.gui.shared.plots.drawn_when_seen import DrawnWhenSeen
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole
from llmstudio.gui.shared.plots.room import keep_room
from llmstudio.gui.shared.readouts.quality_text import figure_text

_REACH = 14  # pixels from which a point is meant
_WIDE = 20.0  # times the least cost from which on the axis counts in powers of ten
_MOST_SPAN = 2.5  # times the fewest bits, above which a ruined model stands at the edge


class ModelsPlot(DrawnWhenSeen, pg.PlotWidget):
    """A point for each model.

    Attributes:
        entries: What is shown.
        best: Those of which none is better in both.
        named: Those whose names stand beside their points.

    Signals:
        picked: (name) a point was pressed.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"bottom": QuietAxis("bottom", self._across_text), "left": QuietAxis("left")}
        self._cost = next(iter(COSTS))
        super().__init__(parent, axisItems=axes, background=None)
        self.entries: list[Entry] = []
        self.best: list[Entry] = []
        self.named: list[str] = []
        self._current = ""
        self._top = math.inf
        self.setAccessibleName(self.tr("All models"))
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        paint_whole(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scene().sigMouseMoved.connect(self._look)
        self.scene().sigMouseClicked.connect(self._press)
        theme.changed.connect(self.redraw)

    def set_entries(self, entries: Sequence[Entry], cost: str, current: str) -> None:
        """Show these models of one group by one of `COSTS`, with a ring around `current`."""
        self.entries = [entry for entry in entries if cost in entry.costs]
        self.best = best_of(self.entries, cost)
        self._cost, self._current = cost, current
        self.setAccessibleDescription("; ".join(map(self.describe, self.entries)))
        self.redraw()

    def sizeHint(self) -> QSize:
        """It takes what is left."""
        return QSize(space(60), space(30))

    @property
    def _is_log(self) -> bool:
        costs = [entry.costs[self._cost] for entry in self.entries]
        return len(costs) > 1 and max(costs) > _WIDE * min(costs) > 0

    @property
    def _measure(self) -> str:
        return self.entries[0].group.measure if self.entries else MEASURES[0]

    def _place(self, entry: Entry) -> tuple[float, float]:
        cost = entry.costs[self._cost]
        return (math.log10(cost) if self._is_log else cost), min(entry.quality.value, self._top)

    def draw(self) -> None:
        """Put everything in its place."""
        self.clear()
        self.getAxis("bottom").is_log = self._is_log
        self._set_range()
        places = {entry.model: self._place(entry) for entry in self.entries}
        if self.best:
            steps = self._stairs([places[entry.model] for entry in self.best])
            pen = pg.mkPen(color("muted"), width=1.5, style=Qt.PenStyle.DashLine)
            self.plot([x for x, _ in steps], [y for _, y in steps], pen=pen, antialias=True)
        for index, verb in enumerate(MADE_BY):
            own = [places[entry.model] for entry in self.entries if entry.made_by == verb]
            if own:
                self.plot([x for x, _ in own], [y for _, y in own], pen=None, symbol=series_symbol(index), symbolSize=11,
                          symbolBrush=series_color(index), symbolPen=None, antialias=True)  # fmt: skip
        if (here := places.get(self._current)) is not None:
            self.plot([here[0]], [here[1]], pen=None, symbol="o", symbolSize=20, symbolBrush=None,
                      symbolPen=pg.mkPen(color("accent"), width=2), antialias=True)  # fmt: skip
        self._dress()
        self._write_names(places)

    def _stairs(self, places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """From one to the next at right angles: what lies between two of them nobody has shown."""
        right_first = not COSTS[self._cost].more_is_better
        found = [places[0]]
        for (x, y), (to_x, to_y) in pairwise(places):
            found += [(to_x, y) if right_first else (x, to_y), (to_x, to_y)]
        return found

    def _write_names(self, places: dict[str, tuple[float, float]]) -> None:
        """Where there is room: of the one that is chosen first, then of the best."""
        taken: list[QRectF] = []
        self.named = []
        view = self.plotItem.vb
        wanted = sorted(self.entries, key=lambda entry: (entry.model != self._current, entry not in self.best))
        room = self.mapToScene(self.rect()).boundingRect()
        for entry in wanted:
            item = pg.TextItem(entry.model, color=color("text" if entry.model == self._current else "muted"))
            item.setFont(font(BODY - 1, bold=entry.model == self._current))
            at = view.mapViewToScene(QPointF(*places[entry.model]))
            size = item.textItem.boundingRect()
            is_left = at.x() + size.width() + space() > room.right()
            corner = QPointF(at.x() - size.width() if is_left else at.x(), at.y() - size.height())
            area = QRectF(corner, size.size())
            if any(area.intersects(other) for other in taken):
                continue
            taken.append(area)
            self.named.append(entry.model)
            item.setAnchor((1.0 if is_left else 0.0, 1.0))
            self.addItem(item, ignoreBounds=True)
            item.setPos(*places[entry.model])

    def _set_range(self) -> None:
        values = [entry.quality.value for entry in self.entries] or [0.0, 1.0]
        low, high = min(values), max(values)
        self._top = math.inf
        if not HEADLINES[self._measure].more_is_better and high > _MOST_SPAN * low:
            high = self._top = _MOST_SPAN * low
        gap = max(0.1 * (high - low), 0.02 * abs(high), 1e-3)
        across = [self._place(entry)[0] for entry in self.entries] or [0.0, 1.0]
        first, last = (min(across), max(across)) if self._is_log else (0.0, max(across))
        wide = max(last - first, 1e-9)
        self.setRange(xRange=(first - 0.05 * wide, last + 0.12 * wide), yRange=(low - gap, high + 2 * gap), padding=0)

    def _dress(self) -> None:
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setTextPen(color("muted"))
            axis.setPen(pg.mkPen(None))
            axis.setTickFont(font(BODY - 1, tabular=True))
            axis.setGrid(40)
            axis.enableAutoSIPrefix(False)
        self.getAxis("left").setLabel(say(UNITS[self._measure]), color=color("muted").name())
        self.getAxis("bottom").setLabel(say(COSTS[self._cost].label), color=color("muted").name())
        keep_room(self)

    def _across_text(self, value: float) -> str:
        return cost_text(self._cost, value)

    def describe(self, entry: Entry) -> str:
        """What is said of a point on hover."""
        said = self.tr("{name}: {figure} {unit}, {cost} ({what})")
        if entry in self.best:
            said = self.tr("{name}: {figure} {unit}, {cost} ({what}); no model is better in both")
        figure, unit = figure_text(self._measure, entry.quality.value), say(UNITS[self._measure])
        cost, what = cost_text(self._cost, entry.costs[self._cost]), say(COSTS[self._cost].label)
        return said.format(name=entry.model, figure=figure, unit=unit, cost=cost, what=what)

    def _near(self, place: QPointF) -> Entry | None:
        best, reach = None, float(_REACH)
        for entry in self.entries:
            distance = (self.plotItem.vb.mapViewToScene(QPointF(*self._place(entry))) - place).manhattanLength()
            if distance < reach:
                best, reach = entry, distance
        return best

    def _look(self, place: QPointF) -> None:
        if (entry := self._near(place)) is not None:
            QToolTip.showText(self.mapToGlobal(self.mapFromScene(place)), plain(self.describe(entry)), self)

    def _press(self, event: object) -> None:
        if (entry := self._near(event.scenePos())) is not None:
            self.picked.emit(entry.model)


def cost_text(cost: str, value: float) -> str:
    """A cost with its unit."""
    if cost == "bytes":
        return bytes_text(round(value))
    if cost == "pace":
        return f"{value:,.0f}"
    return weights_text(round(value))
