"""Heal: a pruned or smaller model learns on, while what is gone stays gone, and gets back most of what it has forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.app.pruning.healing import Figure as Known
from llmstudio.app.pruning.healing import HealConfig, Healing, has_lost, healing
from llmstudio.app.runs.run_summary import MEASURES, UNITS
from llmstudio.app.verbs.heal import heal
from llmstudio.core.events import Evaluated, Event, Failed, TrainStep
from llmstudio.core.training.history import read_history
from llmstudio.core.words import words
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.figures import duration_text, share_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page, made_of
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.name_field import NameField
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.readouts.figure_row import Figure, FigureRow
from llmstudio.gui.shared.readouts.quality_text import NONE, bits_per_byte_help, figure_text
from llmstudio.store.lineage import GROWN
from llmstudio.store.project import About

DRAW_MS = 200  # between two drawings of a run that goes on
_POINTS = 300  # of a curve that are drawn


class HealPage(Page):
    """The share of the steps at the left; at the right how good whole, hurt and healed are, and the loss as it falls.

    Attributes:
        known: What is known of the model in sight; None until it is.
        run_data: The run that is drawn: the one that goes on, else the newest.
    """

    name = "heal"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Heal"), self.tr("Heal")
        self.why = self.tr(
            "The model learns on, on its own text, for a share of the steps that it has learned for. What is gone stays"
            " gone: zeros stay <a href='zero'>zero</a>. Its <a href='loss'>loss</a> falls fastest at the beginning, so a"
            " fifth of the steps brings most of it back."
        )
        self.terms = {
            "zero": self.tr("After each step the weights that were taken away are zero again, so the file stays small."),
            "loss": self.tr("How surprised the model is by the next token, in nats. Less is better."),
        }
        self.source = "Han et al. 2015, arXiv:1506.02626"
        self.lack = (
            self.tr("Healing is for models that have lost weights, and there is none yet: take some away first."),
            self.tr("Go to Zeros"),
            "zeros",
        )
        self.form = Form(HealConfig)
        self.name_field = NameField()
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: left.setSpacing(space(2)))
        left.addWidget(self.form)
        left.addWidget(self.name_field)
        self.known: Healing | None = None
        self.run_data = RunData()
        self._redraw = QTimer(self, interval=DRAW_MS, singleShot=True)
        self._redraw.timeout.connect(self._draw)
        self.figures = FigureRow()
        self.said = Label(wordWrap=True)
        self.plot = CurvePlot(
            self.tr("Loss while it heals"), x_title=self.tr("steps"), y_title=self.tr("loss, nats a token")
        )
        self.watch = QPushButton(self.tr("Watch in Train"), visible=False)
        self.watch.setToolTip(self.tr("All curves of this run, what it writes, and the memory that it takes"))
        self.watch.setProperty("role", "chip")
        self.watch.clicked.connect(lambda: session.go_to.emit("train"))
        self.column.addWidget(self.figures)
        self.column.addWidget(self.said)
        self.column.addWidget(self.watch, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.plot, 1)
        scaled(self, lambda: self.column.setSpacing(space(1.5)))
        self.jobs.changed.connect(self._on_jobs)
        self.form.changed.connect(self._foretell)

    def suits(self, item: About) -> bool:
        """One that has lost weights, whatever came after."""
        return has_lost(item)

    def run(self) -> None:
        """Let it learn on: a new model beside this one."""
        if not self.may_start():
            return
        project, model, config = self._session.project, self.model, self.form.config
        name = self.name_field.name()
        title = self.tr("Healing “{name}”").format(name=model)
        self.run_data = RunData(name)
        self.plot.set_blank(self.tr("First it is measured as it is; then its loss is drawn here, step by step."))
        self._draw()
        self.start(
            Task("heal", model, config),
            title,
            lambda stop: heal(project, model, name=name, **asdict(config), stop=stop),
        )

    def hear(self, task: Task, event: Event) -> None:
        """A step, or a look at the validation text."""
        if isinstance(event, TrainStep | Evaluated) and "train" in event.path and self.run_data.add([event]):
            if not self._redraw.isActive():
                self._redraw.start()
            if isinstance(event, TrainStep) and event.remaining_s is not None:
                left = self.tr("Step {step} of {total}, about {time} left.")
                text = left.format(
                    step=f"{event.step:,}", total=f"{event.total or 0:,}", time=duration_text(event.remaining_s)
                )
                self.said.setText(text)

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """A model was healed."""
        name = str(result["model"])
        self.say_made(words("{name} is saved beside {model}.", name=name, model=task.model), name)

    # the model

    def show_model(self) -> None:
        """Nothing of another model."""
        self.known = None
        if not self.jobs.are_running:
            self.run_data = RunData()
            self.plot.set_blank(self.tr("Its loss is drawn here, step by step."))
        self._show()
        self.refresh()

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.show_model()

    def refresh(self) -> None:
        """Look again what is known of the model, and how the newest run went that healed it."""
        project, model = self._session.project, self.model
        if model:
            wish = self.tr("{model}, healed").format(model=model)
            self.name_field.propose(project.free_name("model", wish))
            self.name_field.set_problem("")

            def look() -> tuple[Healing, RunData]:
                known = healing(project, model)
                newest = known.healed[0].model if known.healed else ""
                run = RunData.from_history(newest, read_history(project.path("model", newest))) if newest else RunData()
                return known, run

            self._session.ask(look, self._on_known, owner=self, failed=self._on_unknown)

    def _on_known(self, answer: tuple[Healing, RunData]) -> None:
        known, run = answer
        if known.hurt.model == self.model:
            self.known = known
            if not self.jobs.are_running:
                self.run_data = run
            self._show()

    def _on_unknown(self, failed: Failed) -> None:
        self.messages.show_failed(failed)

    def shown_for(self, item: About) -> str:
        """One that was healed here is seen beside the one that it learned on from."""
        is_healed = item.model_card.last_step.verb == GROWN
        return made_of(self._session.project, item) if is_healed else item.name

    # what is seen

    @Slot()
    def _on_jobs(self) -> None:
        self.watch.setVisible(self.jobs.are_running)
        if not self.jobs.are_running:
            self.said.setText("")

    def _show(self) -> None:
        known = self.known
        shown: list[Known | None] = [known.whole, known.hurt, *known.healed[:1]] if known is not None else []
        self.figures.set_figures([self._figure(one) for one in shown if one is not None])
        if not self.jobs.are_running:
            self.said.setText(self._sentence(known))
            self._foretell()
        self._draw()

    @Slot()
    def _foretell(self) -> None:
        """For how many steps it would learn on, where nothing is drawn."""
        if self.known is not None and self.known.steps and not self.jobs.are_running:
            said = self.tr("It learns on for {n|step|steps}, after {all} of the whole model. Its loss is drawn here.")
            steps = max(1, round(self.form.config.share * self.known.steps))
            self.plot.set_blank(plural(said, n=f"{steps:,}", all=f"{self.known.steps:,}"))

    def _figure(self, one: Known) -> Figure:
        measure = one.quality.measure if one.quality is not None else MEASURES[0]
        text = figure_text(measure, one.quality.value) if one.quality is not None else NONE
        unit = self.tr("{unit}, {model}").format(unit=say(UNITS[measure]), model=one.model)
        return Figure(text, unit, bits_per_byte_help() if measure == "bits_per_byte" else "")

    def _sentence(self, known: Healing | None) -> str:
        if known is None:
            return ""
        if not known.healed:
            return self.tr("Nothing was healed from it yet.")
        good = known.made_good(known.healed[0])
        if good is None:
            return ""
        return self.tr("{model} has {share} of what was lost back.").format(
            model=known.healed[0].model, share=share_text(max(0.0, good))
        )

    @Slot()
    def _draw(self) -> None:
        steps, loss = (self.run_data.column(name).astype(np.float64) for name in ("step", "loss"))
        every = max(1, len(steps) // _POINTS)
        curves = [Curve(self.tr("training"), steps[::every], loss[::every])] if len(steps) else []
        looks = [(look.step, look.figures["loss"]) for look in self.run_data.looks if "loss" in look.figures]
        if looks:
            x, y = np.array(looks, np.float64).T
            curves.append(Curve(self.tr("validation"), x, y))
        self.plot.set_curves(curves)
