"""Sixty random actions in the real window beside a busy thread: after each, screen, window and session agree.

The long form is `python tests/trials/monkey.py`.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project
from tests.gui.conftest import end

SCRIPT = Path(__file__).resolve().parents[1] / "trials" / "monkey.py"
SEED, ACTIONS = 11, 60


def _load():
    found = importlib.util.spec_from_file_location("monkey", SCRIPT)
    module = importlib.util.module_from_spec(found)
    sys.modules["monkey"] = module
    found.loader.exec_module(module)
    return module


trial = _load()


@pytest.fixture
def busy() -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(2000))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def grown(project: Project) -> None:
    trial.grow(project)


@pytest.fixture
def monkey(project: Project, tmp_path: Path) -> Iterator[object]:
    session = Session(project, Preferences())
    window = MainWindow(session)
    window.show()
    made = trial.Monkey(window, SEED, tmp_path, heavy=False)
    yield made
    made.end()
    for lane in ("work", "talk", "measure"):
        session.stop(lane, keep=False)
    end(session)
    window.close()
    window.deleteLater()
    theme.zoom(1.0)
    theme.choose("light")


def test_that_after_any_action_the_screen_shows_what_the_session_says(grown, monkey, busy) -> None:
    monkey.run(ACTIONS)
    assert sum(monkey.counts.values()) == ACTIONS
    assert len(monkey.counts) > 6


def test_that_the_monkey_would_see_a_frozen_window_and_an_uncaught_error(monkey, qtbot: QtBot, monkeypatch) -> None:
    """What it looks for, put in by hand: a check that cannot fail would find nothing."""
    monkeypatch.setattr(trial, "_SETTLE_S", 0.5)
    window = monkey.window
    monkey.settle()
    window.setUpdatesEnabled(False)
    window.status.show_device("another computer")
    with pytest.raises(trial.Wrong, match="the screen does not show"):
        monkey.settle()
    window.setUpdatesEnabled(True)
    monkey.settle()
    window.setWindowTitle("Elsewhere · llmstudio")
    with pytest.raises(trial.Wrong, match="the title"):
        monkey.settle()
    window._on_project()
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.wait(50)
    with pytest.raises(trial.Wrong, match="ZeroDivisionError"):
        monkey.settle()
