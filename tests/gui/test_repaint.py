"""A window whose painting is held back is painted whole in the end, its plots after it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QMainWindow, QVBoxLayout, QWidget
from shiboken6 import delete

from llmstudio.gui.repaint import Repaint


class Window(QMainWindow):
    """Notes what is painted, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []
        self.views = [View("first", self.painted), View("second", self.painted)]
        body = QWidget()
        column = QVBoxLayout(body)
        for view in self.views:
            column.addWidget(view)
        self.setCentralWidget(body)

    def paintEvent(self, event) -> None:
        self.painted.append("window")
        super().paintEvent(event)


class View(QGraphicsView):
    def __init__(self, name: str, painted: list[str]) -> None:
        super().__init__(QGraphicsScene())
        self._name, self._painted = name, painted

    def paintEvent(self, event) -> None:
        self._painted.append(self._name)
        super().paintEvent(event)


@pytest.fixture
def window(qtbot):
    made = Window()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_that_plots_are_painted_after_the_window_and_nothing_stays_unpainted(window, qtbot):
    repaint = Repaint(window)
    qtbot.waitUntil(lambda: "second" in window.painted)
    window.painted.clear()
    repaint.begin()
    repaint.begin()  # a second job ends in the same turn
    assert not window.updatesEnabled()
    qtbot.waitUntil(lambda: repaint.is_over and "second" in window.painted)
    assert list(dict.fromkeys(window.painted)) == ["window", "first", "second"]
    assert all(part.updatesEnabled() for part in (window, *window.views))


def test_that_a_plot_that_is_gone_stops_nothing(window, qtbot):
    repaint = Repaint(window)
    repaint.begin()
    window.views[0].setParent(None)
    delete(window.views.pop(0))
    repaint.begin()
    qtbot.waitUntil(lambda: repaint.is_over)
    assert window.updatesEnabled()
    assert window.views[0].updatesEnabled()
