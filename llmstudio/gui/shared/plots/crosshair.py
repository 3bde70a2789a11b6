"""A vertical line that follows the mouse, or the arrow keys, over a plot and says where it stands."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Signal

from llmstudio.gui.look.theme import color


class Crosshair(QObject):
    """A pointer into a plot.

    Signals:
        moved(object): The place on the x axis as the view counts it, or None when the mouse has left.
    """

    moved = Signal(object)

    def __init__(self, canvas: pg.PlotWidget) -> None:
        super().__init__(canvas)
        self._view = canvas.plotItem.vb
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setZValue(50)
        self._line.hide()
        canvas.plotItem.addItem(self._line, ignoreBounds=True)
        self._proxy = pg.SignalProxy(canvas.scene().sigMouseMoved, rateLimit=30, slot=self._follow)
        self.dress()

    @property
    def x(self) -> float | None:
        """Where it stands; None while it is not shown."""
        return float(self._line.value()) if self._line.isVisible() else None

    def dress(self) -> None:
        """Take the colours in force."""
        self._line.setPen(pg.mkPen(color("muted"), width=1))

    def put(self, x: float | None) -> None:
        """Stand at `x`, or vanish."""
        if x is not None:
            self._line.setValue(x)
        self._line.setVisible(x is not None)

    def _follow(self, arguments: tuple[QPointF]) -> None:
        inside = self._view.sceneBoundingRect().contains(arguments[0])
        self.moved.emit(self._view.mapSceneToView(arguments[0]).x() if inside else None)
