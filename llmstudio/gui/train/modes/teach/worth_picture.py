"""What pretraining was worth: how well a task is done, over the share of the labels, for each way to begin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.worth.comparing import Point, figure_of
from llmstudio.app.worth.trials import LABELS, SCRATCH, SHARES, TAUGHT, WAYS
from llmstudio.core.words import plain_number
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot


class WorthPicture(QWidget):
    """Three learning curves, which grow as models are measured. It is told the points; it fetches nothing.

    Attributes:
        points: What was measured so far.
        plot: The curves.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: tuple[Point, ...] = ()
        self._title = Label(self.tr("What was pretraining worth?"), wordWrap=True)
        self._title.setProperty("role", "title")
        self._said, self._result = Label(wordWrap=True), Label(wordWrap=True)
        self._said.setProperty("role", "muted")
        self.plot = CurvePlot(
            self.tr("Learning curves"), x_title=self.tr("labels that are learned from, %"), y_title="", has_log_axis=True
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        for widget in (self._title, self._said, self._result):
            column.addWidget(widget)
        column.addWidget(self.plot, 1)
        self.show_points(())

    @property
    def said(self) -> str:
        """What is said above the curves."""
        return self._said.text()

    @property
    def result(self) -> str:
        """What came out so far."""
        return self._result.text()

    @Slot(str)
    def say(self, text: str) -> None:
        """Say what is compared, or what is missing for it."""
        self._said.setText(text)

    def show_points(self, points: Sequence[Point], diverged: Sequence[Mapping[str, Any]] = ()) -> None:
        """Draw what was measured so far, and name the trials that have diverged."""
        self.points = tuple(points)
        figure = figure_of(self.points)
        curves = []
        for way in WAYS:
            own = sorted((point.share, point.figures[figure]) for point in self.points if point.way == way)
            x = np.array([math.log10(100 * share) for share, _ in own])
            told = tuple(self._share(share) for share, _ in own)
            curves.append(Curve(say(LABELS[way]), x, np.array([value for _, value in own]), told))
        titles = {
            "macro_f1": self.tr("macro-F1"),
            "accuracy": self.tr("accuracy"),
            "span_f1": self.tr("F1 of whole names"),
            "tag_accuracy": self.tr("share of words tagged correctly"),
        }
        ends = [math.log10(100 * share) for share in (min(SHARES), max(SHARES))]
        self.plot.set_curves(curves, y_title=titles.get(figure, figure), x_range=(ends[0], ends[1]))
        lost = [f"{say(LABELS[trial['way']])} ({self._share(trial['share'])})" for trial in diverged]
        told = [self._told(figure, titles.get(figure, figure))]
        told += [self.tr("Diverged, so not drawn: {trials}.").format(trials=", ".join(lost))] if lost else []
        self._result.setText("\n".join(filter(None, told)))
        self._result.setVisible(bool(self._result.text()))

    def _told(self, figure: str, title: str) -> str:
        """What pretraining added at the fewest labels that both ways have been measured with, and at the most."""
        found = {(point.way, point.share): point.figures[figure] for point in self.points}
        both = sorted(share for way, share in found if way == SCRATCH and (TAUGHT, share) in found)
        if not both:
            return ""
        said = self.tr("With {share} of the labels: {taught} with pretraining, {scratch} without ({figure}).")
        return " ".join(
            said.format(
                share=self._share(share),
                taught=plain_number(found[TAUGHT, share], 3),
                scratch=plain_number(found[SCRATCH, share], 3),
                figure=title,
            )
            for share in dict.fromkeys((both[0], both[-1]))
        )

    @staticmethod
    def _share(share: float) -> str:
        return f"{plain_number(100 * share, 3)}\u00a0%"
