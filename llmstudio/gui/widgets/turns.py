"""Who may draw now: plots of one window take turns, so that no turn of the event loop has to paint more than one of them."""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Slot

REDRAW_S = 0.1
_TICK_MS = 25


class Drawn(Protocol):
    """What can wait for its turn."""

    def redraw(self) -> None:
        """Draw now."""

    def isVisible(self) -> bool:  # Qt's spelling
        """True if anyone can see it."""


class Turns(QObject):
    """Lets those who ask draw one after another, each at most every `REDRAW_S` seconds, and only while they are seen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[Drawn, float] = {}
        self._drawn_at: dict[Drawn, float] = {}
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def ask(self, who: Drawn) -> None:
        """Let `who` draw soon."""
        self._waiting.setdefault(who, time.monotonic())
        if not self._timer.isActive():
            self._timer.start()

    def forget(self, who: Drawn) -> None:
        """`who` no longer wants to draw."""
        self._waiting.pop(who, None)

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic()
        for who in sorted(self._waiting, key=lambda w: self._drawn_at.get(w, 0.0)):
            if not who.isVisible():
                del self._waiting[who]
            elif now - self._drawn_at.get(who, 0.0) >= REDRAW_S:
                del self._waiting[who]
                self._drawn_at[who] = now
                who.redraw()
                return
        if not self._waiting:
            self._timer.stop()
