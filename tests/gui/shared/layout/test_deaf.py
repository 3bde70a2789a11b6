from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.chat.page import ChatPage
from llmstudio.gui.shared.layout import deaf
from llmstudio.gui.shared.layout.tab_layout import TabLayout


def test_that_a_verb_takes_no_press_just_after_a_job_and_takes_it_later(qtbot: QtBot, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(deaf.time, "monotonic", lambda: now[0])
    verb, pressed = QPushButton("Train"), []
    verb.clicked.connect(lambda: pressed.append(now[0]))
    layout = TabLayout(QWidget(), QWidget(), verb=verb)
    qtbot.addWidget(layout)
    layout.show()
    layout.rest_verb()
    for now[0] in (100.0, 100.9):
        qtbot.mouseClick(verb, Qt.MouseButton.LeftButton)
        qtbot.keyClick(verb, Qt.Key.Key_Space)
    assert pressed == []
    now[0] = 101.1
    qtbot.mouseClick(verb, Qt.MouseButton.LeftButton)
    assert pressed == [101.1]


def test_that_a_press_meant_for_stop_does_not_send_the_next_message(qtbot: QtBot, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(deaf.time, "monotonic", lambda: now[0])
    page, sent, stopped = ChatPage(), [], []
    qtbot.addWidget(page)
    page.show()
    page.sent.connect(lambda: sent.append(now[0]))
    page.stopped.connect(lambda: stopped.append(now[0]))
    page.set_busy(True)
    qtbot.mouseClick(page.send_button, Qt.MouseButton.LeftButton)
    page.set_busy(False)
    qtbot.mouseClick(page.send_button, Qt.MouseButton.LeftButton)
    assert (stopped, sent) == ([100.0], [])
    now[0] = 102.0
    qtbot.mouseClick(page.send_button, Qt.MouseButton.LeftButton)
    assert sent == [102.0]
