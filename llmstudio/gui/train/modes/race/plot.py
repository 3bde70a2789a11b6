"""Every runner's curve in one picture: over its own seconds, tokens or steps, and the yardstick as a level line."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.figures import duration_text, tick_text, value_text
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import color, series_pen, space, theme
from llmstudio.gui.shared.plots.column_plot import OVERLAY_POINTS
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.run_plot import MAIN, Range, RunPlot
from llmstudio.gui.shared.plots.series import Floats, spread
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.train.modes.race.data import Race

translate = QCoreApplication.translate
BITS, LOSS = "bits_per_byte", "loss"
_MOST_RUNNERS = 6  # that a race takes
_SMOOTH = 0.06  # of the run, so that curves of training loss can be told apart


def runner_pen(number: int, width: float = 2.0) -> QPen:
    """The pen of a runner: the same wherever it is spoken of."""
    return series_pen(number, width)


class RacePlot(RunPlot):
    """Curves of a race.

    Attributes:
        measure: `bits_per_byte` of the validation text, or training `loss`; an empty text follows the race: loss until
            someone has two looks at the validation text behind it.
    """

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", turns=turns, parent=parent)
        self.race = Race()
        self.measure = ""
        self.x_column = "seconds"
        self._x_axis.say = self._tick_text
        theme.changed.connect(self._make_room)
        self._make_room()

    @Slot()
    def _make_room(self) -> None:
        """High enough for every runner's name and the yardstick's: who is only counted cannot be told from the others."""
        names = math.ceil(self.beside.ends.height_of(_MOST_RUNNERS + 1)) + space(3)
        self.canvas.setMinimumHeight(max(space(MAIN), names))

    @property
    def awaited(self) -> str:
        """See `RunPlot.awaited`."""
        return self.tr("The curves appear here with the first steps.")

    def set_race(self, race: Race) -> None:
        """Show this race, the whole of it."""
        self.race = race
        self.whole()

    def set_measure(self, measure: str) -> None:
        """What the curves show: `bits_per_byte`, `loss`, or an empty text to follow the race."""
        self.measure = measure
        self.refresh()

    @property
    def shown_measure(self) -> str:
        """What the curves show now."""
        if self.measure:
            return self.measure
        runners = self.race.runners
        return BITS if not runners or any(len(runner.looks()[0]) > 1 for runner in runners) else LOSS

    def curve(self, number: int) -> tuple[Floats, Floats]:
        """A runner's curve: places and heights, few enough to be drawn."""
        runner = self.race.runners[number]
        if not len(runner.run):
            return np.empty(0), np.empty(0)
        places = runner.places(self.x_column)
        if self.shown_measure == BITS:
            steps, bits = runner.looks()
            rows = np.minimum(np.searchsorted(runner.run.column("step"), steps), len(places) - 1)
            return places[rows], bits
        rows = spread(0, len(places), OVERLAY_POINTS)
        return places[rows], runner.run.series("loss").smooth(rows, max(1, round(_SMOOTH * len(places))))

    def shown(self) -> Range:
        """The first and last x in sight."""
        if self._zoom:
            return self._zoom
        ends = [float(runner.places(self.x_column)[-1]) for runner in self.race.runners if len(runner.run)]
        return (0.0, max(ends) if ends and max(ends) > 0 else 100.0)

    def draw(self) -> Range | None:
        """See `RunPlot.draw`."""
        is_bits = self.shown_measure == BITS
        self._say_title(is_bits)
        labels: list[EndLabel] = []
        heights: list[tuple[float, float]] = []
        lost: list[tuple[float, float]] = []  # who left all bounds must not press the others flat
        for number, runner in enumerate(self.race.runners):
            x, y = self.curve(number)
            finite = y[np.isfinite(y)]
            if not len(finite):
                continue
            pen = runner_pen(number)
            if is_bits:
                self.lines.draw(f"looks {number}", x, y, pen, z=10, symbol="o")
            else:
                self.lines.draw(f"loss {number}", x, y, pen, z=10)
            last = float(finite[-1])
            if runner.out is None:
                labels.append(EndLabel(f"{runner.label}  {value_text(last)}", last, pen))
            (heights if runner.out is None else lost).append((float(finite.min()), float(finite.max())))
        if is_bits and self.race.yardstick is not None:
            heights.append((self.race.yardstick, self.race.yardstick))
            labels.append(self._draw_yardstick(self.race.yardstick))
        self.beside.show(labels)
        heights = heights or lost
        return (min(low for low, _ in heights), max(high for _, high in heights)) if heights else None

    def readout(self, x: float | None) -> str:
        """What every runner had reached at a place."""
        if x is None:
            return ""
        parts = [self._place_text(x)]
        for number, runner in enumerate(self.race.runners):
            places, heights = self.curve(number)
            if before := int(np.searchsorted(places, x, side="right")):
                parts.append(
                    self.tr("{runner} {value}").format(runner=runner.label, value=value_text(float(heights[before - 1])))
                )
        return " · ".join(parts)

    def _draw_yardstick(self, bits: float) -> EndLabel:
        pen = QPen(color("text"), 1.0)
        pen.setCosmetic(True)
        pen.setDashPattern([1, 4])
        self.lines.draw("yardstick", self.shown(), [bits, bits], pen, z=2, crisp=True)
        return EndLabel(self.tr("5-gram  {value}").format(value=value_text(bits)), bits, pen)

    def _tick_text(self, value: float) -> str:
        return self.tr("{n} s").format(n=tick_text(value)) if self.x_column == "seconds" and value else tick_text(value)

    def _say_title(self, is_bits: bool) -> None:
        if is_bits:
            title = translate("RacePlot", "Bits per byte of the validation text")
            meaning = translate(
                "RacePlot",
                "How many bits a model needs for each byte of text that nobody learned from. Fewer is better, and it can "
                "be compared between tokenizers.",
            )
        else:
            title = translate("RacePlot", "Training loss, nats a token")
            if any(runner.run.weighs_answers for runner in self.race.runners):
                title = translate("RacePlot", "Training loss, answers weighted, nats a token")
            meaning = translate(
                "RacePlot",
                "How surprised a model is by each next token. Between different tokenizers this cannot be compared: "
                "a longer token is harder to guess.",
            )
        if title != self._title.text():
            self.set_title(title, meaning)

    def _place_text(self, x: float) -> str:
        match self.x_column:
            case "seconds":
                return duration_text(x)
            case "tokens":
                return plural(self.tr("{n|token|tokens}"), n=f"{math.floor(x):,}")
        return self.tr("step {step}").format(step=f"{math.floor(x):,}")
