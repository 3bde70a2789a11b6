from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import FIGURE, font
from llmstudio.gui.train.run.picture.big_number import BigNumber


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


def test_that_of_a_unit_and_a_remark_whole_parts_are_left_out_where_room_is_short() -> None:
    metrics = QFontMetricsF(font())
    for text in ("tokens/s, looks included", "step 60, whole text · zip: 2.61 · last look: 1.72"):
        whole = [part for part in re.split(r" · |, ", text)]
        for room in range(60, 400, 3):
            shown = parts_in(text, metrics, room)
            assert metrics.horizontalAdvance(shown) <= room
            if metrics.horizontalAdvance(whole[0]) <= room:
                assert re.split(r" · |, ", shown) == whole[: len(re.split(r" · |, ", shown))]


def test_that_the_whole_of_a_big_number_is_told_on_hover(qtbot: QtBot) -> None:
    number = BigNumber("tokens/s, looks included")
    qtbot.addWidget(number)
    number.set_value("20,077", "1.2 GB · computed in bf16")
    assert "looks included" in number.toolTip()
    assert "computed in bf16" in number.toolTip()


def test_that_a_unit_that_has_no_room_beside_its_figure_begins_the_line_below(qtbot: QtBot) -> None:
    number = BigNumber("in all")
    qtbot.addWidget(number)
    number.set_value("3 min 11 s", "step 60 of 60 · finished")
    assert number.fitting(1000) == ("in all", "step 60 of 60 · finished")
    narrow = QFontMetricsF(font(FIGURE, bold=True, tabular=True)).horizontalAdvance("3 min 11 s") + 10
    unit, remark = number.fitting(narrow)
    assert unit == ""
    assert remark.startswith("in all")
    assert "…" not in remark
