"""Runs side by side: how they came out, and the settings in which they differ; what stands alone there is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, space, theme

Row = tuple[str, list[str]]
"""What a line is about, and what each run says to it."""

_WIDEST = 24  # in steps of spacing: runners matter more than long names of settings


def marked(values: Sequence[str]) -> list[bool]:
    """Which values differ from what most have; all of them if no value is had by more than another."""
    counts = Counter(values)
    (common, most), *others = counts.most_common()
    if others and others[0][1] == most:
        return [True] * len(values)
    return [value != common for value in values]


class DifferencesTable(QWidget):
    """Figures and settings down, runs across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._figures: list[Row] = []
        self._settings: list[Row] = []
        self.table = QTableWidget(
            self,
            showGrid=False,
            accessibleName=self.tr("Settings that differ"),
            selectionMode=QAbstractItemView.SelectionMode.NoSelection,
            editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers,
        )
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        theme.changed.connect(self._fill)

    def show_runs(self, names: Sequence[str], settings: Sequence[Row], figures: Sequence[Row] = ()) -> None:
        """Show where some runs differ, below figures of each."""
        self._names, self._settings, self._figures = list(names), list(settings), list(figures)
        self._fill()

    @Slot()
    def _fill(self) -> None:
        rows = [(label, values, [False] * len(values)) for label, values in self._figures]
        rows += [(label, values, marked(values)) for label, values in self._settings]
        self.table.clear()
        self.table.setFont(font(BODY, tabular=True))
        self.table.setColumnCount(1 + len(self._names))
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderLabels([self.tr("Setting"), *self._names])
        for row, (label, values, alone) in enumerate(rows):
            name = QTableWidgetItem(label)
            name.setToolTip(plain(label))
            self.table.setItem(row, 0, name)
            for place, (value, differs) in enumerate(zip(values, alone, strict=True), 1):
                item = QTableWidgetItem(value)
                if differs:
                    item.setBackground(QBrush(color("accent_soft")))
                    item.setFont(font(BODY, bold=True, tabular=True))
                self.table.setItem(row, place, item)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, min(self.table.sizeHintForColumn(0) + space(2), space(_WIDEST)))
        header.setStretchLastSection(True)
        self.table.resizeRowsToContents()
