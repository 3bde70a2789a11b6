"""Prune: take weights away from a model, see at once what that saves, and measure what it costs.

While the slider moves, everything that arithmetic can tell is told; a look measures a copy on a part of the text; pruning
saves a new model that remembers its parent. Here are the jobs and the session; what is set is in `setup`, what is known of
it in `effects`.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from llmstudio.app.pruning import preview
from llmstudio.app.pruning.sweep import USUAL, sweep
from llmstudio.app.verbs.prune import prune
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress
from llmstudio.core.settings import from_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.prune.effects import Effects
from llmstudio.gui.prune.setup import PruneSetup
from llmstudio.gui.prune.view import PruneView
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.worker import JobFactory
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.readouts.quality_text import bits_per_byte_help

LANES = {"prune": "work", "try": "measure", "sweep": "measure"}


@dataclass(frozen=True)
class Task:
    """A job of this tab: `prune`, `try` or `sweep`, of which model, how."""

    verb: str
    model: str
    config: PruningConfig


class PruneTab(QWidget):
    """The slider at the left, what it means at the right."""

    name = "prune"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Prune")
        self._session = session
        self._tasks: dict[str, Task] = {}
        self._build()
        self.effects = Effects(session, self.setup, self.view, self.messages, self)
        self._connect()
        self._on_project()

    def _build(self) -> None:
        self.setup = PruneSetup(self._session)
        self.verb = QPushButton(self.tr("Prune"))
        self.try_button = QPushButton(self.tr("Try it first"))
        self.try_button.setToolTip(self.tr("Measure a pruned copy on a part of the validation text; nothing is saved."))
        self.sweep_button = QPushButton(self.tr("Sweep"))
        self.sweep_button.setToolTip(
            self.tr(
                "Measure copies with 25 % to 95 % of the weights gone, by several methods; only what was measured is kept."
            )
        )
        self.view = PruneView()
        self.offer = Missing(self._session, "model", self.tr("There is no model to prune yet."), self.tr("Train one"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.offer)
        self._pages.addWidget(self.view)
        self._why = _Why()
        self._layout = TabLayout(
            self.setup, self._pages, self._why, verb=self.verb, foot=(self.try_button, self.sweep_button)
        )
        self.messages = self._layout.messages
        fill(self, self._layout)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)
        self.setup.models.picked.connect(self._on_model)
        for button in (
            self.verb,
            self.try_button,
            self.sweep_button,
        ):  # where the model that was chosen is gone, no other is pruned instead
            self.setup.models.missed.connect(button.setDisabled)
        self.setup.dial.changed.connect(self._on_setting)
        self.setup.form.changed.connect(self._on_setting)
        self.setup.form.remedy.connect(self._on_remedy)
        self.messages.remedy.connect(self._on_remedy)
        self.verb.clicked.connect(self.run_verb)
        self.try_button.clicked.connect(self.try_it)
        self.sweep_button.clicked.connect(self.sweep)
        self.view.picked.connect(self._on_point)
        self.effects.newest.connect(self._on_point)

    # what one may do

    @Slot()
    def run_verb(self) -> None:
        """Prune: save a new model beside this one."""
        project, model, name = self._session.project, self.setup.model, self.setup.name_field.name()
        if not model:
            if not self.setup.models.gone:
                self.offer.take()
            return
        if not self.setup.form.settle():
            return
        config = self.setup.config
        if self.setup.check_name():
            title = self.tr("Pruning “{name}”").format(name=model)
            self._start(
                Task("prune", model, config),
                title,
                lambda stop: prune(project, model, name=name, config=config, stop=stop),
            )

    @Slot()
    def try_it(self) -> None:
        """Measure a pruned copy without saving it."""
        if not self.setup.form.settle():
            return
        project, model, config = self._session.project, self.setup.model, self.setup.config
        title = self.tr("Trying {share} of “{name}” gone").format(share=share_text(config.sparsity), name=model)
        self._start(
            Task("try", model, config),
            title,
            lambda stop: preview.try_pruning(project, model, config=config, stop=stop),
        )

    @Slot()
    def sweep(self) -> None:
        """Measure copies with ever more weights gone, by the usual methods and the one that is chosen."""
        if not self.setup.form.settle():
            return
        project, model, config = self._session.project, self.setup.model, self.setup.config
        methods = tuple(dict.fromkeys((*USUAL, config.method)))
        self._start(
            Task("sweep", model, config),
            self.tr("Pruning “{name}” more and more").format(name=model),
            lambda stop: sweep(project, model, methods=methods, config=config, stop=stop),
        )

    @Slot()
    def stop_verb(self) -> None:
        """Stop what this tab is doing; nothing is saved."""
        for lane in self._tasks:
            self._session.stop(lane)

    def _start(self, task: Task, title: str, factory: JobFactory) -> None:
        lane = LANES[task.verb]
        if self._session.start(factory, tab=self.name, title=title, lane=lane):
            self._tasks[lane] = task
            self.setup.form.begin()
            self.messages.clear()
            self.effects.show_sides()

    # what jobs say

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane in self._tasks:
            for event in events:
                if isinstance(event, Noted):
                    self.messages.show_message(event.message, level=event.level)
                elif isinstance(event, Progress) and "result" in event.details:
                    config = from_dict(PruningConfig, event.details["config"])
                    self.effects.remember(self._tasks[lane].model, config, dict(event.details["result"]))
                    self.effects.show_curves()

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        task = self._tasks.pop(lane, None)
        if task is None:
            return
        if isinstance(end, Failed):
            self.messages.show_failed(end)
            self.setup.form.show_failed(end)
        elif isinstance(end, Finished) and task.verb == "try":
            self.effects.remember(task.model, task.config, dict(end.result))
        elif isinstance(end, Finished) and task.verb == "prune":
            name = str(end.result["model"])
            talk = Remedy("talk", words("Talk to it"), name)
            said = words("{name} is saved beside {model}.", name=name, model=task.model)
            self.messages.show_message(said, remedies=(talk,), next_step=talk)
            self.messages.expect(self._subject(task.model))
            self.setup.name_field.renew()
        self.effects.refresh()

    # models and what is known of them

    @Slot(str)
    def _on_model(self, name: str) -> None:
        self._turn_messages()
        self.effects.turn_to(name)
        self._on_setting()

    def _subject(self, model: str) -> tuple[object, ...]:
        return (self._session.project.root, model)

    def _turn_messages(self) -> None:
        """What was said of another model goes; what a job remarks stays while it goes on."""
        self.messages.turn_to(self._subject(self.setup.model), keep=bool(self._tasks))

    @Slot()
    def _on_setting(self) -> None:
        self.view.plot.set_here(self.setup.dial.share)
        self.setup.propose_name(self.effects.root)
        if self.isVisible():
            self.effects.count_soon()

    @Slot(str)
    def _on_point(self, name: str) -> None:
        """A point of the plot: show the model it was pruned from, with its setting."""
        if (member := self.effects.member(name)) is not None:
            self.setup.take(member.parent or member.model, member.config)
            self._on_model(self.setup.model)

    # the session

    @Slot()
    def _on_project(self) -> None:
        self.effects.forget()
        self.setup.models.forget()
        self._on_items("model")

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind != "model":
            return
        before = self.setup.model
        # Whole models first: they are what one prunes; a pruned one may be pruned again.
        models = sorted(self._session.items.models(), key=lambda item: item.model_card.is_pruned)
        self.setup.set_models([item.name for item in models])
        self._pages.setCurrentIndex(1 if models else 0)
        for widget in (self.verb, self.try_button, self.sweep_button, self._why):
            widget.setVisible(bool(models))
        if self.setup.model != before or self.effects.have_changed(before):
            self._on_model(self.setup.model)
        else:
            self._turn_messages()
            self.effects.refresh()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        """A model just made is what one prunes next; one that was pruned shows what became of its parent."""
        if kind == "model" and name in self.setup.models.names():
            self.effects.turn_to_newest(name)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        carry_out(remedy, self._session, apply=self.setup.form.apply)

    def showEvent(self, event: QShowEvent) -> None:
        """Weights are only counted for someone who looks."""
        super().showEvent(event)
        self.effects.count_soon()


class _Why(WhyWithTerms):
    """What is seen, in two sentences."""

    def __init__(self) -> None:
        super().__init__()
        self.explain(
            self.tr(
                "Each point is this model with a share of its <a href='weight'>weights</a> set to zero. The file shrinks in"
                " step with the zeros, nearly to its <a href='limit'>limit</a>; the <a href='bits'>bits per byte</a> stay"
                " low for a while, then climb: that bend, the <a href='knee'>knee</a>, is what one looks for. Points without"
                " a fill were measured on a part of the text."
            ),
            {
                "weight": self.tr("A number that a model has learned. A zero passes nothing on and needs no storage."),
                "limit": self.tr(
                    "The fewest bytes that hold the numbers which are left and say where they stand, if zeros may stand"
                    " anywhere: for each matrix its numbers, and for each of its places H(p) bits, where p is the share that"
                    " is left. More in Help: How a sparse model lies in its file."
                ),
                "bits": bits_per_byte_help(),
                "knee": self.tr(
                    "Where a curve is furthest from the straight line between its ends: up to there pruning costs"
                    " little. It wears a ring."
                ),
            },
            source="Han et al. 2015, arXiv:1506.02626",
        )
