"""Scores: how well a model sorts texts that it has not learned from, class by class, and how far its certainty is to be
trusted; beside it what counting words would have told of the same texts.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.app.classes.scored import Scored, scored
from llmstudio.app.inspecting.subject import Subject
from llmstudio.core.tasks.scores.classes import Interval
from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.gui.inspect.pages.page import Page, muted
from llmstudio.gui.inspect.scores.table import ClassTable
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.examples_choice import ExamplesChoice
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.shared.readouts.figure_row import Figure, FigureRow

_PERCENT = 100.0


class ScoresPage(Page):
    """Figures above, the classes below them, then the curves of the chosen class and of the certainty.

    Attributes:
        told: The answer; None until there is one.
        examples: What stands before each text, where the model was taught no classes.
        figures: Accuracy, macro-F1, the baseline's, and the calibration error.
        classes: Every class.
        curve: Precision against recall of the chosen class.
        calibration: How often answers are right against how sure they were.
    """

    name = "scores"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Scores"), self.tr("Measure")
        self.why = self.tr(
            "Precision is the share of the texts predicted to be of a class that are; recall the share of its texts that are"
            " found; F1 lies between them. The curve shows what recall costs in precision where the line is drawn"
            " elsewhere. If certainty is to be trusted, 80 % sure is right 80 times in 100."
        )
        self.source = "Efron 1979, doi:10.1214/aos/1176344552 (ranges); Guo et al. 2017, arXiv:1706.04599 (calibration)"
        self.told: Scored | None = None
        self.examples = self.settings = ExamplesChoice(self)
        self.examples.changed.connect(self._on_examples)
        self.figures, self._said, self.classes = FigureRow(), muted(""), ClassTable()
        self.curve = CurvePlot(
            self.tr("Precision against recall"), x_title=self.tr("Recall, %"), y_title=self.tr("Precision, %")
        )
        self.calibration = CurvePlot(
            self.tr("Calibration"), x_title=self.tr("How sure, %"), y_title=self.tr("How often right, %")
        )
        self._curve_title = muted("")
        self._body = QWidget()
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.classes, 2)
        rows.addWidget(self._curve_title)
        self._row = QHBoxLayout()
        self._row.addWidget(self.curve)
        self._row.addWidget(self.calibration)
        rows.addLayout(self._row, 3)
        self.column.addWidget(self.figures)
        self.column.addWidget(self._said)
        self.foot()
        self.column.addWidget(self._body, 1)
        self.column.addStretch(0)
        self.classes.chosen.connect(self._on_chosen)
        self.clear()
        self.restyle()

    def clear(self) -> None:
        """No answer."""
        self.told = None
        self._show()

    def start(self, subject: Subject) -> None:
        """Offer the corpora of examples."""
        self.examples.offer(subject.examples)

    @Slot()
    def _on_examples(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self.wake()

    def look(self) -> None:
        """Sort the held-out texts."""
        project, model, examples = self._session.project, self.model, self.examples.chosen
        self.question.ask(lambda stop: scored(project, model, examples, stop=stop), self._on_told)

    def _on_told(self, told: Scored) -> None:
        self.told = told
        self._show()

    def _show(self) -> None:
        told = self.told
        for widget in (self.figures, self._said, self._body):
            widget.setVisible(told is not None)
        if told is None:
            self.classes.show_classes(None)
            return
        self.figures.set_figures(self._figures(told))
        self._said.setText(self._remark(told))
        self.examples.tell(told.said)
        self.classes.show_classes(told.own)
        own = [self._certainty(self.model, told.own)]
        counted = [self._certainty(self.tr("words counted"), told.counted)] if told.counted is not None else []
        even = np.array([0.0, _PERCENT])
        even_line = Curve(self.tr("as sure as right"), even, even)
        self.calibration.set_curves([*own, *counted, even_line], x_range=(0.0, _PERCENT))

    def _figures(self, told: Scored) -> list[Figure]:
        accuracy, macro = told.own.intervals
        help_ = self.tr("In brackets the range of 95 % of 1,000 samples drawn anew from these texts.")
        exact = self.tr("all labels correct") if told.own.several else self.tr("classified correctly")
        found = [_figure(accuracy, exact, help_), _figure(macro, self.tr("macro-F1"), help_)]
        if told.counted is not None:
            others = told.counted.intervals
            baseline = self.tr("A bag of words with logistic regression, learned from the training part and asked the same.")
            found += [
                Figure(f"{_PERCENT * others[0].value:.1f} %", self.tr("by counting words"), baseline),
                Figure(f"{_PERCENT * others[1].value:.1f} %", self.tr("its macro-F1"), baseline),
            ]
        error = self.tr("How far certainty and being right are apart, averaged over the texts; 0 is best.")
        return [*found, Figure(f"{_PERCENT * told.own.calibration.error:.1f} %", self.tr("calibration error"), error)]

    def _remark(self, told: Scored) -> str:
        part = self.tr("of the test part") if told.part == "test" else self.tr("of the validation part")
        said = [plural(self.tr("{n|text|texts} {part}"), n=told.own.num_texts, part=part)]
        if not told.is_all:
            said.append(self.tr("taken evenly from more"))
        always = self.tr("the commonest answer for all would be right for {share} %")
        said.append(always.format(share=f"{_PERCENT * told.guess:.1f}"))
        if told.moved:
            moved = ", ".join(f"{name} × {by:.3g}" for name, by in zip(told.own.names, told.moved, strict=True))
            said.append(self.tr("the line between classes was moved, odds count: {moved}").format(moved=moved))
        return " · ".join(said)

    def _certainty(self, name: str, scores: Classified) -> Curve:
        found = scores.calibration
        filled = found.counts > 0
        texts = tuple(plural(self.tr("{n|text|texts}"), n=int(count)) for count in found.counts[filled])
        return Curve(name, _PERCENT * found.confidence[filled], _PERCENT * found.accuracy[filled], texts)

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        told = self.told
        if told is None:
            return
        sides = [(self.model, told.own)]
        sides += [(self.tr("words counted"), told.counted)] if told.counted is not None else []
        curves, means = [], []
        for name, scores in sides:
            found = scores.curve(number)
            curves.append(Curve(name, _PERCENT * found.recall[::-1], _PERCENT * found.precision[::-1]))
            means.append(f"{name} {_PERCENT * found.average_precision:.1f} %")
        self.curve.set_curves(curves, x_range=(0.0, _PERCENT))
        title = self.tr("{name}: precision averaged over recall: {means}")
        self._curve_title.setText(title.format(name=told.own.names[number], means=", ".join(means)))

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.column.setSpacing(space(1.5))
        self._row.setSpacing(space(3))


def _figure(interval: Interval, unit: str, help_: str) -> Figure:
    low, high = round(_PERCENT * interval.low), round(_PERCENT * interval.high)
    return Figure(f"{_PERCENT * interval.value:.1f} %", f"{unit} ({low}–{high})", help_)
