"""The run on the work lane, ours or inside another job: begun, watched, held, over."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.events import ENDS, Evaluated, Event, Noted, Started
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.controls import RunControls
from llmstudio.gui.train.run.model_export import ModelExport
from llmstudio.gui.train.run.runs import speaks_of_training
from llmstudio.gui.train.run.view import TrainView


class RunWatch(QObject):
    """Hands what a run says to the view, and tells the tab how it stands.

    Attributes:
        is_training: A training run is on the work lane.

    Signals:
        turned: `is_training` has changed.
        begun: The `Started` of a run, also inside another job.
        noted: A `Noted` of the run.
        measured: The run was looked at: quality and memory are known anew.
        ended: (its last event) after the view has shown the end.
    """

    turned = Signal()
    begun = Signal(object)
    noted = Signal(object)
    measured = Signal()
    ended = Signal(object)

    def __init__(
        self, session: Session, view: TrainView, controls: RunControls, exporting: ModelExport, parent: QObject
    ) -> None:
        """`exporting` is the tab's other kind of job, which is no run."""
        super().__init__(parent)
        self._session, self._view, self._controls, self._exporting = session, view, controls, exporting
        self.is_training = False
        controls.hide()
        controls.pause_pressed.connect(session.toggle_pause)
        controls.step_pressed.connect(session.single_step)
        controls.keep_pressed.connect(self.stop)
        session.job_started.connect(self._on_started)
        session.job_events.connect(self._on_events)
        for news in (session.job_paused, session.job_stopping):
            news.connect(self._on_held)
        session.job_ended.connect(self._on_ended)

    @property
    def learning(self) -> tuple[int, list[str]]:
        """How many steps the run going on has taken, and its name; nothing if none goes on."""
        live = self._view.live
        return (live.data.last_step, [live.name]) if live is not None else (0, [])

    @Slot()
    def stop(self) -> None:
        """Stop the run and keep what it has learned."""
        if self.is_training:
            self._session.stop("work", keep=True)

    @Slot(object)
    def _on_started(self, info: JobInfo) -> None:
        if info.lane == "work" and info.tab == "train" and not self._exporting.is_busy:
            self._turn(True)

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work":
            return
        said = [e for e in events if not isinstance(e, ENDS) and "train" in e.path and e.path[0] != "race"]
        if not said:
            return
        for event in said:
            if isinstance(event, Started) and speaks_of_training(event) and event.item:
                self._turn(True)
                self.begun.emit(event)
                self._view.begin(event)
            elif isinstance(event, Noted):
                self.noted.emit(event)
        self._view.add([event for event in said if not isinstance(event, Started)])
        if any(isinstance(event, Evaluated) for event in said):
            self.measured.emit()

    @Slot(str)
    def _on_held(self, lane: str) -> None:
        if lane == "work":
            self._show_held()
            self._view.hold(self._session.is_paused())

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane == "work" and self.is_training:
            self._turn(False)
            self._view.end()
            self.ended.emit(end)

    def _turn(self, is_training: bool) -> None:
        self.is_training = is_training
        self._controls.setVisible(is_training)
        self._show_held()
        self.turned.emit()

    def _show_held(self) -> None:
        self._controls.show_held(self._session.is_paused(), self._session.is_stopping())
