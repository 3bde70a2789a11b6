"""One column of a run over its steps: every value faintly, their running mean clearly, earlier runs dashed beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.theme import series_color, series_pen
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import Range, RunPlot, mixed
from llmstudio.gui.shared.plots.series import Floats, spread
from llmstudio.gui.shared.plots.turns import Turns

OVERLAY_POINTS = 300  # a dashed line is drawn dash by dash: more points cost time and show nothing
FIRST_OVERLAY = 2  # series 0 and 1 are the run's own


@dataclass(frozen=True)
class Column:
    """What a `ColumnPlot` shows.

    Attributes:
        name: One of a run's columns, or a part of the loss that it may have.
        title: What it is called.
        explanation: What it means, for the hover.
        series: Number of its colour.
        is_exact: True if it has no noise that should be evened out.
    """

    name: str
    title: str
    explanation: str = ""
    series: int = 0
    is_exact: bool = False


class ColumnPlot(RunPlot):
    """A column of a run, smoothed over a share of the run."""

    def __init__(self, column: Column, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        self.column, self.smoothing = column, 0.9
        super().__init__(column.title, explanation=column.explanation, turns=turns, parent=parent)

    def show_column(self, column: Column) -> None:
        """Show another column of the same run."""
        self.column = column
        self.set_title(column.title, column.explanation)
        self.refresh()

    def set_smoothing(self, smoothing: float) -> None:
        """0 shows the values themselves, 1 means over a twelfth of the run."""
        self.smoothing = min(max(smoothing, 0.0), 1.0)
        self.refresh()

    def window(self, run: RunData) -> int:
        """Steps that are averaged at this smoothing."""
        return 1 if self.column.is_exact else max(1, round(len(run) / 12 * self.smoothing**3))

    def smooth_values(self, run: RunData, rows: np.ndarray) -> Floats:
        """The smooth line's heights at `rows` of a run."""
        return run.series(self.column.name).smooth(rows, self.window(run))

    def draw(self) -> Range | None:
        """See `RunPlot.draw`."""
        labels: list[EndLabel] = []
        bounds = self.draw_run(labels)
        for i, run in enumerate(self.overlays):
            bounds += self.draw_overlay(i, run, labels)
        self.beside.show(labels)
        return (min(bounds), max(bounds)) if bounds else None

    def draw_run(self, labels: list[EndLabel]) -> list[float]:
        """Draw the run itself; returns heights that must be in sight."""
        if not len(self.run):
            return []
        pen = QPen(series_color(self.column.series), 2)
        pen.setCosmetic(True)
        start, stop = self.rows_in_sight(self.run)
        x = self.run.column(self.x_column)
        raw_rows, raw = self.run.series(self.column.name).peaks(start, stop, self.lines.max_points)
        smooth_rows = spread(start, stop, self.lines.max_points // 2)
        smooth = self.smooth_values(self.run, smooth_rows)
        self.lines.draw("raw", x[raw_rows], raw, mixed("page", 0.35, pen), crisp=True)
        self.lines.draw("smooth", x[smooth_rows], smooth, pen, z=10)
        labels.append(EndLabel(self.end_text(float(smooth[-1])), float(smooth[-1]), pen))
        return [*_bounds(smooth), *_most(raw)]

    def draw_overlay(self, index: int, run: RunData, labels: list[EndLabel]) -> list[float]:
        """Draw an earlier run; returns heights that must be in sight."""
        start, stop = self.rows_in_sight(run)
        if stop <= start:
            return []
        rows = spread(start, stop, OVERLAY_POINTS)
        smooth = self.smooth_values(run, rows)
        pen = series_pen(FIRST_OVERLAY + index, 1.5)
        self.lines.draw(f"overlay {index}", run.column(self.x_column)[rows], smooth, pen, z=5)
        labels.append(EndLabel(self.overlay_text(run, float(smooth[-1])), float(smooth[-1]), pen))
        return _bounds(smooth)

    def end_text(self, value: float) -> str:
        """What stands at the end of the run's line."""
        return value_text(value)

    def overlay_text(self, run: RunData, value: float) -> str:
        """What stands at the end of an earlier run's line."""
        return f"{run.name}  {value_text(value)}"

    def row_at(self, run: RunData, x: float) -> int:
        """The row of `run` nearest to `x`."""
        column = run.column(self.x_column)
        row = int(np.searchsorted(column, np.int64(math.ceil(x))))
        if row > 0 and (row == len(column) or x - float(column[row - 1]) < float(column[row]) - x):
            row -= 1
        return row

    def readout(self, x: float | None) -> str:
        """Step and exact value."""
        if x is None or not len(self.run):
            return ""
        row = self.row_at(self.run, x)
        step = int(self.run.column("step")[row])
        value = value_text(float(self.run.column(self.column.name)[row]))
        return self.tr("step {step}:  {value}").format(step=f"{step:,}", value=value)


def _bounds(values: Floats) -> list[float]:
    finite = values[np.isfinite(values)]
    return [float(finite.min()), float(finite.max())] if len(finite) else []


def _most(values: Floats) -> list[float]:
    """Bounds of the values but for the wildest hundredth, which may leave the picture rather than flatten it."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return []
    low, high = np.quantile(finite, [0.01, 0.99])
    return [v for v in (float(low), float(high)) if math.isfinite(v)]
