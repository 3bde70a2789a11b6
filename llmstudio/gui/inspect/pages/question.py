"""One question at a time, answered off the window's thread, and what is said while its answer takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.core.events import Failed
from llmstudio.core.work import Stop
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.session.session import Session

SLOW_MS = 400  # an answer that takes longer than this is announced


class Question(QObject):
    """The question of a page, and the answer that is waited for.

    Attributes:
        model: The name of the model that is asked.
        waiting: Says that the answer takes long.
        halt: Gives it up; in sight with `waiting`.

    Signals:
        asked: A question is on its way.
        stopped: Whatever was on its way is given up, if anything was: for another question, or for none.
        failed: The `Failed` that it ended in.
    """

    asked = Signal()
    stopped = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self.model = ""
        self._session = session
        self._stop: Stop | None = None  # of the question on its way
        self.waiting = Label()
        self.waiting.setProperty("role", "muted")
        self.halt = QPushButton(self.tr("Stop"), toolTip=plain(self.tr("Stop looking (Esc)")))
        self.halt.setProperty("role", "chip")
        self.halt.clicked.connect(self.stop)
        self._slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._slow.timeout.connect(self._say_slow)
        self._settle()

    def ask(self, function: Callable[[Stop], Any], then: Callable[[Any], None]) -> None:
        """Have `function(stop)` answered in another thread, and `then(answer)` if nothing was asked since.

        What was asked before is stopped at once, so that nobody waits for an answer that is no longer wanted.
        """
        self.stop()
        self._stop = asked = Stop()

        def answered(answer: Any) -> None:
            if not asked.requested:
                self._settle()
                then(answer)

        def refused(failed: Failed) -> None:
            if not asked.requested:
                self._settle()
                self.failed.emit(failed)

        self.asked.emit()
        self._slow.start()
        self._session.ask(lambda: function(asked), answered, owner=self, failed=refused)

    @Slot()
    def stop(self) -> None:
        """Give up the question on its way, if there is one; what is in sight stays."""
        if self._stop is not None:
            self._stop.request()
        self._settle()
        self.stopped.emit()

    @property
    def is_open(self) -> bool:
        """True while an answer is waited for."""
        return self._stop is not None

    def _settle(self) -> None:
        self._stop = None
        self._slow.stop()
        self.waiting.hide()
        self.halt.hide()

    @Slot()
    def _say_slow(self) -> None:
        self.waiting.setText(self.tr("{model} is working…").format(model=self.model))
        self.waiting.show()
        self.halt.show()
