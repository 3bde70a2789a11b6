from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from llmstudio.gui.shared.readouts.job_bar import JobBar


class Paints(QObject):
    """Counts how often a widget paints itself."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def paints_in(qtbot: QtBot, bar: JobBar, milliseconds: int) -> int:
    QApplication.processEvents()
    paints = Paints(bar)
    qtbot.wait(milliseconds)
    return paints.count


def test_that_only_a_bar_that_knows_no_total_keeps_painting_itself(qtbot: QtBot) -> None:
    bar = JobBar("Progress")
    qtbot.addWidget(bar)
    bar.setStyleSheet("QProgressBar { border: 0; background: #ddd } QProgressBar::chunk { background: #36c }")
    bar.show()
    bar.show_share(0, None)
    paints = Paints(bar)
    qtbot.waitUntil(lambda: paints.count > 3, timeout=10_000)
    bar.show_share(0, 1_000_000)
    qtbot.wait(50)
    assert paints_in(qtbot, bar, 300) == 0


def test_that_the_bar_is_filled_as_far_as_the_job_is(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.show_share(3, 4)
    assert bar.value() / bar.maximum() == 0.75
    bar.show_share(9, 4)
    assert bar.value() == bar.maximum()
    bar.show_share(5, None)
    assert bar.maximum() == 0
