"""Memory over a run's steps, stacked by kind: the libraries' base first, then what the run itself needs.

The kinds are what is known of tensors; what the process holds beyond them is drawn as "other". A budget that is near is a
line; one that is far is said in words, so that the bands are not squeezed flat.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.look.theme import color, series_color, space, theme
from llmstudio.gui.shared.plots.end_labels import EndLabel
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import Range, RunPlot, mixed
from llmstudio.gui.shared.plots.turns import Turns

translate = QCoreApplication.translate
KINDS = ("base", "weights", "gradients", "optimizer", "activations", "other")
"""Bands from the bottom to the top."""
_MAX_POINTS = 400


def kind_label(kind: str) -> str:
    """A kind of memory in the person's language."""
    labels = {
        "base": translate("memory", "program"),
        "weights": translate("memory", "weights"),
        "gradients": translate("memory", "gradients"),
        "optimizer": translate("memory", "optimizer"),
        "activations": translate("memory", "activations"),
        "other": translate("memory", "other"),
    }
    return labels.get(kind, kind)


def kind_pen(kind: str) -> QPen:
    """The colour of a kind, the same in every picture of memory."""
    shade = color("muted") if kind == "base" else series_color(KINDS.index(kind) - 1)
    return pg.mkPen(shade)


def bands(run: RunData, rows: NDArray[np.intp]) -> dict[str, NDArray[np.float64]]:
    """Bytes by kind at `rows`, "other" included; what was not measured counts as 0."""
    known = {
        kind: np.maximum(run.column(kind)[rows].astype(np.float64), 0.0)
        for kind in ("process", "base", "weights", "gradients", "optimizer", "activations")
    }
    process = known.pop("process")
    known["other"] = np.maximum(process - sum(known.values()), 0.0)
    return known


def fullest(run: RunData) -> dict[str, int]:
    """Bytes of each kind when a run took most beyond what the program held before; empty if not measured.

    As in the forecast: what was there before is no part of it, and kinds that peak at different times are not added up.
    """
    rows = run.memory_rows()
    if not len(rows):
        return {}
    own = {kind: sizes for kind, sizes in bands(run, rows).items() if kind != "base"}
    most = int(np.argmax(np.sum(list(own.values()), axis=0)))
    return {kind: int(sizes[most]) for kind, sizes in own.items() if sizes[most]}


def peak_bytes(run: RunData) -> int:
    """Most bytes the process held so far, 0 if not measured."""
    rows = run.memory_rows()
    return int(run.column("process")[rows].max()) if len(rows) else 0


class MemoryPlot(RunPlot):
    """Memory of a run by kind."""

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        super().__init__(
            translate("memory", "Memory"),
            explanation=translate(
                "memory",
                "Weights are the model itself. Gradients say how to change each weight, the optimizer remembers past "
                "gradients, activations are what each layer keeps until the step is done. “Program” was there before.",
            ),
            turns=turns,
            parent=parent,
        )
        self.budget = 0
        self._areas: dict[str, pg.PlotCurveItem] = {}
        for i, kind in enumerate(reversed(KINDS)):
            area = pg.PlotCurveItem(fillLevel=0.0, antialias=False)
            area.setZValue(i)  # the highest sum first, each lower one painted over it
            self._areas[kind] = area
            self.canvas.plotItem.addItem(area, ignoreBounds=True)
        self._budget_line = pg.InfiniteLine(angle=0, movable=False)
        self._budget_line.setZValue(20)
        self.canvas.plotItem.addItem(self._budget_line, ignoreBounds=True)
        self._y_axis.say = bytes_text
        theme.changed.connect(self._make_room)
        self._make_room()

    @property
    def awaited(self) -> str:
        """See `RunPlot.awaited`."""
        return self.tr("What the run takes in memory appears here once it has been measured.")

    @Slot()
    def _make_room(self) -> None:
        """High enough for every kind to be named, with the computer's line and the GPU's."""
        labels = self.beside.ends.height_of(len(KINDS) + 2)
        self.canvas.setMinimumHeight(math.ceil(labels) + space(3))

    def set_budget(self, num_bytes: int) -> None:
        """The memory that this computer has; 0 if it is not known."""
        self.budget = num_bytes
        self.refresh()

    def draw(self) -> Range | None:
        """See `RunPlot.draw`."""
        rows = self.run.memory_rows()
        self._budget_line.hide()
        if not len(rows):
            for area in self._areas.values():
                area.setData([], [])
            self.beside.show([])
            return None
        rows = self._thinned(rows)
        x = self.scales.x(self.run.column(self.x_column)[rows])
        total = np.zeros(len(rows))
        labels = []
        for kind, size in bands(self.run, rows).items():
            total = total + size
            pen = kind_pen(kind)
            fill = mixed("page", 0.55, pen).color()
            if len(rows) == 1:  # no area yet: a dot at its height
                self.lines.draw(f"{kind} alone", self.run.column(self.x_column)[rows], total.copy(), pen)
            self._areas[kind].setData(x, total.copy(), pen=pg.mkPen(pen.color(), width=1), brush=pg.mkBrush(fill))
            if size[-1] > 0:
                middle = float(total[-1] - size[-1] / 2)
                text = f"{kind_label(kind)} {bytes_text(float(size[-1]))}"
                labels.append(EndLabel(text, middle, QPen(pen.color(), 8), weight=float(size[-1])))
        high = float(total.max())
        gpu = self.run.column("gpu")[rows].astype(np.float64)
        if (gpu >= 0).any():
            pen, last = pg.mkPen(color("text"), width=2), float(gpu[-1])
            self.lines.draw("gpu", self.run.column(self.x_column)[rows], np.where(gpu < 0, np.nan, gpu), pen, z=15)
            labels.append(EndLabel(self.tr("GPU {size}").format(size=bytes_text(last)), last, pen))
            high = max(high, float(gpu.max()))
        if 0 < self.budget < 2.5 * high:
            self._budget_line.setValue(self.budget)
            self._budget_line.setPen(pg.mkPen(color("error"), width=1.5))
            self._budget_line.show()
            text = self.tr("computer {size}").format(size=bytes_text(self.budget))
            labels.append(EndLabel(text, float(self.budget), pg.mkPen(color("error"), width=2)))
            high = max(high, float(self.budget))
        self.beside.show(labels)
        return 0.0, high

    def readout(self, x: float | None) -> str:
        """Bytes by kind at `x`; for None what the process holds now, of what there is."""
        rows = self.run.memory_rows()
        if not len(rows):
            return ""
        if x is None:
            return self.of_budget(int(self.run.column("process")[rows[-1]]))
        beyond = np.searchsorted(self.run.column(self.x_column), np.int64(x))
        row = rows[min(int(np.searchsorted(rows, beyond)), len(rows) - 1)]
        parts = [self.tr("step {step}").format(step=f"{int(self.run.column('step')[row]):,}")]
        sizes = {kind: float(size[0]) for kind, size in bands(self.run, np.array([row])).items()}
        parts += [f"{kind_label(kind)} {bytes_text(size)}" for kind, size in sizes.items() if size > 0]
        return " · ".join(parts)

    def of_budget(self, size: int) -> str:
        """What the whole process holds, of what there is; a forecast counts the run alone."""
        if not self.budget:
            return self.tr("{size}, with the program").format(size=bytes_text(size))
        return self.tr("{size} of {budget}, with the program").format(size=bytes_text(size), budget=bytes_text(self.budget))

    def _thinned(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        start, stop = self.rows_in_sight(self.run)
        low, high = np.searchsorted(rows, start), np.searchsorted(rows, stop)
        rows = rows[max(int(low) - 1, 0) : int(high) + 1]
        if len(rows) <= _MAX_POINTS:
            return rows
        # Of every stretch the measurement with the largest process, so that no peak is lost.
        edges = np.linspace(0, len(rows), _MAX_POINTS + 1).astype(np.intp)
        process = self.run.column("process")[rows]
        picked = [a + int(np.argmax(process[a:b])) for a, b in itertools.pairwise(edges)]
        return rows[np.array([*picked[:-1], len(rows) - 1])]
