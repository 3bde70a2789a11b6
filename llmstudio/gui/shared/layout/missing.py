"""What a tab lacks: offered as a button, or, while a job is making one, told and led to."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.tab_layout import Offer

_MADE_IN = {"corpus": "corpus", "tokenizer": "tokenizer", "model": "train"}  # by kind of item: the tab whose jobs make it
_MAKES_ALL = "home"  # the tab of the guided tour, which makes one of each


class Missing(Offer):
    """The page of a tab that lacks an item; what it says follows the session, so that it is never behind a job.

    Signals:
        pressed: The offer was taken, and does not just lead to another tab: that is done here.
    """

    pressed = Signal()

    def __init__(
        self, session: Session, kind: str = "", text: str = "", button: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("", "", parent)
        self._session = session
        self._kind, self._lack, self._way_out, self._leads = kind, text, button, True
        session.job_started.connect(self._tell)
        session.job_ended.connect(self._tell)
        self._tell()

    def lack(self, kind: str, text: str, button: str, *, leads: bool = False) -> None:
        """Say what is missing.

        Args:
            kind: The item that would help: corpus, tokenizer, model; empty if none is missing.
            text: That there is none.
            button: What to do about it, when no job is doing it already.
            leads: Whether the button leads to the tab where such an item is made.
        """
        self._kind, self._lack, self._way_out, self._leads = kind, text, button, leads
        self._tell()

    def maker(self) -> JobInfo | None:
        """The job that is making what is missing, if there is one."""
        job = self._session.running()
        makes = job is not None and self._kind and job.tab in (_MADE_IN[self._kind], _MAKES_ALL)
        return job if makes else None

    @Slot()
    def _tell(self, *_news: object) -> None:
        if (job := self.maker()) is None:
            self.set_words(self._lack, self._way_out)
            return
        text = self.tr("{job} … What it makes can be used here as soon as it is done.")
        self.set_words(text.format(job=job.title), self.tr("Watch"))

    @Slot()
    def take(self) -> None:
        """Go to the job, or do what is offered."""
        if self._leads or self.maker() is not None:
            self._session.go_to.emit(_MADE_IN[self._kind])
        else:
            self.pressed.emit()
