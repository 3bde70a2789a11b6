from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.forms.number_boxes import ShortNumbers, WholeBox
from llmstudio.gui.look.steady import SteadyFraction, SteadyList, SteadyNumber, SteadySlider
from llmstudio.gui.shared.pickers.name_box import NameBox

KINDS = (SteadyList, NameBox, SteadyNumber, WholeBox, SteadyFraction, ShortNumbers, SteadySlider)


def made(kind: type) -> QWidget:
    field = kind(0, 9) if kind in (WholeBox, ShortNumbers) else kind()
    if isinstance(field, QComboBox):
        field.addItems(["a", "b", "c"])
        field.setCurrentIndex(1)
    else:
        field.setValue(5)
    return field


def value(field: QWidget) -> float:
    return field.currentIndex() if isinstance(field, QComboBox) else field.value()


def turn(field: QWidget) -> bool:
    """Turn the wheel above a field. True if it took the turn for itself."""
    place = QPointF(field.rect().center())
    event = QWheelEvent(
        place, field.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, event)
    return event.isAccepted()


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_wheel_turns_a_field_only_where_the_keyboard_is(kind: type, qtbot: QtBot) -> None:
    window, other, field = QWidget(), QLineEdit(), made(kind)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(other)
    column.addWidget(field)
    window.show()
    window.activateWindow()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    before = value(field)
    turn(field)
    assert value(field) == before
    assert not field.hasFocus()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert turn(field)
    assert value(field) != before
