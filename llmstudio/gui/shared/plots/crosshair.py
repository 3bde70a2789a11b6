"""A vertical line that follows the mouse over a plot and says where it stands; in some plots arrow keys move it too."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent

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


class KeyedCrosshair(Crosshair):
    """A crosshair that arrow keys move as well, over a plot that can be zoomed.

    Signals:
        whole_asked: A double click asks for everything to be in sight again.
    """

    whole_asked = Signal()

    def __init__(self, canvas: pg.PlotWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.viewport().installEventFilter(self)
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        match event.type():
            case QEvent.Type.MouseButtonDblClick:
                self.whole_asked.emit()
                return True
            case QEvent.Type.Leave:
                self.moved.emit(None)
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent) and watched is self._canvas:
                return self._key(event.key())
        return False

    def _key(self, key: int) -> bool:
        (first, last), _ = self._view.viewRange()
        x = self.x
        places = {
            Qt.Key.Key_Left: max((last if x is None else x) - (last - first) / 100, first),
            Qt.Key.Key_Right: min((first if x is None else x) + (last - first) / 100, last),
            Qt.Key.Key_Home: first,
            Qt.Key.Key_End: last,
        }
        if Qt.Key(key) in places:
            self.moved.emit(places[Qt.Key(key)])
            return True
        return False
