"""Accuracy and macro-F1 at every look at the held-out texts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from llmstudio.core.events import Evaluated
from llmstudio.gui.look.theme import series_pen
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import Range, RunPlot
from llmstudio.gui.shared.plots.turns import Turns

FIGURES = ("accuracy", "macro_f1")


class LooksPlot(RunPlot):
    """Two lines from 0 to 100 %."""

    least = 14.0

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("LooksPlot", "Accuracy and macro-F1, %")
        explanation = QCoreApplication.translate(
            "LooksPlot",
            "Accuracy is the share of held-out texts classified correctly. Macro-F1 counts every class alike: where it lies"
            " far below, rare classes are missed.",
        )
        super().__init__(title, explanation=explanation, turns=turns, parent=parent)

    def draw(self) -> Range | None:
        """See `RunPlot.draw`."""
        looks = looks_of(self.run)
        labels: list[EndLabel] = []
        x = np.array([self._place(look) for look in looks])
        for number, name in enumerate(FIGURES):
            y = np.array([100 * look.figures.get(name, np.nan) for look in looks])
            if np.isfinite(y).any():
                pen = series_pen(number)
                self.lines.draw(name, x, y, pen, z=10.0 - number, symbol="o" if number == 0 else "s")
                last = float(y[np.isfinite(y)][-1])
                labels.append(EndLabel(self._said(name, last), last, pen))
        self.beside.show(labels)
        return (0.0, 100.0) if labels else None

    def readout(self, x: float | None) -> str:
        """The figures of the look before a place."""
        if x is None or not (looks := looks_of(self.run)):
            return ""
        look = next((each for each in reversed(looks) if self._place(each) <= x), looks[0])
        said = [self._said(name, 100 * look.figures[name]) for name in FIGURES if name in look.figures]
        step = QCoreApplication.translate("LooksPlot", "step {step}").format(step=f"{look.weights_step:,}")
        return " · ".join([step, *said])

    @property
    def awaited(self) -> str:
        """What an empty plot says."""
        return QCoreApplication.translate("LooksPlot", "The lines appear here with the first look at held-out texts.")

    def _said(self, name: str, value: float) -> str:
        called = {
            "accuracy": QCoreApplication.translate("LooksPlot", "accuracy {percent} %"),
            "macro_f1": QCoreApplication.translate("LooksPlot", "macro-F1 {percent} %"),
        }
        return called[name].format(percent=f"{value:.1f}")

    def _place(self, look: Evaluated) -> float:
        if self.x_column == "step" or not len(self.run):
            return float(look.weights_step)
        row = min(int(np.searchsorted(self.run.column("step"), look.weights_step)), len(self.run) - 1)
        return float(self.run.column(self.x_column)[row])


def looks_of(run: RunData) -> list[Evaluated]:
    """The looks of a run that learns classes; none of any other."""
    return [look for look in run.looks if all(name in look.figures for name in FIGURES)]


def tag_looks_of(run: RunData) -> list[Evaluated]:
    """The looks of a run that learns to tag words; none of any other."""
    return [look for look in run.looks if "tag_accuracy" in look.figures]
