"""How often each token occurs against its rank, both on logarithmic axes: a few tokens do most of the work.

In: counts. The dashed line is Zipf's law, a count that halves as the rank doubles (Zipf 1949).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, color, font, series_color, series_pen, theme
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole
from llmstudio.gui.shared.plots.room import keep_room


class RankPlot(pg.PlotWidget):
    """The rank-frequency curve of one tokenizer or two; hover tells rank, token and count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {side: QuietAxis(side) for side in ("left", "bottom")}
        for axis in axes.values():
            axis.is_log = True
        super().__init__(parent, background=None, axisItems=axes)
        self.setAccessibleName(self.tr("How often each token occurs, by rank"))
        self._counts: list[np.ndarray] = []
        self._names: list[list[str]] = []
        self._curves: list[pg.PlotDataItem] = []
        self._line = self.plot([], [])
        self._dot = pg.ScatterPlotItem(size=9)
        self.addItem(self._dot)
        self.setLogMode(True, True)
        self.setMenuEnabled(False)
        self.hideButtons()
        paint_whole(self)
        self.scene().sigMouseMoved.connect(self._look)
        theme.changed.connect(self._dress)
        self._dress()

    def set_counts(self, names: Sequence[str], counts: Sequence[int]) -> None:
        """Show the tokens `names` with their `counts`; those that never occur are left out, most frequent first."""
        for curve in self._curves:
            self.removeItem(curve)
        values = np.asarray(counts, np.int64)
        order = np.argsort(-values, kind="stable")[: int((values > 0).sum())]
        self._counts, self._names = [values[order]], [[names[i] for i in order]]
        self._curves = [self.plot(np.arange(1, len(order) + 1), values[order])] if len(order) else []
        self._line.setData([], [])
        if len(order) > 1:
            top = float(values[order[0]])
            last = min(float(len(order)), max(2.0, top))
            self._line.setData(np.array([1.0, last]), np.array([top, top / last]))
        self._dot.clear()
        self.autoRange(padding=0.04)
        self._dress()

    def ranked(self) -> list[tuple[str, int]]:
        """Tokens and counts as shown, by rank."""
        return list(zip(self._names[0], self._counts[0].tolist(), strict=True)) if self._counts else []

    def describe(self, rank: int) -> str:
        """What is said of the token at a rank (from 1)."""
        return plural(
            self.tr("rank {rank}: “{token}”, {n|time|times}"),
            rank=rank,
            token=self._names[0][rank - 1],
            n=f"{self._counts[0][rank - 1]:,}",
        )

    def _dress(self) -> None:
        if self.plotItem is None:  # closed, and not yet gone
            return
        ink = color("text")
        for name, label in (("left", self.tr("times in the corpus")), ("bottom", self.tr("rank"))):
            axis = self.getAxis(name)
            axis.setTextPen(ink)
            axis.setPen(color("line"))
            axis.setStyle(tickFont=font(BODY))
            axis.setLabel(escape(label), color=ink.name())
        keep_room(self)
        self.showGrid(True, True, 0.12)
        for i, curve in enumerate(self._curves):
            curve.setPen(series_pen(i))
        self._line.setPen(pg.mkPen(color("muted"), width=1, style=Qt.PenStyle.DashLine))
        self._dot.setBrush(series_color(0))
        self._dot.setPen(pg.mkPen(ink))

    def _look(self, point: QPointF) -> None:
        if not self._curves or not self.plotItem.vb.sceneBoundingRect().contains(point):
            self._dot.clear()
            return
        rank = round(10 ** min(self.plotItem.vb.mapSceneToView(point).x(), 9.0))
        rank = min(max(rank, 1), len(self._counts[0]))
        self._dot.setData([np.log10(rank)], [np.log10(self._counts[0][rank - 1])])
        QToolTip.showText(self.mapToGlobal(self.mapFromScene(point)), plain(self.describe(rank)), self)

    def mouseDoubleClickEvent(self, event: QEvent) -> None:
        """Back to the whole curve."""
        self.autoRange(padding=0.04)
