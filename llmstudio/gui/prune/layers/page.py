"""Layers: how much each layer minds losing weights, shares of their own for each, and where the zeros are.

The sliders are one setting, `layer_shares`, written as it is typed; what it makes of a model is counted after every move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.app.pruning.layers import Known, look
from llmstudio.app.pruning.sensitivity import sensitivity, shares_text
from llmstudio.app.pruning.sweep import compare
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Event, Failed, Progress
from llmstudio.core.sparsity.shares import spread
from llmstudio.core.words import words
from llmstudio.gui.prune.layers.told import bars_told, change_text, hoped, seen
from llmstudio.gui.prune.layers.view import LayersView
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page
from llmstudio.gui.prune.zeros.effects import COUNT_MS
from llmstudio.gui.prune.zeros.setup import PruneSetup
from llmstudio.gui.session.session import Session


class LayersPage(Page):
    """Settings of pruning at the left, layers at the right."""

    name = "layers"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Layers"), self.tr("Prune")
        self._explain()
        self.settings = self.setup = PruneSetup(session)
        self.form, self.name_field = self.setup.form, self.setup.name_field
        self.measure_button = QPushButton(self.tr("Measure layers"))
        self.measure_button.setToolTip(
            self.tr("Measure copies in each of which only one layer loses this share; only what was measured is kept.")
        )
        self.compare_button = QPushButton(self.tr("Try the shares"))
        self.compare_button.setToolTip(
            self.tr("Measure copies pruned with these shares, and without them; only what was measured is kept.")
        )
        self.foot = (self.measure_button, self.compare_button)
        self.view = LayersView()
        self.column.addWidget(self.view)
        self._known: Known | None = None
        self._pause = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._pause.timeout.connect(self._count)
        self.setup.dial.changed.connect(self._on_setting)
        self.setup.form.changed.connect(self._on_setting)
        self.measure_button.clicked.connect(partial(self.measure, "measure"))
        self.compare_button.clicked.connect(self.compare)
        self.view.spread_button.clicked.connect(self.spread)
        self.view.usual_button.clicked.connect(partial(self._set_shares, ""))
        self.view.sliders.moved.connect(self._on_moved)
        self.view.by.chosen.connect(self._show)
        self.view.chosen.connect(self._pause.start)

    def _explain(self) -> None:
        self.why = self.tr(
            "Some layers mind losing weights more than others: a bar shows what it costs if only that one loses them"
            " (<a href='sensitivity'>sensitivity</a>). With a slider one layer loses more or less; the others make up, so"
            " that the whole always loses what the dial says. They can be <a href='spread'>spread</a> by the bars."
        )
        self.terms = {
            "sensitivity": self.tr(
                "Measured on a copy in which one layer alone has lost the share that is set. Together layers cost more than"
                " the sum of what they cost alone, or less."
            ),
            "spread": self.tr(
                "Shares at which the next weight would cost about the same everywhere. Only half of what was measured is"
                " believed: layers alone tell a part of what they do together."
            ),
        }
        self.source = "Le Cun et al. 1990 (Optimal Brain Damage); Lee et al. 2021, arXiv:2010.07611"

    # what one may do

    def run(self) -> None:
        """Prune: save a new model beside this one."""
        if not self.may_start():
            return
        project, model, config = self._session.project, self.model, self.setup.config
        name = self.setup.name_field.name()
        title = self.tr("Pruning “{name}”").format(name=model)
        self.start(
            Task("prune", model, config), title, lambda stop: prune(project, model, name=name, config=config, stop=stop)
        )

    def measure(self, verb: str = "measure") -> None:
        """Measure each layer alone; as `spread`, then set the sliders by that."""
        if self.setup.form.settle():
            project, model, config, by = self._session.project, self.model, self.setup.config, self.view.by.key
            self.start(
                Task(verb, model, config, "measure"),
                self.tr("Measuring the layers of “{name}”").format(name=model),
                lambda stop: sensitivity(project, model, config=config, by=by, stop=stop),
            )

    @Slot()
    def compare(self) -> None:
        """Measure copies with these shares and without."""
        if self.setup.form.settle():
            project, model, config = self._session.project, self.model, self.setup.config
            self.start(
                Task("compare", model, config, "measure"),
                self.tr("Trying shares by layer on “{name}”").format(name=model),
                lambda stop: compare(project, model, config=config, stop=stop),
            )

    @Slot()
    def spread(self) -> None:
        """Set the sliders by what layers cost, once that is measured."""
        if self._known is None or not self.setup.form.settle():
            return
        parts, costs = self._known.layers(self.view.by.key), self._known.costs(self.view.by.key)
        if len(costs) < len(parts):
            self.measure("spread")
            return
        self._set_shares(shares_text(spread(costs, {p.key: p.weights for p in parts}, self.setup.config.sparsity)))

    def _set_shares(self, text: str, *_: object) -> None:
        self.setup.form.config = replace(self.setup.form.config, layer_shares=text)
        self._on_setting()

    # what is heard

    def hear(self, task: Task, event: Event) -> None:
        """A layer was measured, or a copy."""
        if isinstance(event, Progress) and ({"row", "result"} & event.details.keys()):
            self._count()

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """Sliders follow, a model is told of."""
        if task.verb == "prune":
            name = str(result["model"])
            self.say_made(words("{name} is saved beside {model}.", name=name, model=task.model), name)
        elif task.verb == "spread" and (task.model, task.config) == (self.model, self.setup.config):
            self._set_shares(str(result["spread"]))

    def show_model(self) -> None:
        """Another model's layers."""
        self._known = None
        self.view.show_outlook(None)
        self.view.sliders.set_parts([], 0.0)
        self.view.say("", "")
        self._on_setting()

    def refresh(self) -> None:
        """Look again what was measured."""
        self._pause.start()

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.show_model()

    @Slot()
    def _on_setting(self) -> None:
        self.setup.propose_name(self.model)
        self._pause.start()

    @Slot()
    def _on_moved(self) -> None:
        self._set_shares(shares_text(self.view.sliders.shares))

    # what is known

    @Slot()
    def _count(self) -> None:
        """Count what the setting in sight does, for someone who looks."""
        project, model, config, matrix = self._session.project, self.model, self.setup.config, self.view.matrix
        if not model or not self.isVisible():
            return

        self._session.ask(
            lambda: look(project, model, config, matrix), self._on_known, owner=self, failed=partial(self._on_unknown, model)
        )

    def _on_known(self, known: Known) -> None:
        if known.outlook.model == self.model:
            self._known = known
            self._show()

    def _on_unknown(self, model: str, failed: Failed) -> None:
        if model == self.model:
            self.messages.show_failed(failed)

    @Slot()
    def _show(self) -> None:
        known = self._known
        if known is None:
            return
        view, by, config, counts = self.view, self.view.by.key, known.outlook.config, known.outlook.counts
        self.setup.show_count(known.outlook)
        view.show_outlook(known.outlook)
        view.sliders.set_parts(known.layers(by), max(config.sparsity, counts.zeros / max(1, counts.prunable)))
        for widget in (view.sliders, view.spread_button):
            widget.setEnabled(config.pattern == "any")
        view.usual_button.setEnabled(bool(config.layer_shares))
        costs = known.costs(by)
        view.sliders.set_costs(costs, {key: change_text(known.measure, cost) for key, cost in costs.items()})
        view.say(bars_told(known), " ".join(filter(None, (hoped(known, by), seen(known)))))
        remark = self.tr("As many as this method takes; which ones is known once it has read.") if config.reads else ""
        view.show_matrix(known.picture, remark)

    def showEvent(self, event: QShowEvent) -> None:
        """Weights are only counted for someone who looks."""
        super().showEvent(event)
        self._pause.start()
