"""A map of sentences: every point is one, a press anywhere asks what would be written there.

In: points with their texts, and places to mark. Out: where the person pressed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import color, series_color, space, theme
from llmstudio.gui.shared.plots.drawn_when_seen import DrawnWhenSeen
from llmstudio.gui.shared.plots.quiet_axis import QuietAxis, paint_whole

_REACH = 12  # pixels from which a point is meant


class LatentMap(DrawnWhenSeen, pg.PlotWidget):
    """A scatter of sentences, a trail, and where one stands.

    Signals:
        picked(float, float): A place of the map was pressed.
    """

    picked = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None, axisItems={side: QuietAxis(side) for side in ("bottom", "left")})
        self.points: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self.texts: tuple[str, ...] = ()
        self.trail: list[tuple[float, float]] = []
        self.here: tuple[float, float] | None = None
        self.setAccessibleName(self.tr("Map of sentences"))
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        paint_whole(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for side in ("bottom", "left"):
            self.hideAxis(side)
        self.plotItem.vb.setAspectLocked(True)
        self._cloud = pg.ScatterPlotItem(pxMode=True, size=5)
        self._path = pg.PlotDataItem()
        self._mark = pg.ScatterPlotItem(pxMode=True, size=16, symbol="o")
        for item in (self._cloud, self._path, self._mark):
            self.addItem(item)
        self.scene().sigMouseMoved.connect(self._look)
        self.scene().sigMouseClicked.connect(self._press)
        theme.changed.connect(self.redraw)

    def set_points(self, points: NDArray[np.float32], texts: Sequence[str]) -> None:
        """Show these sentences (N, 2); the old trail and place are gone."""
        self.points, self.texts, self.trail, self.here = points, tuple(texts), [], None
        self.setAccessibleDescription(plural(self.tr("{n|sentence|sentences}"), n=f"{len(texts):,}"))
        if len(points):
            low, high = np.percentile(points, (0.5, 99.5), axis=0)
            edge = 0.12 * np.maximum(high - low, 1e-3)
            self.setRange(
                xRange=(low[0] - edge[0], high[0] + edge[0]), yRange=(low[1] - edge[1], high[1] + edge[1]), padding=0
            )
        self.redraw()

    def set_trail(self, places: Sequence[tuple[float, float]]) -> None:
        """Show a way along these places."""
        self.trail = list(places)
        self.redraw()

    def set_here(self, x: float, y: float) -> None:
        """Stand here."""
        self.here = (x, y)
        self.redraw()

    def sizeHint(self) -> QSize:
        """Takes what is left."""
        return QSize(space(50), space(40))

    def minimumSizeHint(self) -> QSize:
        """Enough to press at."""
        return QSize(space(28), space(24))

    def draw(self) -> None:
        """Put everything in its place."""
        quiet = series_color(0)
        quiet.setAlpha(90)
        self._cloud.setData(self.points[:, 0], self.points[:, 1], pen=None, brush=pg.mkBrush(quiet))
        trail = np.array(self.trail, float).reshape(-1, 2)
        ink = series_color(1)
        self._path.setData(
            trail[:, 0], trail[:, 1], pen=pg.mkPen(ink, width=1.5), symbol="o", symbolSize=7, symbolBrush=ink, symbolPen=None
        )
        here = np.array([self.here] if self.here else [], float).reshape(-1, 2)
        self._mark.setData(here[:, 0], here[:, 1], pen=pg.mkPen(color("text"), width=2), brush=pg.mkBrush(color("accent")))

    def _near(self, place: QPointF) -> int:
        """Index of the sentence under the mouse; -1 for none."""
        if not len(self.points):
            return -1
        at = self.plotItem.vb.mapSceneToView(place)
        pixel = self.plotItem.vb.viewPixelSize()
        apart = np.hypot((self.points[:, 0] - at.x()) / pixel[0], (self.points[:, 1] - at.y()) / pixel[1])
        nearest = int(apart.argmin())
        return nearest if apart[nearest] < _REACH else -1

    def _look(self, place: QPointF) -> None:
        if (index := self._near(place)) >= 0:
            QToolTip.showText(self.mapToGlobal(self.mapFromScene(place)), plain(self.texts[index]), self)

    def _press(self, event: object) -> None:
        at = self.plotItem.vb.mapSceneToView(event.scenePos())
        self.picked.emit(float(at.x()), float(at.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys walk."""
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        way = ways.get(Qt.Key(event.key()))
        if way is None or not len(self.points):
            super().keyPressEvent(event)
            return
        (left, right), _ = self.plotItem.vb.viewRange()
        x, y = self.here or (0.0, 0.0)
        step = (right - left) / 40
        self.picked.emit(x + way[0] * step, y + way[1] * step)
