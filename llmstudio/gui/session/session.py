"""The only door from the window to the use cases: which project is open, which jobs run, what they say.

Tabs ask the session and listen to it; they know neither each other nor the threads behind it. There are lanes: `work` (one
heavy job), `talk` (one conversation beside it), `measure` (the computer's speed, which gives way to work) and look-ups
(`ask`), so that a preview never waits for a training run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app import preferences as tastes
from llmstudio.app.computer.engine import JOB as ENGINE
from llmstudio.app.computer.engine import is_loaded, with_engine
from llmstudio.app.preferences import Preferences
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import ENDS, Event, Failed, Progress, Saved
from llmstudio.core.words import words
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.garbage import Garbage
from llmstudio.gui.session.items import Items
from llmstudio.gui.session.lane import BUNDLE_MS, JobInfo, Lane
from llmstudio.gui.session.questions import Question, Questions
from llmstudio.gui.session.worker import HoldAt, JobFactory
from llmstudio.store.project import Project

# The kind of item that a tab begins with; the others: a model.
_TAKES = {"corpus": "corpus", "tokenizer": "corpus", "train": "tokenizer"}


class Session(QObject):
    """What is open and what runs.

    Attributes:
        project: The open project.
        preferences: The person's tastes; `prefer` changes them.
        items: What the project holds.
        questions: The look-ups that wait for their answers.

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
        teach_asked: Someone wants to teach a model a task.
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
    teach_asked = Signal()
    damaged = Signal(object)

    def __init__(self, project: Project, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.preferences = preferences
        self.items = Items(project, self)
        self.questions = Questions(self)
        self._lanes = {name: Lane(name, self) for name in BUNDLE_MS}
        self._ending = False
        self._garbage = Garbage(self)
        # Connected first, so that whoever else hears of a change reads the disk anew.
        self.items_changed.connect(self.items.forget)
        self.items.changed.connect(self.items_changed)
        for told in (self.items.told, self.questions.refused):
            told.connect(self.problem)
        for lane in self._lanes.values():
            lane.said.connect(self._on_said)
            lane.held.connect(self.job_paused)
            lane.stopping.connect(self.job_stopping)
            lane.ended.connect(self._on_ended)

    # the project

    def open_project(self, path: str | Path) -> bool:
        """Open the project in a folder (made if need be). A refusal goes out as `problem`; then the old one stays open."""
        if any(lane.job for lane in self._lanes.values()):
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
        self.items.open(project)
        self.prefer(recent=tastes.with_recent(self.preferences, project.root).recent)
        self.project_changed.emit()
        self.look_for_damage()
        return True

    @Slot()
    def look_for_damage(self) -> None:
        """Have it told (`damaged`) which items of the project cannot be read, and so are not offered anywhere."""
        self.ask(self.project.unreadable, self.damaged.emit, owner=self)

    def prefer(self, **changes: Any) -> None:
        """Change some preferences and keep them; a place that cannot be written becomes a `problem`."""
        self.preferences = replace(self.preferences, **changes)
        try:
            tastes.save(self.preferences)
        except StudioError as error:
            self.problem.emit(Failed(message=error.words, remedies=error.remedies))

    def visit(self, remedy: Remedy) -> None:
        """Go to the tab that a remedy leads to (`open_tab`, `teach`, `talk`), with its item, if any, in sight there."""
        tab, name = ("chat", remedy.target) if remedy.action == "talk" else (remedy.target, remedy.value)
        kind = _TAKES.get(tab, "model")
        if remedy.action == "teach":
            tab, kind = "train", "corpus"
        self.go_to.emit(tab)  # first: a tab is built when it is first gone to, and hears nothing before
        if remedy.action == "teach":
            self.teach_asked.emit()
        if name:
            self.chosen.emit(kind, name)
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
        if (busy := self.running(lane)) is not None:
            self.problem.emit(Failed(message=words("{title} is still running: wait for it or stop it.", title=busy.title)))
            return False
        if lane == "work":
            self.stop("measure")
        if not any(other.job for other in self._lanes.values()):
            self._garbage.hold()  # anew: what the window has built since is not looked at while a job runs
        info = JobInfo(tab, title, lane)
        self._lanes[lane].start(info, with_engine(job_factory) if engine and not is_loaded() else job_factory, hold_at)
        self.job_started.emit(info)
        return True

    def running(self, lane: str = "work") -> JobInfo | None:
        """The job on a lane, None if it is free."""
        return self._lanes[lane].job

    def is_running(self, lane: str = "work") -> bool:
        """True while a job is on the lane."""
        return self._lanes[lane].job is not None

    def is_paused(self, lane: str = "work") -> bool:
        """True while the lane's job is held."""
        return self._lanes[lane].is_paused

    def is_stopping(self, lane: str = "work") -> bool:
        """True while the lane's job was asked to end and has not yet."""
        return self._lanes[lane].is_stopping

    def pause(self, lane: str = "work") -> None:
        """Hold the lane's job after its next event."""
        self._lanes[lane].pause()

    def resume(self, lane: str = "work") -> None:
        """Let the lane's job go on."""
        self._lanes[lane].resume()

    def toggle_pause(self, lane: str = "work") -> None:
        """Hold the lane's job, or let it go on if it is held."""
        (self.resume if self.is_paused(lane) else self.pause)(lane)

    def single_step(self, lane: str = "work") -> None:
        """Let the lane's job go on for one training step."""
        self._lanes[lane].single_step()

    def stop(self, lane: str = "work", keep: bool = True) -> None:
        """Ask the lane's job to end soon; `keep=False` also throws away what it made."""
        self._lanes[lane].stop(keep=keep)

    def request_end(self) -> None:
        """Ask every thread to end; `has_ended` tells when they have. Nothing can be started afterwards."""
        self._ending = True
        for part in (*self._lanes.values(), self.questions):
            part.request_end()

    def has_ended(self, *, but_for_looks: bool = False) -> bool:
        """True when no thread runs (but for look-ups): whoever listens has heard how the last jobs ended, to keep it."""
        if not all(lane.is_over for lane in self._lanes.values()) or not (but_for_looks or self.questions.are_over):
            return False
        for lane in self._lanes.values():
            lane.tell_the_rest()
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
        self.questions.ask(Question(function, then, owner, failed, is_long))

    # what jobs say

    @Slot(str, object)
    def _on_said(self, lane: str, events: list[Event]) -> None:
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

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        self.items.forget()
        self.torch_loading.emit("")
        self.job_ended.emit(lane, end)
