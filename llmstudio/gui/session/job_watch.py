"""Which of the session's jobs concern a tab: its own, and those of the same kind inside a larger one (the tour)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.events import Event, Saved, Started
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session


class JobWatch(QObject):
    """Listens to the `work` lane on behalf of a tab.

    Signals:
        began(str): A job of this tab's kind began; its title.
        said(object): What it said, a list of events in order.
        ended(object): Its last event; None for a part of a larger job, whose end does not concern the tab.
    """

    began = Signal(str)
    said = Signal(object)
    ended = Signal(object)

    def __init__(self, session: Session, tab: str, jobs: tuple[str, ...], parent: QObject) -> None:
        """`tab`: the tab's name, also the kind of item its jobs make; `jobs`: the last part of their events' paths."""
        super().__init__(parent)
        self._session, self._tab, self._jobs = session, tab, jobs
        self._is_own = False
        self.is_running = False
        session.job_started.connect(self._on_started)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    def catch_up(self) -> None:
        """Take notice of a job that began before the tab was built."""
        if info := self._session.running():
            self._on_started(info)

    @Slot(object)
    def _on_started(self, info: JobInfo) -> None:
        if info.tab == self._tab and info.lane == "work":
            self._is_own = True
            self._begin(info.title)

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work":
            return
        mine = events if self._is_own else [e for e in events if e.job in self._jobs]
        if not mine:
            return
        if not self.is_running:
            first = next((e for e in mine if isinstance(e, Started)), None)
            self._begin(say(first.title) if first else "")
        self.said.emit(mine)
        if not self._is_own and any(isinstance(e, Saved) and e.kind == self._tab for e in mine):
            self._end(None)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane == "work" and self.is_running:
            self._end(end if self._is_own else None)

    def _begin(self, title: str) -> None:
        self.is_running = True
        self.began.emit(title)

    def _end(self, end: Event | None) -> None:
        self.is_running = self._is_own = False
        self.ended.emit(end)
