"""Keeping the end of what grows in sight, until a person scrolls back to read."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QScrollArea

from llmstudio.gui.look.theme import space


class FollowedEnd(QObject):
    """The end of what an area scrolls. It is followed while it is in sight, and again once it is gone to."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._bar = area.verticalScrollBar()
        self._follows = True
        self._bar.valueChanged.connect(self._on_scrolled)
        self._bar.rangeChanged.connect(self._on_grown)

    def go_to(self) -> None:
        """Bring the end into sight and follow it."""
        self._follows = True
        # After the layout has given what is new its height.
        QTimer.singleShot(0, self, self._to_end)

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self._bar.maximum() - space(2)

    @Slot(int, int)
    def _on_grown(self, _low: int, high: int) -> None:
        if self._follows:
            self._bar.setValue(high)

    @Slot()
    def _to_end(self) -> None:
        self._bar.setValue(self._bar.maximum())
