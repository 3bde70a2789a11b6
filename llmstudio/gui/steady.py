"""Lists, numbers and sliders that a wheel turns only where the keyboard is: scrolling past one leaves it as it is.

Qt's own change under a pointer that was only on its way. So nothing in the window is made of Qt's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QWidget


class SteadyList(QComboBox):
    """A list to choose from."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        _steady(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The next entry, if it has the focus."""
        _turn(self, event, super().wheelEvent)


class SteadyNumber(QSpinBox):
    """A whole number."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        _steady(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A step, if it has the focus."""
        _turn(self, event, super().wheelEvent)


class SteadyFraction(QDoubleSpinBox):
    """A number with decimals."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        _steady(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A step, if it has the focus."""
        _turn(self, event, super().wheelEvent)


class SteadySlider(QSlider):
    """A slider."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        _steady(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A step, if it has the focus."""
        _turn(self, event, super().wheelEvent)


def _steady(field: QWidget) -> None:
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a list of Qt's takes the focus from the wheel itself


def _turn(field: QWidget, event: QWheelEvent, turn: Callable[[QWheelEvent], None]) -> None:
    if field.hasFocus():
        turn(event)
    else:
        event.ignore()  # so that what it lies in scrolls
