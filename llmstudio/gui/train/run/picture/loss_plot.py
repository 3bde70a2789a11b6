"""The learning curve: training loss, faint and smooth, looks at the validation text with the best one ringed.

Where a model learns on and the looks also ask for the text that it had learned from, they are a third line: if that rises,
the model forgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from llmstudio.core.events import Evaluated
from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.theme import color, say, series_color, series_pen
from llmstudio.gui.shared.plots.column_plot import FIRST_OVERLAY, Column, ColumnPlot
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import MAIN
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.train.run.picture.classes.looks_plot import looks_of, tag_looks_of
from llmstudio.gui.train.run.picture.unlike import brief

translate = QCoreApplication.translate
_EARLIER = 5  # the series of the text that was learned from before, behind those of earlier runs


class LossPlot(ColumnPlot):
    """Loss of a run over its steps."""

    least = MAIN

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        super().__init__(_column(RunData()), turns=turns, parent=parent)
        self._best = pg.ScatterPlotItem(size=13, symbol="o", brush=None)
        self._best.setZValue(30)
        self._unlike: Mapping[str, str] = {}
        self._ring: tuple[float, float, int] | None = None
        self.canvas.plotItem.addItem(self._best, ignoreBounds=True)

    @property
    def best_point(self) -> tuple[float, float] | None:
        """Where the ring is, as the view counts; None if there is none."""
        x, y = self._best.getData()
        return (float(x[0]), float(y[0])) if len(x) else None

    def set_runs(self, run: RunData, overlays: Sequence[RunData] = ()) -> None:
        """See `RunPlot.set_runs`."""
        super().set_runs(run, overlays)
        self._say_measure()

    def _say_measure(self) -> None:
        """Where training counts answers above all, its loss and that on held-out text are different measures."""
        wanted = _column(self.run, watches_forgetting=bool(self._forgetting()))
        if wanted != self.column:
            self.column = wanted
            self.set_title(wanted.title, wanted.explanation)

    def draw_run(self, labels: list[EndLabel]) -> list[float]:
        """Training loss, then the looks at the validation text."""
        self._say_measure()
        bounds = super().draw_run(labels)
        x, y = self._evaluations(self.run)
        if not len(x):
            self._best.setData([], [])
            return bounds
        pen = series_pen(1)
        self.lines.draw("validation", x, y, pen, z=20, symbol="o")
        last = next((float(v) for v in y[::-1] if np.isfinite(v)), np.nan)
        labels.append(EndLabel(self.tr("validation {loss}").format(loss=value_text(last)), last, pen))
        bounds += self._draw_forgetting(labels)
        best = self.run.best
        spot = (self._place(self.run, best), best.figures["loss"]) if best else (np.nan, np.nan)
        ring_x, ring_y = self.scales.x([spot[0]]), self.scales.y([spot[1]])
        if not np.isfinite([ring_x, ring_y]).all():
            self._best.setData([], [])
        elif (ring := (float(ring_x[0]), float(ring_y[0]), color("text").rgba())) != self._ring or not self.best_point:
            self._ring = ring
            self._best.setData(ring_x, ring_y, pen=pg.mkPen(color("text"), width=1.5))
        return bounds + [float(v) for v in y if np.isfinite(v)]

    def _draw_forgetting(self, labels: list[EndLabel]) -> list[float]:
        """The looks at the text that the model had learned from before; what it has lost of it stands at the line's end."""
        if not (looks := self._forgetting()):
            return []
        y = [look.figures["parent_loss"] for look in looks]
        pen = series_pen(_EARLIER)
        self.lines.draw("forgetting", np.array([self._place(self.run, look) for look in looks]), y, pen, z=15, symbol="d")
        labels.append(EndLabel(self._earlier(looks[-1]), y[-1], pen))
        return y

    def _forgetting(self) -> list[Evaluated]:
        return [look for look in self.run.looks if np.isfinite(look.figures.get("parent_loss", np.nan))]

    def _earlier(self, look: Evaluated) -> str:
        now, begun = look.figures["parent_loss"], self._forgetting()[0].figures["parent_loss"]
        return self.tr("earlier text {loss} ({change})").format(loss=value_text(now), change=f"{now - begun:+.2f}")

    def draw_overlay(self, index: int, run: RunData, labels: list[EndLabel]) -> list[float]:
        """An earlier run's training loss, its looks at the validation text as small triangles."""
        bounds = super().draw_overlay(index, run, labels)
        x, y = self._evaluations(run)
        if not len(x):
            return bounds
        pen = pg.mkPen(None)
        pen.setColor(series_color(FIRST_OVERLAY + index))
        self.lines.draw(f"overlay validation {index}", x, y, pen, z=6, symbol="t1")
        if len(seen := y[np.isfinite(y)]):
            text = self.tr("{run} validation {loss}").format(run=self._called(run), loss=value_text(float(seen[-1])))
            labels.append(EndLabel(text, float(seen[-1]), series_pen(FIRST_OVERLAY + index, 1.5), weight=0.0))
        return bounds + [float(v) for v in y if np.isfinite(v)]

    def end_text(self, value: float) -> str:
        """The line's name and value."""
        named = self.tr("training, answers weighted {loss}") if self.run.weighs_answers else self.tr("training {loss}")
        return named.format(loss=value_text(value))

    def overlay_text(self, run: RunData, value: float) -> str:
        """Which run, which of its two lines, and whether it compares."""
        named = self.tr("{run} training {loss}")
        if run.weighs_answers:
            named = self.tr("{run} training, answers weighted {loss}")
        return named.format(run=self._called(run), loss=value_text(value))

    def set_unlike(self, unlike: Mapping[str, str]) -> None:
        """Name with their reasons the runs that do not compare with the one in sight, see `unlike`."""
        if unlike != self._unlike:
            self._unlike = dict(unlike)
            self.refresh()

    def _called(self, run: RunData) -> str:
        reason = self._unlike.get(run.name)
        return self.tr("{run} ({remark})").format(run=run.name, remark=say(brief(reason))) if reason else run.name

    def readout(self, x: float | None) -> str:
        """Exact and smooth training loss, the last look at the validation text, and every overlay."""
        if x is None or not len(self.run):
            return ""
        row = self.row_at(self.run, x)
        smooth = float(self.smooth_values(self.run, np.array([row]))[0])
        parts = [
            self.tr("step {step}").format(step=f"{int(self.run.column('step')[row]):,}"),
            (
                self.tr("training, answers weighted {loss} (smooth {smooth})")
                if self.run.weighs_answers
                else self.tr("training {loss} (smooth {smooth})")
            ).format(loss=value_text(float(self.run.column("loss")[row])), smooth=value_text(smooth)),
        ]
        if look := self._look_before(self.run, int(self.run.column("step")[row])):
            parts.append(
                self.tr("validation {loss} (at {step})").format(
                    loss=value_text(look.figures.get("loss", np.nan)), step=f"{look.weights_step:,}"
                )
            )
            if "parent_loss" in look.figures:
                parts.append(self._earlier(look))
        for run in self.overlays:
            if len(run) and x <= float(run.column(self.x_column)[-1]):
                value = float(self.smooth_values(run, np.array([self.row_at(run, x)]))[0])
                parts.append(self.overlay_text(run, value))
        return " · ".join(parts)

    def _look_before(self, run: RunData, step: int) -> Evaluated | None:
        return next((event for event in reversed(run.looks) if event.weights_step <= step), None)

    def _evaluations(self, run: RunData) -> tuple[np.ndarray, np.ndarray]:
        looks = run.looks
        places = [self._place(run, look) for look in looks]
        return np.array(places), np.array([look.figures.get("loss", np.nan) for look in looks])

    def _place(self, run: RunData, event: Evaluated) -> float:
        if self.x_column == "step" or not len(run):
            return float(event.weights_step)
        row = min(int(np.searchsorted(run.column("step"), event.weights_step)), len(run) - 1)
        return float(run.column(self.x_column)[row])


def _column(run: RunData, *, watches_forgetting: bool = False) -> Column:
    """What the plot is called, and what its two curves mean."""
    title = translate("LossPlot", "Loss, nats a token")
    if looks_of(run):
        title = translate("LossPlot", "Loss, nats a text")
        meaning = translate(
            "LossPlot",
            "How surprised the model is by the class of each text: 0 would be certainty. Training loss is on texts it "
            "learns from, validation loss on texts it has never seen. When validation turns up, it is learning by heart.",
        )
    elif tag_looks_of(run):
        title = translate("LossPlot", "Loss, nats a word")
        meaning = translate(
            "LossPlot",
            "How surprised the model is by the tag of each word: 0 would be certainty. Training loss is on sentences it "
            "learns from, validation loss on others. When validation turns up, it is learning by heart.",
        )
    elif run.weighs_answers:
        title = translate("LossPlot", "Loss, nats a token (training: answers weighted)")
        meaning = translate(
            "LossPlot",
            "How surprised the model is by each next token: 0 would be certainty. Training loss is on text it learns "
            "from and counts its answers above all else; validation loss is on text it has never seen, every token alike. "
            "They are two measures: that one lies below the other is no sign of learning by heart.",
        )
    else:
        meaning = translate(
            "LossPlot",
            "How surprised the model is by each next token: 0 would be certainty. Training loss is on text it learns "
            "from, validation loss on text it has never seen. When validation turns up, it is learning by heart.",
        )
    if watches_forgetting:
        meaning += " " + translate(
            "LossPlot",
            "The line of diamonds is the loss on text that the model had learned from before this run. When "
            "it rises, the model forgets; the number in brackets says by how much.",
        )
    return Column("loss", title, meaning)
