"""Where the window stands: as it was left, if that is still on a screen, else in the middle."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_FIRST_SIZE = QSize(1180, 780)
_FRAME = QSize(8, 40)  # what the system's frame takes, roughly; it is not known before the window is shown


def put_in_place(window: QWidget, geometry: str) -> None:
    """Give a window the size and place that it was left with (Qt's own words for them in base 64, empty at first)."""
    kept = QByteArray.fromBase64(geometry.encode())
    if kept.isEmpty() or not window.restoreGeometry(kept) or not _is_on_screen(window):
        screen = QGuiApplication.primaryScreen().availableGeometry()
        window.resize(_FIRST_SIZE.boundedTo(screen.size() - _FRAME))
        window.move(screen.center() - window.rect().center() - QPoint(0, _FRAME.height() // 2))


def _is_on_screen(window: QWidget) -> bool:
    frame = window.frameGeometry()
    shown = [screen.availableGeometry().intersected(frame) for screen in QGuiApplication.screens()]
    return any(part.width() >= frame.width() // 2 and part.height() >= frame.height() // 2 for part in shown)
