"""One matrix: what it loses of what it gives while ever more of its weights go, sweep by sweep and method by method."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from llmstudio.app.pruning import preview
from llmstudio.app.pruning.descent import LASSO, descend
from llmstudio.app.pruning.preview import Outlook
from llmstudio.core.events import Event, Failed, Progress
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page
from llmstudio.gui.prune.zeros.layer_bars import bars_of
from llmstudio.gui.prune.zeros.view import way_text
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot

_READ = ("calibration_tokens", "calibration_text")


class MatrixPage(Page):
    """The matrix at the left; at the right every sweep of coordinate descent, and methods side by side."""

    name = "matrix"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("One matrix"), self.tr("Watch it go")
        self._explain()
        self.matrices = ItemPicker(self.tr("Matrix"), has_menu=False, above=True)
        self.form = Form(PruningConfig(method="coordinate_descent"), paths=_READ, exclude=self._others())
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.matrices)
        left.addWidget(self.form)
        scaled(self, lambda: left.setSpacing(space(2)))
        gone = self.tr("share of its weights gone, in percent")
        lost = self.tr("of its output lost, in percent")
        self.sweeps = CurvePlot(
            self.tr("Coordinate descent, sweep by sweep"), x_title=self.tr("sweeps"), y_title=lost, is_titled=True
        )
        self.methods = CurvePlot(self.tr("The same matrix by every method"), x_title=gone, y_title=lost, is_titled=True)
        for plot in (self.sweeps, self.methods):
            plot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # they share what height there is
            self.column.addWidget(plot, 1)
        self._names: dict[str, str] = {}  # of matrices as models spell them, by what they are called here
        self._steps: list[Mapping[str, float]] = []
        self._curves: dict[str, list[tuple[float, float]]] = {}
        self.matrices.picked.connect(self._forget)

    @staticmethod
    def _others() -> list[str]:
        return [name for name in PruningConfig.__dataclass_fields__ if name not in _READ]

    def _explain(self) -> None:
        self.why = self.tr(
            "A matrix turns what enters it into what leaves it. Where weights are taken, what leaves changes (the teeth go"
            " up); <a href='descent'>coordinate descent</a> then moves the weights that are left, one input after the other,"
            " and every sweep makes up for a part (down again). Below, the same matrix by every method: those that read"
            " text lose less, and those that move weights least. The <a href='lasso'>lasso</a> walks its own path."
        )
        self.terms = {
            "descent": self.tr(
                "The best value of one weight, all others held, is a short formula once it is known how inputs hang"
                " together. Going through all of them again and again can only lower what is lost."
            ),
            "lasso": self.tr(
                "It asks for small weights and finds that many become zero: the smaller the penalty, the more stay. Here the"
                " weights that stay are then made best without a penalty."
            ),
        }
        self.source = "Friedman, Hastie and Tibshirani 2010, doi:10.18637/jss.v033.i01"

    @property
    def is_ready(self) -> bool:
        """Whether there is a matrix."""
        return bool(self.matrices.current())

    def run(self) -> None:
        """Watch it."""
        if not self.may_start():
            return
        self._forget()
        project, model, shown, config = self._session.project, self.model, self.matrices.current(), self.form.config
        matrix = self._names[shown]
        for plot in (self.sweeps, self.methods):
            plot.set_blank(self.tr("The text is read first; then it is drawn here."))
        self.start(
            Task("descent", model, config, "measure"),
            self.tr("Taking weights from {matrix}").format(matrix=shown),
            lambda stop: descend(project, model, matrix=matrix, config=config, stop=stop),
        )

    def hear(self, task: Task, event: Event) -> None:
        """A sweep was made, or a method measured."""
        if isinstance(event, Progress) and task.model == self.model:
            if "sweep" in event.details:
                self._steps.append(event.details["sweep"])
                self._draw_sweeps()
            elif "point" in event.details:
                self._curves.setdefault(event.details["method"], []).append(tuple(event.details["point"]))
                self._draw_methods()

    def show_model(self) -> None:
        """Its matrices are on offer."""
        self._forget()
        self.matrices.set_names([])
        project, model = self._session.project, self.model
        if model:
            whole = PruningConfig(sparsity=0.0)
            self._session.ask(
                lambda: preview.outlook(project, model, whole), self._on_outlook, owner=self, failed=self._on_no_outlook
            )

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.matrices.set_names([])
        self._forget()

    def _on_outlook(self, outlook: Outlook) -> None:
        if outlook.model == self.model:
            layers = [layer for layer in outlook.counts.layers if layer.is_prunable]
            titles = [bar.title for bar in bars_of(layers)]
            self._names = {
                title if titles.count(title) == 1 else layer.name: layer.name
                for title, layer in zip(titles, layers, strict=True)
            }
            self.matrices.set_names([*self._names])
            self.ready_changed.emit()

    def _on_no_outlook(self, failed: Failed) -> None:
        self.messages.show_failed(failed)

    @Slot()
    def _forget(self) -> None:
        self._steps, self._curves = [], {}
        self.sweeps.set_blank(self.tr("What is lost as ever more weights go is drawn here, sweep by sweep."))
        self.methods.set_blank(self.tr("Here every method takes weights from the same matrix, to compare them."))
        self._draw_sweeps()
        self._draw_methods()

    def _draw_sweeps(self) -> None:
        """Up to where taking weights has led, down to where the sweep has."""
        number = np.arange(len(self._steps)) + 1.0
        x = np.column_stack((number - 0.5, number)).ravel()
        y = np.array([(100 * step["taken"], 100 * step["lost"]) for step in self._steps]).ravel()
        told = (self.tr("weights taken, {n:.0f} % gone"), self.tr("after the sweep, {n:.0f} % gone"))
        words = tuple(text.format(n=100 * step["share"]) for step in self._steps for text in told)
        self.sweeps.set_curves([Curve(way_text(self.form.config), x, y, words)] if self._steps else [])

    def _draw_methods(self) -> None:
        curves = []
        for method, points in self._curves.items():
            known = np.array(sorted(points), float)
            name = self.tr("lasso") if method == LASSO else way_text(PruningConfig(method=method))
            told = tuple(f"{100 * share:.0f} %" for share in known[:, 0])
            curves.append(Curve(name, 100 * known[:, 0], 100 * known[:, 1], told))
        self.methods.set_curves(curves, x_range=(0.0, 100.0))
