"""The picker of each narrow pane shows an everyday name as it is, in a window of 1024 by 768."""

from __future__ import annotations

from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project

NAMES = ["notebook", "notebook 2", "notebook, 50 % pruned"]


def test_that_the_names_of_models_are_whole_where_one_is_picked(grown_project: Project, qtbot: QtBot) -> None:
    window = MainWindow(Session(grown_project, Preferences()))
    window.resize(QSize(1024, 768))
    window.show()
    for tab in ("prune", "chat", "inspect"):
        window.tabs.show_tab(tab)
        qtbot.wait(50)
        qtbot.waitUntil(lambda: not window.session.questions.are_in_sight, timeout=20_000)
        picker = window.tabs.tab(tab).models
        picker.set_names(NAMES)
        for name in NAMES:
            picker.pick(name)
            qtbot.wait(10)
            assert picker._list.shown() == name, tab
    window.close_unasked()
    window.deleteLater()


def test_that_the_usual_recipes_of_a_race_are_whole_in_the_narrow_pane(grown_project: Project, qtbot: QtBot) -> None:
    window = MainWindow(Session(grown_project, Preferences()))
    window.resize(QSize(1024, 768))
    window.show()
    window.tabs.show_tab("train")
    race = window.tabs.tab("train").race
    race.show_race()
    qtbot.waitUntil(lambda: not window.session.questions.are_in_sight, timeout=20_000)
    qtbot.wait(50)
    for line in race.setup.lines:
        assert line.presets.shown() == line.presets.currentText()
    window.close_unasked()
    window.deleteLater()
