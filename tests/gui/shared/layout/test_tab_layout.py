from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.shared.layout.tab_layout import TabLayout


def test_that_settings_folded_for_a_wide_picture_come_back_when_a_narrow_one_is_in_front(qtbot: QtBot) -> None:
    picture = QWidget()
    layout = TabLayout(QWidget(), picture)
    qtbot.addWidget(layout)
    layout.resize(900, 600)
    layout.show()
    picture.setMinimumWidth(800)
    qtbot.waitUntil(lambda: layout.is_folded)
    picture.setMinimumWidth(200)
    layout.look_again()
    qtbot.waitUntil(lambda: not layout.is_folded)
    layout.fold_left(True)  # the person's own choice
    layout.look_again()
    qtbot.wait(20)
    assert layout.is_folded
