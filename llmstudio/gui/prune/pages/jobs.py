"""What a page has at work: its jobs, one on each lane, told apart from those of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.events import Event
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.worker import JobFactory


@dataclass(frozen=True)
class Task:
    """A job of a page.

    Attributes:
        verb: What it does.
        model: To which model.
        config: How.
        lane: Where it runs.
    """

    verb: str
    model: str
    config: Any = None
    lane: str = "work"


class Jobs(QObject):
    """Starts the jobs of a page and hears what they say.

    Signals:
        changed: One has begun or ended.
        said: (task, event) what one says.
        ended: (task, its Finished, Stopped or Failed).
    """

    changed = Signal()
    said = Signal(object, object)
    ended = Signal(object, object)

    def __init__(self, session: Session, tab: str, parent: QObject) -> None:
        """`tab`: the name of the tab that they belong to."""
        super().__init__(parent)
        self._session, self._tab = session, tab
        self._tasks: dict[str, Task] = {}
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    @property
    def are_running(self) -> bool:
        """Whether one is."""
        return bool(self._tasks)

    def start(self, task: Task, title: str, factory: JobFactory) -> bool:
        """Begin one; False if its lane is taken, which the session says."""
        if not self._session.start(factory, tab=self._tab, title=title, lane=task.lane):
            return False
        self._tasks[task.lane] = task
        self.changed.emit()
        return True

    @Slot()
    def stop(self) -> None:
        """Ask all of them to end."""
        for lane in self._tasks:
            self._session.stop(lane)

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if (task := self._tasks.get(lane)) is not None:
            for event in events:
                self.said.emit(task, event)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if (task := self._tasks.pop(lane, None)) is not None:
            self.changed.emit()
            self.ended.emit(task, end)
