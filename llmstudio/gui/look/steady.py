"""Lists, numbers and sliders that a wheel turns only where the keyboard is: scrolling past one leaves it as it is.

Qt's own change under a pointer that was only on its way. So nothing in the window is made of Qt's own.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox


class _Steady:
    """What makes a field of Qt's steady; stands before its class."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a list of Qt's takes the focus from the wheel itself

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The next entry or step, if it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # so that what it lies in scrolls


class SteadyList(_Steady, QComboBox):
    """A list to choose from."""


class SteadyNumber(_Steady, QSpinBox):
    """A whole number."""


class SteadyFraction(_Steady, QDoubleSpinBox):
    """A number with decimals."""


class SteadySlider(_Steady, QSlider):
    """A slider."""
