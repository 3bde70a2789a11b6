"""Which job the status bar shows, and how it stands: begun, held, asked to stop, over."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from llmstudio.core.events import Event
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.status_bar import StatusBar

LANES = ("work", "talk", "measure")  # in the order in which the status bar prefers them


class JobSight(QObject):
    """Keeps a status bar in step with the session."""

    def __init__(self, session: Session, status: StatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._status = session, status
        session.job_started.connect(self._show)
        session.job_events.connect(self._on_events)
        session.job_paused.connect(self._on_paused)
        session.job_stopping.connect(self._on_stopping)
        session.job_ended.connect(self._show)
        session.torch_loading.connect(status.show_note)

    def job(self) -> JobInfo | None:
        """The job in sight; None if nothing runs."""
        return next((job for lane in LANES if (job := self._session.running(lane))), None)

    def _is_in_sight(self, lane: str) -> bool:
        job = self.job()
        return job is not None and job.lane == lane

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if self._is_in_sight(lane):
            self._status.show_events(events)

    @Slot(str, bool)
    def _on_paused(self, lane: str, paused: bool) -> None:
        if self._is_in_sight(lane):
            self._status.show_paused(paused)

    @Slot(str)
    def _on_stopping(self, lane: str) -> None:
        if self._is_in_sight(lane):
            self._status.show_stopping()

    @Slot(object)
    @Slot(str, object)
    def _show(self, *_news: object) -> None:
        job = self.job()
        self._status.show_job(job)
        if job is not None:
            self._status.show_paused(self._session.is_paused(job.lane))
            if self._session.is_stopping(job.lane):
                self._status.show_stopping()
