"""The filled button of every tab, on small and larger screens, in small and large type, under a message."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project

TABS = ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect")
SIZES = (QSize(1024, 768), QSize(1440, 900))
MESSAGE = words("A rather long sentence about what is seen here. " * 3)
REMEDIES = (Remedy("retry", words("Train it again")),) * 3


@pytest.fixture(params=(1.0, 1.6))
def window(request: pytest.FixtureRequest, grown_project: Project) -> Iterator[MainWindow]:
    theme.zoom(request.param)
    made = MainWindow(Session(grown_project, Preferences()))
    made.show()
    yield made
    made.close_unasked()
    made.deleteLater()
    theme.zoom(1.0)
    QApplication.processEvents()


def verb_of(window: MainWindow) -> QPushButton:
    """The one verb that is in use."""
    inside = window.tabs.current().findChildren(QPushButton)
    (verb,) = (button for button in inside if button.property("role") == "verb" and button.isVisible())
    return verb


def test_that_the_verb_of_every_tab_is_whole_and_above_the_status_bar(window: MainWindow, qtbot: QtBot) -> None:
    cut = []
    for name, size in product(TABS, SIZES):
        window.resize(size)
        window.tabs.show_tab(name)
        qtbot.wait(30)
        qtbot.waitUntil(lambda: not window.session.questions.are_in_sight, timeout=20_000)
        for is_told in (False, True):
            if is_told:
                window.tabs.current().messages.show_message(MESSAGE, remedies=REMEDIES)
            qtbot.wait(60)
            assert window.size() == size
            verb = verb_of(window)
            place = QRect(verb.mapTo(window, QPoint(0, 0)), verb.size())
            foot = window.status.mapTo(window, QPoint(0, 0)).y()
            is_whole = verb.visibleRegion().boundingRect().size() == verb.size()
            is_low = verb.height() < verb.sizeHint().height()
            if not is_whole or is_low or place.bottom() >= foot or not window.rect().contains(place):
                cut.append((name, size.toTuple(), is_told, place.getRect(), foot))
        window.tabs.current().messages.clear()
    assert cut == []
