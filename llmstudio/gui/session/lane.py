"""A lane: one job at a time, its thread, and what it says, handed over in bundles."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from llmstudio.core.events import Event, Failed, Finished, Stopped
from llmstudio.gui.session.worker import HoldAt, JobFactory, Worker

BUNDLE_MS = {"work": 100, "talk": 50, "measure": 100}
"""The lanes, and how often what their jobs say is handed over: plots are drawn ten times a second, a reader reads faster."""


@dataclass(frozen=True)
class JobInfo:
    """A job in progress: the tab it belongs to, its title in the person's language, its lane."""

    tab: str
    title: str
    lane: str


class Lane(QObject):
    """Runs one job at a time.

    Attributes:
        job: The job in progress; None if the lane is free.

    Signals:
        said: (lane, events) what the job said in the last 50 to 100 ms, in order.
        held: (lane, whether the job is held).
        stopping: (lane) the job was asked to end, and has not yet.
        ended: (lane, its Finished, Stopped or Failed); the lane is free again.
    """

    said = Signal(str, object)
    held = Signal(str, bool)
    stopping = Signal(str)
    ended = Signal(str, object)

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self.job: JobInfo | None = None
        self._worker = Worker(name, is_patient=name == "work", parent=self)
        self._is_held = False
        self._end: Event | None = None  # of a job that is over, until everybody is told
        self._visits = QTimer(self, interval=BUNDLE_MS[name])
        self._visits.timeout.connect(self._visit)

    def start(self, job: JobInfo, factory: JobFactory, hold_at: HoldAt | None) -> None:
        """Run a job; the lane must be free."""
        self.job, self._is_held = job, False
        self._worker.submit(factory, hold_at)
        self._visits.start()

    @property
    def is_paused(self) -> bool:
        """True while the job is held."""
        return self.job is not None and self._worker.is_paused

    @property
    def is_stopping(self) -> bool:
        """True while the job was asked to end and has not yet."""
        stop = self._worker.stop
        return self.job is not None and stop is not None and stop.requested

    def pause(self) -> None:
        """Hold the job after its next event."""
        if self.job is not None:
            self._worker.pause()
            self._tell_held()

    def resume(self) -> None:
        """Let the job go on."""
        if self.job is not None:
            self._worker.resume()
            self._tell_held()

    def single_step(self) -> None:
        """Let the job go on for one training step."""
        if self.job is not None:
            self._worker.single_step()
            self._tell_held()

    def stop(self, *, keep: bool) -> None:
        """Ask the job to end soon; `keep=False` also throws away what it made."""
        if self.job is not None:
            self._worker.request_stop(keep=keep)
            self.stopping.emit(self.name)

    def request_end(self) -> None:
        """Ask the thread to end; `is_over` tells when it has."""
        self._worker.request_end()

    @property
    def is_over(self) -> bool:
        """True when the thread no longer runs."""
        return not self._worker.isRunning()

    def tell_the_rest(self) -> None:
        """Hand over what is left, also how the job ended, now: no later turn is sure to come."""
        self._visit()
        self._tell_end()

    @Slot()
    def _visit(self) -> None:
        events = self._worker.take()
        if self.job is None:
            self._visits.stop()
        elif events:
            self.said.emit(self.name, events)
            self._tell_held()
            if isinstance(events[-1], Finished | Stopped | Failed):
                # In a turn of its own: what was made has just been shown everywhere, and both at once would be a freeze.
                self._end = events[-1]
                QTimer.singleShot(1, self, self._tell_end)

    def _tell_held(self) -> None:
        if self._worker.is_paused != self._is_held:
            self._is_held = not self._is_held
            self.held.emit(self.name, self._is_held)

    @Slot()
    def _tell_end(self) -> None:
        if self._end is not None:
            end, self._end, self.job = self._end, None, None
            self.ended.emit(self.name, end)
