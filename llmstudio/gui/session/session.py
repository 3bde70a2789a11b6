"""The only door from the window to the use cases: which project is open, which jobs run, what they say.

Tabs ask the session and listen to it; they know neither each other nor the threads behind it. There are lanes: `work` (one
heavy job), `talk` (one conversation beside it), `measure` (the computer's speed, which gives way to work) and look-ups
(`ask`), so that a preview never waits for a training run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from llmstudio.app import preferences as tastes
from llmstudio.app.computer.engine import JOB as ENGINE
from llmstudio.app.computer.engine import is_loaded, with_engine
from llmstudio.app.items.changing import delete_item, rename_item
from llmstudio.app.preferences import Preferences
from llmstudio.app.runs.run_summary import has_learned
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import ENDS, Event, Failed, Finished, Progress, Saved, Stopped
from llmstudio.core.words import Words, words
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.garbage import Garbage
from llmstudio.gui.session.worker import HoldAt, JobFactory, Looker, Worker
from llmstudio.store.project import About, Project

BUNDLE_MS = {"work": 100, "talk": 50, "measure": 100}
"""The lanes, and how often what their jobs say is handed over: plots are drawn ten times a second, a reader reads faster."""

# The kind of item that a tab begins with; the others: a model.
_TAKES = {"corpus": "corpus", "tokenizer": "corpus", "train": "tokenizer"}


@dataclass(frozen=True)
class JobInfo:
    """A job in progress: the tab it belongs to, its title in the person's language, its lane."""

    tab: str
    title: str
    lane: str


class Session(QObject):
    """What is open and what runs.

    Attributes:
        project: The open project.
        preferences: The person's tastes; `prefer` changes them.

    Signals:
        project_changed: Another project is open.
        items_changed: Items of this kind were made, renamed or deleted.
        job_started: A `JobInfo`.
        job_events: (lane, events) what a job said in the last 50 ms, in order.
        job_paused: (lane, whether it is held).
        job_stopping: (lane) its job was asked to end, and has not yet.
        job_ended: (lane, its Finished, Stopped or Failed).
        problem: A `Failed` that belongs to no job.
        torch_loading: What is being loaded, as a sentence; empty when all is there.
        go_to: Someone wants this tab in front.
        race_proposed: A `Match` that someone would like to see.
        chosen: (kind, name) an item was picked or made; other tabs follow.
        talk_asked: Someone wants to talk to this very model.
        damaged: Why items cannot be read and are offered nowhere, a sentence each; none once all can.
    """

    project_changed = Signal()
    items_changed = Signal(str)
    job_started = Signal(object)
    job_events = Signal(str, object)
    job_paused = Signal(str, bool)
    job_stopping = Signal(str)
    job_ended = Signal(str, object)
    problem = Signal(object)
    torch_loading = Signal(str)
    go_to = Signal(str)
    race_proposed = Signal(object)
    chosen = Signal(str, str)
    talk_asked = Signal(str)
    damaged = Signal(object)

    def __init__(self, project: Project, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.preferences = preferences
        self._workers = {lane: Worker(lane, is_patient=lane == "work", parent=self) for lane in BUNDLE_MS}
        self._items: dict[str, tuple[int, list[About]]] = {}
        self._running: dict[str, JobInfo] = {}
        self._held: dict[str, bool] = {}
        self._ends: dict[str, Event] = {}  # of jobs that are over, until everybody is told
        self._lookers = (Looker(self), Looker(self))  # for what is answered at once, and for what takes its time
        for looker in self._lookers:
            looker.answered.connect(self._on_answer)
        self._asked: dict[int, tuple[QObject, Callable[[Any], None], Callable[[Failed], None] | None]] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._num_asked = 0
        self._ending = False
        self._garbage = Garbage(self)
        # Connected first, so that whoever else hears of a change reads the disk anew.
        self.items_changed.connect(self._forget)
        self.project_changed.connect(self._forget)
        self._visits = {lane: QTimer(self, interval=interval) for lane, interval in BUNDLE_MS.items()}
        for lane, visits in self._visits.items():
            visits.timeout.connect(partial(self._visit, lane))

    # what there is

    def items(self, kind: str) -> list[About]:
        """The project's items of a kind, newest first; read from the disk again when anyone has added or removed one."""
        changed = self.project.changed(kind)
        if kind not in self._items or self._items[kind][0] != changed:
            self._items[kind] = (changed, self.project.items(kind))
        return list(self._items[kind][1])

    def ids(self, kind: str) -> dict[str, str]:
        """The ids of a kind's items by their names: an item keeps its id when it is renamed."""
        return {item.name: item.id for item in self.items(kind)}

    def models(self) -> list[About]:
        """The project's models, newest first, without those that have learned nothing: whose run has just begun, or died or
        left all bounds so.

        One that has lost what it learned is among them: whoever asks for it is told.
        """
        return [model for model in self.items("model") if has_learned(model)]

    def ready(self) -> dict[str, bool]:
        """By the name of the tab: whether there is something it has made, or (chat) something to use in it."""
        models = self.models()
        return {
            "corpus": bool(self.items("corpus")),
            "tokenizer": bool(self.items("tokenizer")),
            "train": bool(models),
            "prune": any(model.model_card.is_pruned for model in models),
            "chat": bool(models),
            "inspect": bool(models),
        }

    @Slot()
    def _forget(self, kind: str = "") -> None:
        self._items.clear()

    def open_project(self, path: str | Path) -> bool:
        """Open the project in a folder (made if need be). A refusal goes out as `problem`; then the old one stays open."""
        if self._running:
            self.problem.emit(Failed(message=words("Something is still running: stop it before opening another project.")))
            return False
        try:
            project = Project(Path(path))
            if project.is_writable:
                project.prepare()
        except StudioError as error:
            self.problem.emit(Failed(message=error.words, remedies=error.remedies))
            return False
        self.project = project
        self.prefer(recent=tastes.with_recent(self.preferences, project.root).recent)
        self.project_changed.emit()
        self.look_for_damage()
        return True

    @Slot()
    def look_for_damage(self) -> None:
        """Have it told (`damaged`) which items of the project cannot be read, and so are not offered anywhere."""
        self.ask(self.project.unreadable, self._on_damage, owner=self)

    @Slot(object)
    def _on_damage(self, reasons: list[Words]) -> None:
        self.damaged.emit(reasons)

    def rename(self, kind: str, name: str, new_name: str) -> None:
        """Give an item another name. Raises StudioError if it is taken, or a run is at work on the item."""
        if moved := rename_item(self.project, kind, name, new_name):
            self.problem.emit(Failed(message=moved))
        self.items_changed.emit(kind)

    def delete(self, kind: str, name: str) -> None:
        """Remove an item for good. Raises StudioError if there is none, or a run is at work on it."""
        delete_item(self.project, kind, name)
        self.items_changed.emit(kind)

    def prefer(self, **changes: Any) -> None:
        """Change some preferences and keep them; a place that cannot be written becomes a `problem`."""
        self.preferences = replace(self.preferences, **changes)
        try:
            tastes.save(self.preferences)
        except StudioError as error:
            self.problem.emit(Failed(message=error.words, remedies=error.remedies))

    def visit(self, remedy: Remedy) -> None:
        """Go to the tab that an `open_tab` or `talk` leads to, with the item that it speaks of, if any, in sight there."""
        tab, name = ("chat", remedy.target) if remedy.action == "talk" else (remedy.target, remedy.value)
        self.go_to.emit(tab)  # first: a tab is built when it is first gone to, and hears nothing before
        if name:
            self.chosen.emit(_TAKES.get(tab, "model"), name)
        if name and tab == "chat":
            self.talk_asked.emit(name)

    # jobs

    def start(
        self,
        job_factory: JobFactory,
        *,
        tab: str,
        title: str,
        lane: str = "work",
        engine: bool = True,
        hold_at: HoldAt | None = None,
    ) -> bool:
        """Run a job; False (and a `problem`) if the lane is taken.

        Args:
            job_factory: Makes the job from its `Stop`, in the lane's thread.
            tab: Name of the tab the job belongs to.
            title: What it does, in the person's language.
            lane: `work`, `talk` or `measure`.
            engine: Load torch first, gently; False for jobs that do without.
            hold_at: Events after which the job holds itself until `resume`; called in the lane's thread.
        """
        if self._ending:
            return False
        if (busy := self._running.get(lane)) is not None:
            self.problem.emit(Failed(message=words("{title} is still running: wait for it or stop it.", title=busy.title)))
            return False
        if lane == "work":
            self.stop("measure")
        info = JobInfo(tab, title, lane)
        if not self._running:
            self._garbage.hold()  # anew: what the window has built since is not looked at while a job runs
        self._running[lane] = info
        self._held[lane] = False
        self._workers[lane].submit(with_engine(job_factory) if engine and not is_loaded() else job_factory, hold_at)
        self._visits[lane].start()
        self.job_started.emit(info)
        return True

    def running(self, lane: str = "work") -> JobInfo | None:
        """The job on a lane, None if it is free."""
        return self._running.get(lane)

    def is_running(self, lane: str = "work") -> bool:
        """True while a job is on the lane."""
        return lane in self._running

    def is_paused(self, lane: str = "work") -> bool:
        """True while the lane's job is held."""
        return lane in self._running and self._workers[lane].is_paused

    def pause(self, lane: str = "work") -> None:
        """Hold the lane's job after its next event."""
        if lane in self._running:
            self._workers[lane].pause()
            self._tell_held(lane)

    def resume(self, lane: str = "work") -> None:
        """Let the lane's job go on."""
        if lane in self._running:
            self._workers[lane].resume()
            self._tell_held(lane)

    def toggle_pause(self, lane: str = "work") -> None:
        """Hold the lane's job, or let it go on if it is held."""
        (self.resume if self.is_paused(lane) else self.pause)(lane)

    def single_step(self, lane: str = "work") -> None:
        """Let the lane's job go on for one training step."""
        if lane in self._running:
            self._workers[lane].single_step()
            self._tell_held(lane)

    def stop(self, lane: str = "work", keep: bool = True) -> None:
        """Ask the lane's job to end soon; `keep=False` also throws away what it made."""
        if lane in self._running:
            self._workers[lane].request_stop(keep=keep)
            self.job_stopping.emit(lane)

    def is_stopping(self, lane: str = "work") -> bool:
        """True while the lane's job was asked to end and has not yet."""
        stop = self._workers[lane].stop
        return lane in self._running and stop is not None and stop.requested

    def request_end(self) -> None:
        """Ask every thread to end; `has_ended` tells when they have. Nothing can be started afterwards."""
        self._ending = True
        for thread in (*self._workers.values(), *self._lookers):
            thread.request_end()

    def has_ended(self, *, but_for_looks: bool = False) -> bool:
        """True when no thread runs (but for look-ups): whoever listens has heard how the last jobs ended, to keep it."""
        if any(thread.isRunning() for thread in (*self._workers.values(), *(() if but_for_looks else self._lookers))):
            return False
        for lane in BUNDLE_MS:
            self._visit(lane)
        for lane in tuple(self._ends):  # no later turn is sure to come
            self._end(lane)
        self._garbage.release()
        return True

    # look-ups

    def ask(
        self,
        function: Callable[[], Any],
        then: Callable[[Any], None],
        *,
        owner: QObject,
        failed: Callable[[Failed], None] | None = None,
        is_long: bool = False,
    ) -> None:
        """Run a short function off the window's thread, then `then(result)` in it.

        A newer question with the same `owner` and `then` takes the place of an older one, whose answer is dropped.
        Nothing is called once `owner` is gone. Without `failed`, a refusal goes out as `problem`. What someone has in
        sight is answered before what nobody looks at; `is_long` functions keep only each other waiting.
        """
        if self._ending:
            return
        if not self._garbage.is_held:
            self._garbage.hold()
        number = self._num_asked = self._num_asked + 1
        slot = (id(owner), getattr(then, "__qualname__", repr(then)))
        self._asked.pop(self._numbers.get(slot, 0), None)
        self._numbers[slot] = number
        self._asked[number] = (owner, then, failed)
        self._lookers[is_long].ask(slot, number, function, is_urgent=_is_seen(owner))

    @property
    def is_looking(self) -> bool:
        """True while an answer is waited for in a place that can be seen."""
        return any(_is_seen(owner) for owner, _, _ in self._asked.values() if shiboken6.isValid(owner))

    @Slot(int, object, object)
    def _on_answer(self, number: int, answer: Any, refusal: Failed | None) -> None:
        owner, then, failed = self._asked.pop(number, (None, None, None))
        if then is None or owner is None or not shiboken6.isValid(owner):
            return
        if refusal is None:
            then(answer)
        else:
            (failed or self.problem.emit)(refusal)

    # what jobs say

    def _visit(self, lane: str) -> None:
        events = self._workers[lane].take()
        if lane not in self._running:
            self._visits[lane].stop()
        elif events:
            self._hand_over(lane, events)

    def _tell_held(self, lane: str) -> None:
        held = self._workers[lane].is_paused
        if held != self._held.get(lane, False):
            self._held[lane] = held
            self.job_paused.emit(lane, held)

    def _hand_over(self, lane: str, events: list[Event]) -> None:
        loading = [event for event in events if event.path == (ENGINE,)]
        if loading and isinstance(loading[-1], Progress):
            done = loading[-1].done == loading[-1].total
            self.torch_loading.emit("" if done else say(loading[-1].what))
        said = [event for event in events if event.path != (ENGINE,) or isinstance(event, ENDS)]
        if said:
            self.job_events.emit(lane, said)
        for event in said:
            if isinstance(event, Saved) and event.kind != "checkpoint":
                self.items_changed.emit(event.kind)
                self.chosen.emit(event.kind, event.name)
        self._tell_held(lane)
        if isinstance(events[-1], Finished | Stopped | Failed):
            # In a turn of its own: what was made has just been shown everywhere, and both at once would be a freeze.
            self._ends[lane] = events[-1]
            QTimer.singleShot(1, self, partial(self._end, lane))

    def _end(self, lane: str) -> None:
        if (end := self._ends.pop(lane, None)) is None:
            return
        del self._running[lane]
        self._forget()
        self.torch_loading.emit("")
        self.job_ended.emit(lane, end)


def _is_seen(owner: QObject) -> bool:
    """Whether a widget, or what an object belongs to, can be seen now."""
    at: QObject | None = owner
    while at is not None and not at.isWidgetType():
        at = at.parent()
    return at is not None and at.isVisible()  # type: ignore[attr-defined]
