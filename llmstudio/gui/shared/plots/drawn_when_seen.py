"""A plot that spends no time while nobody can see it: what changed meanwhile is drawn once, when it comes into sight."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent


class DrawnWhenSeen:
    """Stands before the widget's own class among the bases; `redraw` asks, `draw` is the subclass's."""

    _is_stale = True

    def draw(self) -> None:
        """Put everything in its place."""
        raise AssertionError("every plot draws itself")

    def redraw(self) -> None:
        """Draw now, if anyone can see it."""
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has changed while nobody could see it."""
        super().showEvent(event)
        if self._is_stale:
            self.redraw()
