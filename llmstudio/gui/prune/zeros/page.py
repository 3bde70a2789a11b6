"""Zeros: take single weights away from a model, see at once what that saves, and measure what it costs.

While the slider moves, everything that arithmetic can tell is told; a look measures a copy on a part of the text; pruning
saves a new model that remembers its parent. Here are the jobs; what is set is in `setup`, what is known of it in `effects`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.app.pruning import preview
from llmstudio.app.pruning.sweep import USUAL, sweep
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Event, Progress
from llmstudio.core.settings import from_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page, heal_it
from llmstudio.gui.prune.zeros.effects import Effects
from llmstudio.gui.prune.zeros.setup import PruneSetup
from llmstudio.gui.prune.zeros.view import PruneView
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.quality_text import bits_per_byte_help


class ZerosPage(Page):
    """The slider at the left, what it means at the right."""

    name = "zeros"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Zeros"), self.tr("Prune")
        self._explain()
        self.settings = self.setup = PruneSetup(session)
        self.form, self.name_field = self.setup.form, self.setup.name_field
        self.try_button = QPushButton(self.tr("Try it first"))
        self.try_button.setToolTip(self.tr("Measure a pruned copy on a part of the validation text; nothing is saved."))
        self.sweep_button = QPushButton(self.tr("Sweep"))
        self.sweep_button.setToolTip(
            self.tr(
                "Measure copies with 25 % to 95 % of the weights gone, by several methods; only what was measured is kept."
            )
        )
        self.foot = (self.try_button, self.sweep_button)
        self.view = PruneView()
        self.column.addWidget(self.view)
        self.effects = Effects(session, self.setup, self.view, self)
        self.setup.dial.changed.connect(self._on_setting)
        self.setup.form.changed.connect(self._on_setting)
        self.try_button.clicked.connect(self.try_it)
        self.sweep_button.clicked.connect(self.sweep)
        self.view.picked.connect(self._on_point)
        self.effects.newest.connect(self._on_point)

    def _explain(self) -> None:
        self.why = self.tr(
            "Each point is this model with a share of its <a href='weight'>weights</a> set to zero. The file shrinks in"
            " step with the zeros, nearly to its <a href='limit'>limit</a>; the <a href='bits'>bits per byte</a> stay"
            " low for a while, then climb: that bend, the <a href='knee'>knee</a>, is what one looks for. Points without"
            " a fill were measured on a part of the text."
        )
        self.terms = {
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
        }
        self.source = "Han et al. 2015, arXiv:1506.02626"

    # what one may do

    def run(self) -> None:
        """Prune: save a new model beside this one."""
        if not self.may_start():
            return
        project, model, config = self._session.project, self.model, self.setup.config
        name = self.setup.name_field.name()
        title = self.tr("Pruning “{name}”").format(name=model)
        self._begin(
            Task("prune", model, config), title, lambda stop: prune(project, model, name=name, config=config, stop=stop)
        )

    @Slot()
    def try_it(self) -> None:
        """Measure a pruned copy without saving it."""
        if self.setup.form.settle():
            project, model, config = self._session.project, self.model, self.setup.config
            title = self.tr("Trying {share} of “{name}” gone").format(share=share_text(config.sparsity), name=model)
            self._begin(
                Task("try", model, config, "measure"),
                title,
                lambda stop: preview.try_pruning(project, model, config=config, stop=stop),
            )

    @Slot()
    def sweep(self) -> None:
        """Measure copies with ever more weights gone, by the usual methods and the one that is chosen."""
        if self.setup.form.settle():
            project, model, config = self._session.project, self.model, self.setup.config
            methods = tuple(dict.fromkeys((*USUAL, config.method)))
            self._begin(
                Task("sweep", model, config, "measure"),
                self.tr("Pruning “{name}” more and more").format(name=model),
                lambda stop: sweep(project, model, methods=methods, config=config, stop=stop),
            )

    def _begin(self, task: Task, title: str, factory: Any) -> None:
        if self.start(task, title, factory):
            self.effects.show_sides()

    # what jobs say

    def hear(self, task: Task, event: Event) -> None:
        """A copy of a sweep was measured."""
        if isinstance(event, Progress) and "result" in event.details:
            config = from_dict(PruningConfig, event.details["config"])
            self.effects.remember(task.model, config, dict(event.details["result"]))
            self.effects.show_curves()

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """A look is remembered, a model is told of."""
        if task.verb == "try":
            self.effects.remember(task.model, task.config, dict(result))
        elif task.verb == "prune":
            name = str(result["model"])
            self.say_made(words("{name} is saved beside {model}.", name=name, model=task.model), name, heal_it(name))

    # models and what is known of them

    def show_model(self) -> None:
        """Another lineage."""
        self.effects.turn_to(self.model)
        self._on_setting()

    def refresh(self) -> None:
        """Look again what is known of the lineage."""
        self.effects.refresh()

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.effects.forget()

    def choose(self, name: str) -> None:
        """A model just made is what one prunes next; one that was pruned shows what became of its parent."""
        self.effects.turn_to_newest(name)

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
            if member.config is not None:
                self.setup.take(member.config)
            self.wanted.emit(member.parent or member.model)

    def showEvent(self, event: QShowEvent) -> None:
        """Weights are only counted for someone who looks."""
        super().showEvent(event)
        self.effects.count_soon()
