"""What keys and the foot of the window do to the jobs at work: hold one, let it go on, stop it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from llmstudio.gui.session.session import Session
from llmstudio.gui.window.job_sight import LANES, JobSight
from llmstudio.gui.window.status_bar import StatusBar

_TALKS = ("chat", "inspect")  # what they do is short and their own: a key pressed there is not meant for a job elsewhere


class JobKeys(QObject):
    """Finds the job that is meant."""

    def __init__(self, session: Session, status: StatusBar, sight: JobSight, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._sight = session, sight
        status.pause_pressed.connect(self.toggle_pause)
        status.stop_pressed.connect(self.stop)

    @Slot()
    def stop(self) -> None:
        """Stop the job in the status bar and keep what it has."""
        if (job := self._sight.job()) is not None:
            self._session.stop(job.lane)

    def stop_here(self, tab: str) -> None:
        """Stop the job of the tab in front, or else the one in the status bar; beside a talk never a training."""
        own = next((job for lane in LANES if (job := self._session.running(lane)) and job.tab == tab), None)
        if own is not None and own is not self._sight.job():
            self._session.stop(own.lane)
        elif own is not None or tab not in _TALKS:
            self.stop()

    @Slot()
    def toggle_pause(self) -> None:
        """Hold the job in sight, or let it go on."""
        lane = next((lane for lane in ("work", "talk") if self._session.is_running(lane)), None)
        if lane is not None:
            self._session.toggle_pause(lane)
