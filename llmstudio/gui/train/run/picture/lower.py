"""What stands under the learning curve, one at a time: memory, a column of the run, or where the runs in sight differ."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.core.training.steps import OWN_COLUMNS
from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.label import Label, paragraph, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import space
from llmstudio.gui.shared.layout.flow import FlowBox
from llmstudio.gui.shared.plots.column_plot import Column, ColumnPlot
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.shared.readouts.differences_table import DifferencesTable
from llmstudio.gui.train.run.picture.differences import Comparison
from llmstudio.gui.train.run.picture.memory_plot import MemoryPlot


class LowerPlot(QWidget):
    """A row of chips, and what the one in force calls.

    Attributes:
        memory: The first of them.
        strip: The column that was chosen last.
        differences: The table; it has no chip while nothing is compared.
    """

    def __init__(self, *, turns: Turns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = _columns()
        self.memory, self.strip = MemoryPlot(turns=turns), ColumnPlot(self._columns[0], turns=turns)
        self.differences = DifferencesTable()
        self._stack = QStackedWidget()
        self._choice = QButtonGroup(self)
        chips = FlowBox()
        self._stack.addWidget(self.memory)
        self._stack.addWidget(self.strip)
        for number, title in enumerate((self.tr("Memory"), *(column.title for column in self._columns))):
            chip = QPushButton(title, checkable=True, checked=number == 0)
            chip.setProperty("role", "chip")
            self._choice.addButton(chip, number)
            chips.add(chip)
            if number:
                chip.setToolTip(paragraph(self._columns[number - 1].explanation))
        self._differ = QPushButton(self.tr("Where they differ"), checkable=True, visible=False)
        self._differ.setProperty("role", "chip")
        self._choice.addButton(self._differ, 1 + len(self._columns))
        chips.add(self._differ)
        self._stack.addWidget(self.differences)
        # The chip in force is the title of the plot below, so that plot needs no head of its own.
        self.told = Label(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.told.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(chips)
        row.addWidget(Still(self.told), 1)
        for plot in (self.memory, self.strip):
            plot.head.hide()
            plot.told.connect(self._on_told)
        self._choice.idClicked.connect(self.show_part)
        below = QVBoxLayout(self)
        scaled(self, lambda: below.setContentsMargins(0, space(0.5), 0, 0))
        below.addLayout(row)
        below.addWidget(self._stack, 1)

    def offer_parts(self, run: RunData) -> None:
        """A loss of several parts has a curve for each, as has a share of zeros; no chip would show an empty plot."""
        for number, column in enumerate(self._columns, 1):
            if column.name not in OWN_COLUMNS:
                has_part = column.name in run.parts and bool(np.isfinite(run.column(column.name)[-1]))
                self._choice.button(number).setVisible(has_part)
                if not has_part and self._choice.checkedId() == number:
                    self.show_part(0)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Offer a table of the run in sight and those laid over it; None while there are none."""
        if comparison is not None:
            self.differences.show_runs(comparison.names, comparison.settings, comparison.figures)
        self._differ.setVisible(comparison is not None)
        if comparison is None and self._differ.isChecked():
            self.show_part(0)

    @Slot(int)
    def show_part(self, number: int) -> None:
        """Show under the learning curve: 0 is memory, then learning rate, gradient norm, tokens a second; at last the table
        of the runs that are compared.
        """
        if self._choice.button(number) is self._differ:
            self._stack.setCurrentWidget(self.differences)
            self._tell("")
            return
        if number:
            self.strip.show_column(self._columns[number - 1])
        plot = self.strip if number else self.memory
        self._stack.setCurrentWidget(plot)
        self._tell(plot.readout_text)
        self._choice.button(number).setChecked(True)

    @Slot(str)
    def _on_told(self, text: str) -> None:
        if self.sender() is self._stack.currentWidget():
            self._tell(text)

    def _tell(self, text: str) -> None:
        room = self.told.width() - 2
        self.told.setText(parts_in(text, QFontMetricsF(self.told.font()), room))
        self.told.setToolTip(plain(text))


def _columns() -> tuple[Column, ...]:
    return (
        Column(
            "learning_rate",
            _tr("Learning rate"),
            _tr("How large each change of the weights is: up, level, and down to zero at the end."),
            series=2,
            is_exact=True,
        ),
        Column(
            "grad_norm",
            _tr("Gradient norm"),
            _tr("How steep the loss is where the model stands. Sudden peaks mean that training is shaken."),
            series=3,
        ),
        Column(
            "tokens_per_second",
            _tr("Tokens a second"),
            _tr("The pace over the run; it falls while the computer does something else."),
            series=4,
        ),
        Column(
            "reconstruction",
            _tr("Rebuilding"),
            _tr("Nats that writing a sentence again costs, once its place in the latent space is known."),
            series=5,
        ),
        Column(
            "kl",
            _tr("KL"),
            _tr("Nats that the latent space tells of a sentence. At 0 every place gives the same sentences."),
            series=6,
        ),
        Column(
            "sparsity",
            _tr("Zeros"),
            _tr("The share of the weights that may go which are zero, where a model becomes sparse while it trains."),
            series=1,
            is_exact=True,
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainPicture", text)
