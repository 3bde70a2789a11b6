"""Every tab in a window on a screen of 1024 by 768, which the system's own frame and bar have made smaller."""

from __future__ import annotations

from collections.abc import Iterator

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.scroll_down import ScrollDown
from llmstudio.gui.shared.plots.column_plot import ColumnPlot
from llmstudio.gui.train.run.picture.differences import Comparison
from llmstudio.gui.train.run.picture.loss_plot import LossPlot
from llmstudio.gui.train.run.picture.memory_plot import MemoryPlot
from llmstudio.gui.train.tab import TrainTab
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project

ROOM = QSize(1010, 720)
LEAST = 140  # pixels for the curves themselves


@pytest.fixture
def window(grown_project: Project, qtbot: QtBot) -> Iterator[MainWindow]:
    session = Session(grown_project, Preferences())
    made = MainWindow(session)
    made.resize(ROOM)
    made.show()
    for name in ("corpus", "tokenizer", "train", "prune", "chat", "inspect"):
        made.tabs.tab(name)
    yield made
    made.close_unasked()
    made.deleteLater()


@pytest.fixture
def train(window: MainWindow, qtbot: QtBot) -> TrainTab:
    tab = window.tabs.tab("train")
    window.tabs.show_tab("train")
    qtbot.waitUntil(lambda: len(tab.view.run) > 0, timeout=10_000)
    return tab


def settle(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(5):
        qtbot.wait(20)
    assert window.size() == ROOM


def sideways(window: MainWindow) -> int:
    return window.tabs.currentWidget().horizontalScrollBar().maximum()


def main_plots(window: MainWindow) -> dict[str, float]:
    """Heights of the plots in sight, but for those that stand below a learning curve."""
    found = {}
    for canvas in window.tabs.currentWidget().findChildren(pg.PlotWidget):
        owner = canvas.parentWidget()
        is_below = isinstance(owner, ColumnPlot | MemoryPlot) and not isinstance(owner, LossPlot)
        if canvas.isVisible() and not is_below:
            found[f"{type(owner).__name__} {len(found)}"] = canvas.plotItem.vb.height()
    return found


def test_that_no_tab_of_a_grown_project_scrolls_sideways_and_every_plot_has_its_height(
    window: MainWindow, qtbot: QtBot
) -> None:
    seen: dict[str, float] = {}
    for name in ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect"):
        window.tabs.show_tab(name)
        settle(window, qtbot)
        if name == "train":
            qtbot.waitUntil(lambda: len(window.tabs.tab("train").view.run) > 0, timeout=10_000)
            settle(window, qtbot)
        assert sideways(window) == 0, name
        seen |= {f"{name} {plot}": height for plot, height in main_plots(window).items()}
    assert {plot.split()[0] for plot in seen} >= {"corpus", "train", "prune"}
    assert {plot: height for plot, height in seen.items() if height < LEAST} == {}


def test_that_a_learning_curve_keeps_its_height_beside_whatever_else_is_in_sight(
    window: MainWindow, train: TrainTab, qtbot: QtBot
) -> None:
    def check(state: str) -> None:
        settle(window, qtbot)
        assert sideways(window) == 0, state
        assert set(main_plots(window)) == {"LossPlot 0"}, state
        assert main_plots(window)["LossPlot 0"] >= LEAST, state

    picture, page = train.view.picture, train.findChild(ScrollDown)
    check("a run")
    assert page.verticalScrollBar().maximum() == 0
    assert not train.why.is_open  # it has given way
    train.why._toggle.click()
    check("the explanation opened by hand")
    assert train.why.is_open
    assert page.verticalScrollBar().maximum() > 0
    train.why._toggle.click()
    train.messages.show_message(
        words("A rather long sentence about this run. " * 6), remedies=(Remedy("retry", words("Train it again")),) * 4
    )
    check("a message")
    train.messages.clear()
    for chip in picture.findChildren(QPushButton):
        chip.setVisible(chip.property("role") == "chip" or chip.isVisible())  # as for a VAE that is compared
    check("all chips")
    picture.lower.set_comparison(Comparison(["a", "b"], [], []))
    picture.lower.show_part(1)
    check("another plot below")


def test_that_a_race_keeps_the_height_of_its_curves(window: MainWindow, train: TrainTab, qtbot: QtBot) -> None:
    train.race.show_race()
    train.race.view._pages.setCurrentWidget(train.race.view.picture)
    settle(window, qtbot)
    assert sideways(window) == 0
    assert main_plots(window)["RacePlot 0"] >= LEAST


def test_that_the_explanation_comes_back_where_there_is_room_unless_the_person_folded_it(
    window: MainWindow, train: TrainTab, qtbot: QtBot
) -> None:
    settle(window, qtbot)
    assert not train.why.is_open
    window.resize(ROOM.width(), 1000)
    qtbot.waitUntil(lambda: train.why.is_open)
    window.resize(ROOM)
    qtbot.waitUntil(lambda: not train.why.is_open)
    window.resize(ROOM.width(), 1000)
    qtbot.waitUntil(lambda: train.why.is_open)
    train.why._toggle.click()
    qtbot.wait(50)
    assert not train.why.is_open
