"""Who may draw now: plots of one window take turns, so that no turn of the event loop has to paint more than one of them.

Drawing takes the processor from the run that is being drawn. It may have a fixed small share of the time and no more: on a
fast computer that is several pictures a second, on a slow one a picture every second or two, and the run keeps its pace.
"""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Slot

SHARE = 0.02
"""Of the time, for drawing all of them."""
_SOONEST_S, _LATEST_S = 0.1, 2.0
_PAINTED = 2.0  # what painting takes, in drawings: the half of the work that happens after `redraw` has returned
_TICK_MS = 25


class Drawn(Protocol):
    """What can wait for its turn."""

    def redraw(self) -> None:
        """Draw now."""

    def isVisible(self) -> bool:  # Qt's spelling
        """True if anyone can see it."""


class Turns(QObject):
    """Lets those who ask draw one after another, as often as `SHARE` allows, and only while they are seen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: set[Drawn] = set()
        self._drawn_at: dict[Drawn, float] = {}
        self._next = 0.0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def ask(self, who: Drawn) -> None:
        """Let `who` draw soon."""
        self._waiting.add(who)
        if not self._timer.isActive():
            self._timer.start()

    def forget(self, who: Drawn) -> None:
        """`who` no longer wants to draw."""
        self._waiting.discard(who)

    @Slot()
    def _tick(self) -> None:
        began = time.monotonic()
        self._waiting = {who for who in self._waiting if who.isVisible()}
        if not self._waiting:
            self._timer.stop()
        elif began >= self._next:
            who = min(self._waiting, key=lambda w: self._drawn_at.get(w, 0.0))
            self._waiting.discard(who)
            who.redraw()
            self._drawn_at[who] = now = time.monotonic()
            self._next = now + min(max((1 + _PAINTED) * (now - began) / SHARE, _SOONEST_S), _LATEST_S)
