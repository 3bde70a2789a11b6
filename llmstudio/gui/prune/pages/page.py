"""What all pages of Prune share: a model that is in sight, settings at the left, jobs, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from llmstudio.app.items.ancestry import parent_now
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted
from llmstudio.core.words import Words, words
from llmstudio.gui.forms.form import Form
from llmstudio.gui.prune.pages.jobs import Jobs, Task
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.weights_seen import WeightsSeen
from llmstudio.gui.session.worker import JobFactory
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.store.project import About, Project

TAB = "prune"
SHOW_PAGE = "show_page"
"""What a way out does that leads to a page of this tab, with a model in sight."""


def heal_it(name: str) -> Remedy:
    """Leads from a model that has just lost weights to where it gets back what it can."""
    return Remedy(SHOW_PAGE, words("Heal it"), "heal", name)


def made_of(project: Project, item: About) -> str:
    """What the model is called that this one was made of; its own name if that is gone."""
    parent = item.model_card.last_step.parent
    found = parent_now(project, "parent", parent) if parent is not None else None
    return found.name if found is not None else item.name


class Page(QWidget):
    """One way of making a model smaller, or of seeing what came of it.

    Attributes:
        name: By which the tab knows it.
        needs_model: Whether it is about the model that is picked at the left; else it is about all of them.
        title: What its chip is called.
        verb: What the tab's button does here; empty if there is nothing to do.
        why: What is seen, in two sentences; terms in it are links.
        terms: What these mean, by the names of the links.
        source: Where the idea comes from.
        lack: What is said where no model suits it, and the name of the page that makes one and of what leads there; empty
            if it takes every model.
        settings: What stands at the left while the page is in front.
        form: The form among them, if there is one.
        name_field: What the new model is to be called, if one is made.
        foot: Buttons beside the verb.
        model: The model in sight; empty while there is none.
        messages: Where it speaks; the tab hands it over.
        jobs: What it has at work.
        column: The page's layout, from top to bottom.

    Signals:
        wanted: (name) this model should be in sight.
        led: (page, model) another page should be in front, with this model in sight.
        ready_changed: Whether its verb can be pressed may have changed.
    """

    name = ""
    needs_model = True
    wanted = Signal(str)
    led = Signal(str, str)
    ready_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = self.verb = self.why = self.source = ""
        self.terms: Mapping[str, str] = {}
        self.lack: tuple[str, str, str] = ("", "", "")
        self.settings: QWidget | None = None
        self.form: Form | None = None
        self.name_field: NameField | None = None
        self.foot: tuple[QAbstractButton, ...] = ()
        self.model = ""
        self.messages: MessageBar
        self._weights = WeightsSeen(session)
        self.jobs = Jobs(session, TAB, self)
        self.jobs.said.connect(self._on_said)
        self.jobs.ended.connect(self._on_ended)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    # what a page says

    def suits(self, item: About) -> bool:
        """Whether this model is on offer here."""
        return True

    @property
    def is_ready(self) -> bool:
        """Whether the verb can be pressed."""
        return True

    def run(self) -> None:
        """Do what the verb says."""

    def show_model(self) -> None:
        """Another model is in sight, or other weights under its name."""

    def refresh(self) -> None:
        """Something may be known of the models that was not known before."""

    def clear(self) -> None:
        """Another project is open: no model is in sight."""
        self.model = ""

    def hear(self, task: Task, event: Event) -> None:
        """What a job says."""

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """A job has come to its end."""

    # what the tab does

    def set_model(self, name: str) -> None:
        """This one is in sight from now on."""
        self.model = name
        self._weights.note(name)
        self.turn_messages()
        self.show_model()

    def turn_messages(self) -> None:
        """What was said of another model goes; what a job remarks stays while it goes on."""
        self.messages.turn_to(self.subject, keep=self.jobs.are_running)

    def have_changed(self) -> bool:
        """Whether the weights on disk are others than those in sight."""
        return self._weights.have_changed(self.model)

    def choose(self, name: str) -> None:
        """A model was made or picked elsewhere: it, or the one that it was made of here, comes into sight."""
        item = self._session.items.find("model", name)
        if item is not None and self.suits(item):
            self.wanted.emit(self.shown_for(item))

    def shown_for(self, item: About) -> str:
        """Name of the model on whose page this one is seen."""
        return item.name

    # what pages are made with

    def start(self, task: Task, title: str, factory: JobFactory) -> bool:
        """Begin a job of this page."""
        if not self.jobs.start(task, title, factory):
            return False
        if self.form is not None:
            self.form.begin()
        self.messages.clear()
        return True

    def may_start(self) -> bool:
        """Whether everything that is set holds, the name, too; else the person is led to what does not."""
        if self.form is not None and not self.form.settle():
            return False
        if self.name_field is None:
            return True
        problem, free = name_problem(self._session.project, "model", self.name_field.name())
        self.name_field.set_problem(problem, free)
        return not problem

    def say_made(self, said: Words, name: str, *ways: Remedy) -> None:
        """Say that a model was made; one may talk to it, or go other ways from here."""
        talk = Remedy("talk", words("Talk to it"), name)
        self.messages.show_message(said, remedies=(talk, *ways), next_step=talk)
        self.messages.expect(self.subject)
        if self.name_field is not None:
            self.name_field.renew()

    @property
    def subject(self) -> tuple[object, ...]:
        """What is in sight, for whoever speaks of it."""
        return (self._session.project.root, self.name, self.model)

    @Slot(object, object)
    def _on_said(self, task: Task, event: Event) -> None:
        if isinstance(event, Noted):
            self.messages.show_message(event.message, level=event.level)
        else:
            self.hear(task, event)

    @Slot(object, object)
    def _on_ended(self, task: Task, end: Event) -> None:
        if isinstance(end, Failed):
            self.messages.show_failed(end)
            if self.form is not None:
                self.form.show_failed(end)
        elif isinstance(end, Finished):
            self.finished(task, end.result)
        self.refresh()
