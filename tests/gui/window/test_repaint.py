"""A window whose plots are held back shows, in the end, what it is: on the screen and not only when it is asked."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QLabel, QMainWindow, QVBoxLayout, QWidget
from shiboken6 import delete

from llmstudio.gui.window.repaint import Repaint


class Window(QMainWindow):
    """Notes what is painted, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []
        self.views = [View("first", self.painted), View("second", self.painted)]
        self.label = Word(self.painted)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addWidget(self.label)
        for view in self.views:
            column.addWidget(view)
        self.setCentralWidget(body)


class Word(QLabel):
    def __init__(self, painted: list[str]) -> None:
        super().__init__("before")
        self._painted = painted

    def paintEvent(self, event) -> None:
        self._painted.append("word")
        super().paintEvent(event)


class View(QGraphicsView):
    def __init__(self, name: str, painted: list[str]) -> None:
        super().__init__(QGraphicsScene())
        self._name, self._painted = name, painted

    def paintEvent(self, event) -> None:
        self._painted.append(self._name)
        super().paintEvent(event)


def on_screen(window: QWidget):
    """The pixels that were handed to the screen; grabbing the window itself would paint it anew."""
    return window.screen().grabWindow(window.winId()).toImage()


@pytest.fixture
def window(qtbot):
    made = Window()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: on_screen(made) == made.grab().toImage())
    return made


@pytest.fixture
def busy():
    """Two threads that want the interpreter all the time: timers ring late and in bunches, as beside a training."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(2000))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


def test_that_plots_are_painted_after_the_window_and_nothing_stays_unpainted(window, qtbot):
    repaint = Repaint(window)
    window.painted.clear()
    repaint.begin()
    repaint.begin()  # a second job ends in the same turn
    window.label.setText("after")
    qtbot.waitUntil(lambda: repaint.is_over and "second" in window.painted)
    assert list(dict.fromkeys(window.painted)) == ["word", "first", "second"]
    assert all(part.updatesEnabled() for part in (window, *window.views))


def test_that_what_was_about_to_be_painted_when_a_job_ends_is_painted(window, qtbot):
    """The bar asks for its painting and the job ends in the same turn: that request must not be used up unanswered."""
    repaint = Repaint(window)
    window.label.setText("about 1 s left")
    repaint.begin()
    window.label.setText("done")
    qtbot.waitUntil(lambda: repaint.is_over)
    for word in ("done", "later"):  # and the window goes on showing what comes after
        window.label.setText(word)
        qtbot.waitUntil(lambda: on_screen(window) == window.grab().toImage(), timeout=2000)


def test_that_the_screen_shows_the_last_word_under_load(window, qtbot, busy):
    """Many ends in a row, each in the middle of something else that wants to be painted."""
    repaint = Repaint(window)
    for i in range(40):
        window.label.setText(f"{i} s left")
        window.views[i % 2].setBackgroundBrush(QColor.fromHsv(9 * i, 255, 200))
        QTimer.singleShot(i % 3, repaint.begin)
        QTimer.singleShot(i % 2, lambda i=i: window.label.setText(f"ended {i}"))
        for _ in range(1 + i % 4):
            QApplication.processEvents()
            time.sleep(0.001 * (i % 3))
    qtbot.waitUntil(lambda: repaint.is_over and window.label.text() == "ended 39")
    qtbot.waitUntil(lambda: on_screen(window) == window.grab().toImage(), timeout=2000)


def test_that_a_plot_that_is_gone_stops_nothing(window, qtbot):
    repaint = Repaint(window)
    repaint.begin()
    window.views[0].setParent(None)
    delete(window.views.pop(0))
    repaint.begin()
    qtbot.waitUntil(lambda: repaint.is_over)
    assert window.views[0].updatesEnabled()
