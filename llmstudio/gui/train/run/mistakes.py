"""Which class the model in sight takes for which: asked of its newest checkpoint, while somebody looks."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.app.classes.confusion import Confusion, confusion
from llmstudio.core.events import Failed
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.work import Stop
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.picture.classes.looks_plot import looks_of
from llmstudio.gui.train.run.picture.run_picture import TrainPicture

_REST = 10  # times as long as an answer took, so that a run that goes on loses a tenth of its pace at most
_LEAST_S = 1.0


class Mistakes(QObject):
    """Keeps the table of the picture in step with the run in sight.

    Attributes:
        is_live: The run in sight goes on here.
    """

    def __init__(self, session: Session, picture: TrainPicture, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._picture = session, picture
        self.is_live = False
        self._asked: tuple[str, int, bool] | None = None  # run, newest look, whether it goes on
        self._asked_at = 0.0
        self._stop = Stop()
        self._is_open = False
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self.look)
        picture.classes_seen.connect(self.look)

    def turn(self, *, is_live: bool) -> None:
        """Another run is in sight, or the one in sight is over."""
        if self._asked is not None and self._asked[0] != self._picture.run.name:
            self._stop.request()
            self._is_open = False
            self._asked = None
            self._rest.stop()
            self._picture.classes.show_confusion(None)
        self.is_live = is_live
        self.look()

    @Slot()
    def look(self) -> None:
        """Ask, if somebody looks and there is anything new to be told."""
        run = self._picture.run
        looks = looks_of(run)
        if not looks or not self._picture.shows_classes or self._is_open or self._rest.isActive():
            return
        wanted = run.name, looks[-1].step, self.is_live
        about = self._session.items.find("model", run.name)
        if wanted == self._asked or about is None or not has_begun(about.path):
            if self._asked is None:
                self._picture.classes.show_confusion(None, self.tr("Shown as soon as the run has saved its weights."))
            return
        self._asked, self._asked_at, self._is_open, self._stop = wanted, time.monotonic(), True, Stop()
        if self._picture.classes.matrix.confusion is None:
            self._picture.classes.show_confusion(None, self.tr("The model is asked for the classes of the held-out texts…"))
        which = "last" if self.is_live else "best"
        work = partial(confusion, self._session.project, run.name, which=which, stop=self._stop)
        self._session.ask(work, self._on_told, owner=self, failed=self._on_refused, is_long=True)

    @Slot(object)
    def _on_told(self, told: Confusion) -> None:
        if told.model == self._picture.run.name:
            self._picture.classes.show_confusion(told)
        self._settle()

    @Slot(object)
    def _on_refused(self, failed: Failed) -> None:
        if self._picture.classes.matrix.confusion is None:
            self._picture.classes.show_confusion(None, say(failed.message))
        self._settle()

    def _settle(self) -> None:
        self._is_open = False
        taken = time.monotonic() - self._asked_at
        self._rest.start(round(1000 * max(_LEAST_S, _REST * taken if self.is_live else 0.0)))
