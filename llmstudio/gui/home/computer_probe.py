"""Measures this computer: when a person asks, and once by itself while nothing else runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.core.events import Event
from llmstudio.gui.home.computer_sheet import ComputerSheet
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session

# Idle time after the first paint before the computer is measured for the first time.
_MEASURE_AFTER_MS = 4000


class ComputerProbe(QObject):
    """Runs the measurement, and tells its sheet how it goes."""

    def __init__(self, session: Session, sheet: ComputerSheet) -> None:
        super().__init__(sheet)
        self._session, self._sheet = session, sheet
        self._idle = QTimer(self, singleShot=True, interval=_MEASURE_AFTER_MS)
        self._idle.timeout.connect(self._measure_if_new)
        sheet.measure_pressed.connect(self._measure)
        session.job_started.connect(self._on_started)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    def begin_idle(self) -> None:
        """From now on idle time may be used: the computer is described, and measured if it never was undisturbed."""
        self._sheet.show_machine()
        self._idle.start()

    @Slot()
    def _measure_if_new(self) -> None:
        if not self._sheet.is_measured and not self._session.is_running("work"):
            self._measure()

    @Slot()
    def _measure(self) -> None:
        from llmstudio.app.computer.probe import probe

        title = self.tr("Measuring this computer")
        self._session.start(lambda stop: probe(stop=stop), tab="home", title=title, lane="measure")

    @Slot(object)
    def _on_started(self, job: JobInfo) -> None:
        if job.lane == "measure":
            self._sheet.show_measuring()
        if job.lane == "work":
            self._idle.stop()

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane == "measure":
            self._sheet.show_events(events)

    @Slot(str, object)
    def _on_ended(self, lane: str, _end: Event) -> None:
        if lane == "measure":
            self._sheet.show_machine()
