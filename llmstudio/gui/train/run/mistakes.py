"""What the model in sight tells of held-out texts, classes or tags: asked of its newest checkpoint, while somebody looks."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.app.classes.confusion import Confusion, confusion
from llmstudio.app.tags.watched import TagLook, tag_look
from llmstudio.core.events import Failed
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.work import Stop
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.picture.classes.looks_plot import looks_of, tag_looks_of
from llmstudio.gui.train.run.picture.run_picture import TrainPicture

_REST = 10  # times as long as an answer took, so that a run that goes on loses a tenth of its pace at most
_LEAST_S = 1.0


class Mistakes(QObject):
    """Keeps what the picture tells of held-out texts in step with the run in sight.

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
        picture.told_seen.connect(self.look)

    def turn(self, *, is_live: bool) -> None:
        """Another run is in sight, or the one in sight is over."""
        if self._asked is not None and self._asked[0] != self._picture.run.name:
            self._stop.request()
            self._is_open = False
            self._asked = None
            self._rest.stop()
            for picture in (self._picture.classes, self._picture.tags):
                picture.show_told(None)
        self.is_live = is_live
        self.look()

    @Slot()
    def look(self) -> None:
        """Ask, if somebody looks and there is anything new to be told."""
        run = self._picture.run
        looks, picture = looks_of(run) or tag_looks_of(run), self._picture.lesson
        if picture is None or not self._picture.shows_lesson or self._is_open or self._rest.isActive():
            return
        wanted = run.name, looks[-1].step, self.is_live
        about = self._session.items.find("model", run.name)
        if wanted == self._asked or about is None or not has_begun(about.path):
            if self._asked is None:
                picture.show_told(None, self.tr("Shown as soon as the run has saved its weights."))
            return
        self._asked, self._asked_at, self._is_open, self._stop = wanted, time.monotonic(), True, Stop()
        if picture.told is None:
            picture.show_told(None, self.tr("The model is asked about the held-out texts…"))
        which = "last" if self.is_live else "best"
        question = tag_look if picture is self._picture.tags else confusion
        work = partial(question, self._session.project, run.name, which=which, stop=self._stop)
        self._session.ask(work, self._on_told, owner=self, failed=self._on_refused, is_long=True)

    @Slot(object)
    def _on_told(self, told: Confusion | TagLook) -> None:
        if told.model == self._picture.run.name:
            if isinstance(told, TagLook):
                self._picture.tags.show_told(told)
            else:
                self._picture.classes.show_told(told)
        self._settle()

    @Slot(object)
    def _on_refused(self, failed: Failed) -> None:
        if (picture := self._picture.lesson) is not None and picture.told is None:
            picture.show_told(None, say(failed.message))
        self._settle()

    def _settle(self) -> None:
        self._is_open = False
        taken = time.monotonic() - self._asked_at
        self._rest.start(round(1000 * max(_LEAST_S, _REST * taken if self.is_live else 0.0)))
