"""A button that begins work must not take the press that was meant for the Stop button it replaces."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton

REST = 1.0
"""Seconds: longer than a hand that is already on its way takes to press (about 0.7 s to notice and hold back)."""

_PRESSES = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.KeyPress,
    QEvent.Type.KeyRelease,
    QEvent.Type.Shortcut,
)


class Deaf(QObject):
    """Makes its button take no presses for `REST` seconds after `begin`. Its look does not change: nothing flickers."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button)
        self._until = 0.0
        button.installEventFilter(self)

    def begin(self) -> None:
        """From now on, for a moment, no press counts."""
        self._until = time.monotonic() + REST

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True for a press that comes too early."""
        if event.type() not in _PRESSES or time.monotonic() >= self._until:
            return False
        # The way on with the Tab key stays open.
        return event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or _presses(event)


def _presses(event: QEvent) -> bool:
    assert isinstance(event, QKeyEvent)
    return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)
