"""Another program at work in the project: noticed when it begins and ends; the run that it trains is followed on disk."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.items.locks import other_writer
from llmstudio.core.training.history import EVENTS_FILE
from llmstudio.core.training.steps import STEPS_FILE
from llmstudio.gui.session.session import Session

LOOK_MS = 2000


class Elsewhere(QObject):
    """Looks now and then, while somebody looks at `sight`.

    Signals:
        turned: Another program began or ended its work here, or has made or removed a model.
        grew: The run that is followed has said more.
    """

    turned = Signal()
    grew = Signal()

    def __init__(self, session: Session, sight: QWidget) -> None:
        super().__init__(sight)
        self._session, self._sight = session, sight
        self._before = self._now()
        self._folder: Path | None = None
        self._sizes: tuple[int, ...] = ()
        self._not_before = 0.0
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @property
    def is_at_work(self) -> bool:
        """Whether another program writes in this project now."""
        return other_writer(self._session.project) is not None

    def follow(self, model_folder: Path | None) -> None:
        """Tell of this model's run when it grows; None for nobody's."""
        if model_folder != self._folder:
            self._folder = model_folder
            self._sizes = self._measured()

    def rest(self, seconds: float) -> None:
        """Leave what is followed alone for a while: reading it takes its time."""
        self._not_before = time.monotonic() + seconds

    @Slot()
    def look(self) -> None:
        """Look now."""
        if not self._sight.isVisible():
            return
        before, self._before = self._before, self._now()
        root, was_at_work, _ = before
        if before != self._before and root == self._before[0] and (was_at_work or self._before[1]):
            self.turned.emit()
        elif (
            self._folder is not None and time.monotonic() >= self._not_before and (sizes := self._measured()) != self._sizes
        ):
            self._sizes = sizes
            self.grew.emit()

    def _now(self) -> tuple[Path, bool, int]:
        project = self._session.project
        return project.root, self.is_at_work, project.changed("model")

    def _measured(self) -> tuple[int, ...]:
        folder = self._folder
        paths = [folder / name for name in (STEPS_FILE, EVENTS_FILE)] if folder is not None else []
        return tuple(_size(path) for path in paths)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # not there yet, or just gone
        return 0
