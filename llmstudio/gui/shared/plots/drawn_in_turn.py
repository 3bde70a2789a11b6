"""What follows something that goes on, and is drawn when its turn comes, but only while it is seen."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent

from llmstudio.gui.shared.plots.turns import Turns


class DrawnInTurn:
    """Stands before the widget's own class among the bases; `redraw` is the subclass's, and takes back `_dirty`."""

    _turns: Turns
    _dirty = True

    def redraw(self) -> None:
        """Draw now."""
        raise AssertionError("everything draws itself")

    def refresh(self) -> None:
        """There is news: draw in turn, if anyone can see it."""
        self._dirty = True
        if self.isVisible():
            self._turns.ask(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has changed while nobody could see it."""
        super().showEvent(event)
        if self._dirty:
            self.redraw()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for no more turns."""
        super().hideEvent(event)
        self._turns.forget(self)
