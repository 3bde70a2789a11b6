"""After a new layout the plots are painted one by one, each in a turn of the event loop: no turn is long.

The window itself is never held back. Qt asks once for a window's next painting and does not ask again while something is
marked as dirty; a request that arrives while a top-level window may not paint is used up, and the window stays as it was
for good. A plot inside it may be held: when it is let go it asks anew, and the window's own request is always answered.
"""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, QTimer, SignalInstance, Slot
from PySide6.QtWidgets import QGraphicsView, QWidget
from shiboken6 import isValid


class Repaint(QObject):
    """Holds a window's plots back until the rest of it is painted, then lets one after the other be painted."""

    def __init__(self, window: QWidget, *changes: SignalInstance) -> None:
        """Begin with each of `changes`, after which the window's parts are laid out anew."""
        super().__init__(window)
        self._window = window
        self._waiting: deque[QGraphicsView] = deque()
        self._turn = QTimer(self, singleShot=True, interval=1)
        self._turn.timeout.connect(self._paint_next)
        for change in changes:
            change.connect(self.begin)

    @property
    def is_over(self) -> bool:
        """True if nothing is held back."""
        return not self._waiting

    @Slot()
    def begin(self) -> None:
        """Hold every plot in sight back until the next turn; what was held back still is."""
        plots = [view for view in self._window.findChildren(QGraphicsView) if view.isVisible()]
        waiting = filter(isValid, self._waiting)  # a dialog's may be gone
        self._waiting = deque(dict.fromkeys([*waiting, *plots]))
        for part in self._waiting:
            part.setUpdatesEnabled(False)
        if self._waiting:
            self._turn.start()

    @Slot()
    def _paint_next(self) -> None:
        part = self._waiting.popleft()
        if isValid(part):
            part.setUpdatesEnabled(True)
        if self._waiting:
            self._turn.start()
