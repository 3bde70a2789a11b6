"""Prune: take weights away from a model, see at once what that saves, and measure what it costs.

While the slider moves, everything that arithmetic can tell is told; a look measures a copy on a part of the text; pruning
saves a new model that remembers its parent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app import pruning_preview
from llmstudio.app.pruning_preview import Member, Outlook
from llmstudio.app.runs.run_summary import RunSummary, summaries
from llmstudio.app.verbs.prune import prune
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.prune.sparsity_dial import SparsityDial
from llmstudio.gui.prune.view import PruneView
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.weights_seen import WeightsSeen
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.gui.shared.readouts.quality_text import bits_per_byte_help, brief

COUNT_MS = 40  # a pause of the slider after which weights are counted
LANES = {"prune": "work", "try": "measure"}


@dataclass(frozen=True)
class Task:
    """A job of this tab: `prune` or `try`, of which model, how."""

    verb: str
    model: str
    config: PruningConfig


class PruneTab(QWidget):
    """The slider at the left, what it means at the right.

    Attributes:
        outlook: What was counted last; None until something was.
    """

    name = "prune"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Prune")
        self._session = session
        self._lineage: list[Member] = []
        self._weights = WeightsSeen(session)
        self._looks: dict[tuple[str, PruningConfig], dict[str, Any]] = {}
        self.outlook: Outlook | None = None
        self._tasks: dict[str, Task] = {}
        self._refused = ""  # why the setting in sight cannot be looked at, as it is said
        self._build()
        self._count = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._count.timeout.connect(self._ask_outlook)
        self._connect()
        self._explain()
        self._restyle()
        self._on_project()

    def _build(self) -> None:
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True)
        self.dial = SparsityDial()
        self.form = Form(PruningConfig, paths=("method", "scope", "keep_embeddings"), exclude=("sparsity",))
        self.name_field = NameField()
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        for widget in (self.models, self.dial, self.form, self.name_field):
            self._left.addWidget(widget)
        self._left.addStretch(1)
        self.verb = QPushButton(self.tr("Prune"))
        self.try_button = QPushButton(self.tr("Try it first"))
        self.try_button.setToolTip(self.tr("Measure a pruned copy on a part of the validation text; nothing is saved."))
        self.view = PruneView()
        self.offer = Missing(self._session, "model", self.tr("There is no model to prune yet."), self.tr("Train one"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.offer)
        self._pages.addWidget(self.view)
        self._why = WhyWithTerms()
        self._layout = TabLayout(left, self._pages, self._why, verb=self.verb, foot=(self.try_button,))
        self.messages = self._layout.messages
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._layout)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)
        self.models.picked.connect(self._on_model)
        self.dial.changed.connect(self._on_setting)
        self.form.changed.connect(self._on_setting)
        self.form.remedy.connect(self._on_remedy)
        self.messages.remedy.connect(self._on_remedy)
        self.verb.clicked.connect(self.run_verb)
        self.try_button.clicked.connect(self.try_it)
        self.view.picked.connect(self._on_point)
        theme.changed.connect(self._restyle)

    # what one may do

    @property
    def config(self) -> PruningConfig:
        """The setting in force."""
        return replace(self.form.config, sparsity=self.dial.share)

    @Slot()
    def run_verb(self) -> None:
        """Prune: save a new model beside this one."""
        project, model, name = self._session.project, self.models.current(), self.name_field.name()
        if not model:
            self.offer.take()
            return
        if not self.form.settle():
            return
        config = self.config
        problem, free = name_problem(project, "model", name)
        self.name_field.set_problem(problem, free)
        if not problem:
            title = self.tr("Pruning “{name}”").format(name=model)
            self._start(
                Task("prune", model, config),
                title,
                lambda stop: prune(project, model, name=name, config=config, stop=stop),
            )

    @Slot()
    def try_it(self) -> None:
        """Measure a pruned copy without saving it."""
        if not self.form.settle():
            return
        project, model, config = self._session.project, self.models.current(), self.config
        title = self.tr("Trying {share} of “{name}” gone").format(share=share_text(config.sparsity), name=model)
        self._start(
            Task("try", model, config),
            title,
            lambda stop: pruning_preview.try_pruning(project, model, config=config, stop=stop),
        )

    @Slot()
    def stop_verb(self) -> None:
        """Stop what this tab is doing; nothing is saved."""
        for lane in self._tasks:
            self._session.stop(lane)

    def _start(self, task: Task, title: str, factory: Any) -> None:
        lane = LANES[task.verb]
        if self._session.start(factory, tab=self.name, title=title, lane=lane):
            self._tasks[lane] = task
            self.form.begin()
            self.messages.clear()
            self._show_sides()

    # what jobs say

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane in self._tasks:
            for event in events:
                if isinstance(event, Noted):
                    self.messages.show_message(event.message, level=event.level)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        task = self._tasks.pop(lane, None)
        if task is None:
            return
        if isinstance(end, Failed):
            self.messages.show_failed(end)
            self.form.show_failed(end)
        elif isinstance(end, Finished) and task.verb == "try":
            self._looks[task.model, task.config] = dict(end.result)
        elif isinstance(end, Finished):
            name = str(end.result["model"])
            talk = Remedy("talk", words("Talk to it"), name)
            said = words("{name} is saved beside {model}.", name=name, model=task.model)
            self.messages.show_message(said, remedies=(talk,), next_step=talk)
            self.messages.expect(self._subject(task.model))
            self.name_field.renew()
        self._ask_lineage()

    # models and what is known of them

    @Slot(str)
    def _on_model(self, name: str) -> None:
        self._turn_messages()
        self._forget_looks()
        self._weights.note(name)
        self.outlook = None
        self._ask_lineage()
        self._on_setting()

    def _forget_looks(self) -> None:
        """What was measured of weights that are no more says nothing of those that came after them."""
        gone = {model for model, _ in self._looks if self._weights.have_changed(model)}
        self._looks = {key: look for key, look in self._looks.items() if key[0] not in gone}

    def _subject(self, model: str) -> tuple[object, ...]:
        return (self._session.project.root, model)

    def _turn_messages(self) -> None:
        """What was said of another model goes; what a job remarks stays while it goes on."""
        self.messages.turn_to(self._subject(self.models.current()), keep=bool(self._tasks))

    def _ask_lineage(self) -> None:
        project, model = self._session.project, self.models.current()
        if model:

            def look() -> tuple[list[Member], dict[str, RunSummary]]:
                return pruning_preview.lineage(project, model), summaries(project)

            self._session.ask(look, self._on_lineage, owner=self)

    def _on_lineage(self, answer: tuple[list[Member], dict[str, RunSummary]]) -> None:
        self._lineage, runs = answer
        lineage = self._lineage
        names = {member.model for member in lineage}
        found = [(model, config, look) for (model, config), look in self._looks.items() if model in names]
        looks = [(config, pruning_preview.on_all_of_the_text(lineage, model, look)) for model, config, look in found]
        self.view.show_lineage(lineage, [(config, bits) for config, bits in looks if bits is not None])
        self.models.set_notes({name: brief(one) for name, one in runs.items()})
        self._propose_name()
        self._show_sides()

    @Slot()
    def _on_setting(self) -> None:
        self.view.plot.set_here(self.dial.share)
        self._propose_name()
        if self.isVisible():
            self._count.start()

    @Slot()
    def _ask_outlook(self) -> None:
        project, model, config = self._session.project, self.models.current(), self.config
        if model and self.isVisible():
            self._session.ask(
                lambda: pruning_preview.outlook(project, model, config),
                self._on_outlook,
                owner=self,
                failed=partial(self._on_no_outlook, model),
            )

    def _on_outlook(self, outlook: Outlook) -> None:
        if outlook.model != self.models.current():
            return
        if self._refused and self.messages.text == self._refused:  # it was about a setting that is gone
            self.messages.clear()
        self._refused = ""
        self.outlook = outlook
        self.dial.set_note(
            self.tr("{zeros} of {prunable} go. Of all {all} weights, {left} stay ({share}).").format(
                zeros=f"{outlook.zeros:,}",
                prunable=f"{outlook.prunable:,}",
                all=f"{outlook.parameters:,}",
                left=f"{outlook.nonzeros:,}",
                share=share_text(outlook.nonzeros / max(1, outlook.parameters)),
            )
        )
        self.view.show_outlook(outlook)
        self._show_sides()

    def _on_no_outlook(self, model: str, failed: Failed) -> None:
        if model != self.models.current():
            return
        self.outlook = None
        self.view.show_outlook(None)
        self.messages.show_failed(failed)
        self._refused = self.messages.text

    def _show_sides(self) -> None:
        model = self.models.current()
        own = next((member for member in self._lineage if member.model == model), None)
        outlook = self.outlook if self.outlook is not None and self.outlook.config == self.config else None
        shown = outlook or self.outlook
        quality = own.quality if own else None
        result = self._measured(model, shown.config) if shown else None
        self.view.show_sides(model, quality, shown, result)

    def _measured(self, model: str, config: PruningConfig) -> dict[str, Any] | None:
        """What pruning `model` by `config` was measured to do: by a saved child, else by a look."""
        children = [one.result.told for one in self._lineage if (one.parent, one.config) == (model, config)]
        return dict(children[-1]) if children else self._looks.get((model, config))

    def _propose_name(self) -> None:
        root = next((member.model for member in self._lineage if not member.parent), self.models.current())
        if root:
            wish = self.tr("{model}, {n} % pruned").format(model=root, n=round(100 * self.dial.share))
            self.name_field.propose(self._session.project.free_name("model", wish))
        self.name_field.set_problem("")

    @Slot(str)
    def _on_point(self, name: str) -> None:
        """A point of the plot: show the model it was pruned from, with its setting."""
        member = next((member for member in self._lineage if member.model == name), None)
        if member is None:
            return
        self.models.pick(member.parent or member.model)
        if member.config is not None:
            self.form.config = member.config
            self.dial.set_share(member.config.sparsity)
        self._on_model(self.models.current())

    # the session

    @Slot()
    def _on_project(self) -> None:
        self._lineage, self.outlook = [], None
        self._looks.clear()
        self.view.show_lineage([], [])
        self.view.show_outlook(None)
        self._on_items("model")

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind != "model":
            return
        before = self.models.current()
        # Whole models first: they are what one prunes; a pruned one may be pruned again.
        models = sorted(self._session.items.models(), key=lambda item: item.model_card.is_pruned)
        self.models.set_names([item.name for item in models], self._session.items.ids("model"))
        has_models = bool(self.models.names())
        self._pages.setCurrentIndex(1 if has_models else 0)
        for widget in (self.dial, self.form, self.name_field, self.verb, self.try_button, self._why):
            widget.setVisible(has_models)
        if self.models.current() != before or self._weights.have_changed(before):
            self._on_model(self.models.current())
        else:
            self._forget_looks()
            self._turn_messages()
            self._ask_lineage()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        """A model just made is what one prunes next; one that was pruned shows what became of its parent."""
        if kind != "model" or name not in self.models.names():
            return
        project = self._session.project
        self._session.ask(lambda: (name, pruning_preview.lineage(project, name)), self._on_newest, owner=self)

    def _on_newest(self, answer: tuple[str, list[Member]]) -> None:
        name, self._lineage = answer
        self._on_point(name)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        carry_out(remedy, self._session, apply=self.form.apply)

    def showEvent(self, event: QShowEvent) -> None:
        """Weights are only counted for someone who looks."""
        super().showEvent(event)
        self._count.start()

    def _explain(self) -> None:
        self._why.explain(
            self.tr(
                "Each point is this model with a share of its <a href='weight'>weights</a> set to zero. The file shrinks in"
                " step with the zeros; the <a href='bits'>bits per byte</a> stay low for a while, then climb: that bend is"
                " what one looks for."
            ),
            {
                "weight": self.tr("A number that a model has learned. A zero passes nothing on and needs no storage."),
                "bits": bits_per_byte_help(),
            },
            source="Han et al. 2015, arXiv:1506.02626",
        )

    @Slot()
    def _restyle(self) -> None:
        self._left.setSpacing(space(2))
