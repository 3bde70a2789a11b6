"""A change of type lays everything out anew: a window made in large type and turned back is as one made in small."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSplitter,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project

TABS = ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect")
SLACK = 8  # pixels between two splits of one height: parts are rounded, and lines wrap a word earlier
WIDE, SMALL = QSize(1440, 880), QSize(1010, 720)
Make = Callable[..., MainWindow]


@pytest.fixture
def make(grown: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[Make]:
    """Makes windows on a small grown project, every tab of which has been looked at."""
    shutil.copytree(grown, tmp_path / "grown")
    made: list[MainWindow] = []

    def window(scale: float, size: QSize = WIDE, names: tuple[str, ...] = TABS) -> MainWindow:
        theme.zoom(scale)
        made.append(MainWindow(Session(Project(tmp_path / "grown"), Preferences())))
        made[-1].resize(size)
        made[-1].show()
        for name in names:
            made[-1].tabs.tab(name)
        look(made[-1], qtbot, names)
        return made[-1]

    yield window
    for one in made:
        one.close_unasked()
        one.deleteLater()
    theme.zoom(1.0)
    QApplication.processEvents()


def look(window: MainWindow, qtbot: QtBot, names: tuple[str, ...] = TABS) -> None:
    """Turn to every tab until what it asks for is there."""
    for name in names:
        window.tabs.show_tab(name)
        qtbot.wait(60)
        qtbot.waitUntil(lambda: not window.session.questions.are_in_sight, timeout=20_000)
        qtbot.wait(60)


def sizes(window: MainWindow, qtbot: QtBot) -> dict[str, Any]:
    """What type and spacing decide, of everything that can be seen in any tab, by its place in the tree."""
    found: dict[str, Any] = {}

    def walk(widget: QWidget, place: str) -> None:
        found[place] = (round(widget.font().pointSizeF(), 1), widget.minimumWidth(), widget.maximumWidth())
        if (layout := widget.layout()) is not None:
            margins = layout.contentsMargins()
            found[f"{place} layout"] = (margins.left(), margins.top(), layout.spacing())
        if isinstance(widget, QSplitter):
            found[f"{place} split"] = widget.sizes()
        if isinstance(widget, QTabBar | QLineEdit | QPushButton):
            found[f"{place} height"] = widget.sizeHint().height()
        if isinstance(widget, pg.PlotWidget):
            for side, axis in widget.plotItem.axes.items():
                if axis["item"].isVisible() and axis["item"].label.isVisible():
                    found[f"{place} {side}"] = (axis["item"].label.font().pointSizeF(), axis["item"].style["tickFont"])
        counts: dict[str, int] = {}
        for child in widget.children():
            kind = type(child).__name__
            counts[kind] = counts.get(kind, -1) + 1
            is_still = type(widget).__name__ == "Still" and isinstance(
                child, QLabel
            )  # as wide as its place, which is compared
            if isinstance(child, QWidget) and child.isVisible() and not isinstance(child, QScrollBar) and not is_still:
                walk(child, f"{place}/{kind} {counts[kind]}")

    for name in TABS:
        window.tabs.show_tab(name)
        qtbot.wait(40)
        walk(window.tabs.currentWidget(), name)
    for part in (window.tabs.tabBar(), window.status, window.menuBar()):
        walk(part, type(part).__name__)
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    def differ(place: str) -> bool:
        if place.endswith(" split"):
            return any(abs(a - b) > SLACK for a, b in zip(one[place], other[place], strict=True))
        return bool(one[place] != other[place])

    assert len(one) > 400
    assert one.keys() == other.keys()
    return {place: (one[place], other[place]) for place in one if differ(place)}


def folded(window: MainWindow) -> list[str]:
    return [name for name in TABS[1:] if window.tabs.tab(name).findChild(TabLayout).is_folded]


def test_that_a_window_made_in_large_type_is_after_turning_back_as_one_made_in_small(make: Make, qtbot: QtBot) -> None:
    expected = sizes(make(1.0), qtbot)
    window = make(1.6)
    theme.zoom(1.0)
    look(window, qtbot)
    assert differences(expected, sizes(window, qtbot)) == {}


def test_that_in_large_type_the_settings_fold_and_no_tab_scrolls_sideways(make: Make, qtbot: QtBot) -> None:
    window = make(1.6, SMALL)
    assert folded(window) == list(TABS[1:])
    for name in TABS:
        window.tabs.show_tab(name)
        qtbot.wait(60)
        assert window.size() == SMALL, name
        for area in (window.tabs.currentWidget(), *window.tabs.currentWidget().findChildren(QScrollArea)):
            assert not area.isVisible() or area.horizontalScrollBar().maximum() == 0, (name, area.width())
    prune = window.tabs.tab("prune").page.view
    assert prune.viewport().height() >= prune.plot.height()  # none of the main plot is below the edge
    theme.zoom(1.0)
    look(window, qtbot)
    assert folded(window) == []


def test_that_folded_settings_leave_their_verb_in_sight_and_stay_as_the_person_put_them(make: Make, qtbot: QtBot) -> None:
    window = make(1.6, QSize(1430, 850), ("prune",))
    tab = window.tabs.tab("prune")
    layout = tab.findChild(TabLayout)
    assert tab.verb.isVisible()
    assert not tab.page.setup.form.isVisible()
    layout._fold.click()
    assert tab.page.setup.form.isVisible()
    assert tab.verb.isVisible()
    window.resize(1400, 850)
    qtbot.wait(50)
    assert tab.page.setup.form.isVisible()
