"""A project full of markup in names, texts and answers: the window shows it letter by letter and loads no picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.app.items.chats import save_chat
from llmstudio.app.preferences import Preferences
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Failed
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.look.label import Label
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project
from tests.gui.conftest import end

INK = QColor("#ff00fe")


@pytest.fixture
def spy(tmp_path: Path) -> str:
    picture = QImage(60, 60, QImage.Format.Format_RGB32)
    picture.fill(INK)
    assert picture.save(str(tmp_path / "spy.png"))
    return f"<img src='file://{tmp_path / 'spy.png'}'>"


@pytest.fixture
def window(grown_project: Project, tmp_path: Path, spy: str, qtbot: QtBot) -> Iterator[MainWindow]:
    text = tmp_path / "spy.txt"
    text.write_text(f"<b>{spy}</b> & so on.\n\n" * 60, encoding="utf-8")
    list(import_corpus(grown_project, [text], name="Marked", config=CorpusConfig(), stop=Stop()))
    talk = Chat().say(USER, f"What is {spy}?")
    talk = talk.say(ASSISTANT, f"<h1>{spy}</h1>")
    talk = replace(talk, messages=tuple(replace(m, model=spy, stop_reason="length", tokens=3) for m in talk.messages))
    save_chat(grown_project, "Talk", talk, model="Tiny")
    session = Session(grown_project, Preferences())
    made = MainWindow(session)
    made.show()
    yield made
    made.close()
    end(session)


def tips_of(widget: QWidget) -> list[str]:
    found = [part.toolTip() for part in (widget, *widget.findChildren(QWidget), *widget.findChildren(QAction))]
    for view in widget.findChildren(QAbstractItemView):
        model = view.model()
        for row in range(min(model.rowCount(view.rootIndex()), 30) if model is not None else 0):
            for column in range(8):  # an index beside the table is empty
                found.append(str(model.index(row, column, view.rootIndex()).data(Qt.ItemDataRole.ToolTipRole) or ""))
    return found


def test_that_no_name_text_or_answer_is_read_as_markup(window: MainWindow, spy: str, qtbot: QtBot) -> None:
    window.show_problem(Failed(message=words("“{name}” is damaged.", name=spy)))
    for name in ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect"):
        tab = window.tabs.tab(name)
        window.tabs.show_tab(name)
        window.session.chosen.emit("corpus", "Marked")
        if name == "chat":
            tab.talk.open("Talk")
            qtbot.waitUntil(lambda: any(spy in label.text() for label in window.findChildren(QLabel)))
        qtbot.wait(100)
        for bar in (window.messages, getattr(tab, "messages", None)):
            if bar is not None:
                bar.show_failed(Failed(message=words("{text}", text=spy)))
        qtbot.wait(50)
        labels = window.findChildren(QLabel)
        assert labels
        for label in labels:
            assert isinstance(label, Label), label.text()
            assert label.textFormat() != Qt.TextFormat.AutoText
            assert label.textFormat() == Qt.TextFormat.PlainText or "<img" not in label.text()
        assert not [tip for tip in tips_of(window) if "<img" in tip]
        seen = window.grab().toImage()
        assert not [1 for x in range(0, seen.width(), 9) for y in range(0, seen.height(), 9) if seen.pixelColor(x, y) == INK]
