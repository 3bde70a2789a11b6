from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.widgets.big_number import BigNumber
from llmstudio.gui.widgets.still_label import Still


class Layouts(QObject):
    """Counts the requests for a new layout that reach a widget."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def window_with(qtbot: QtBot, widget: QWidget) -> tuple[QWidget, Layouts]:
    window = QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(widget, 1)
    window.resize(400, 80)
    window.show()
    qtbot.wait(20)
    return window, Layouts(window)


def test_that_a_plain_label_asks_for_a_layout_and_a_still_one_does_not(qtbot: QtBot) -> None:
    plain, inner = QLabel("1"), QLabel("1")
    still = Still(inner)
    for widget, change in ((plain, plain), (still, still)):
        _, layouts = window_with(qtbot, widget)
        change.setText("a longer text")
        qtbot.wait(20)
        assert bool(layouts.count) == (widget is plain)
    assert inner.width() == still.width()


def test_that_a_growing_room_is_as_wide_as_the_widest_text(qtbot: QtBot) -> None:
    still = Still(QLabel(), grows=True)
    _, layouts = window_with(qtbot, still)
    still.setText("1 min 40 s left")
    wide = still.sizeHint().width()
    qtbot.wait(20)
    assert layouts.count == 1
    still.setText("40 s left")
    qtbot.wait(20)
    assert layouts.count == 1
    assert still.sizeHint().width() == wide
    still.setText("")
    assert still.sizeHint().width() == 0


def test_that_a_big_number_changes_in_place(qtbot: QtBot) -> None:
    number = BigNumber("tokens/s")
    _, layouts = window_with(qtbot, number)
    number.set_value("20,077", "1.2 GB of 24 GB")
    qtbot.wait(20)
    assert layouts.count == 0
    assert number.text == number.accessibleName() == "20,077 tokens/s 1.2 GB of 24 GB"
    number.set_value("", unit="left")
    assert number.text == "– left"
