"""The vocabulary as a table one can search and sort: id, token, bytes, how often it occurs.

In: one row a token. Sorting and searching run over arrays, so that fifty thousand tokens answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.shared.readouts.chip import visible

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
ID, TOKEN, BYTES, COUNT = range(4)


@dataclass(frozen=True)
class Entry:
    """A row: `count` is None where nothing was counted."""

    id: int
    token: str
    num_bytes: int
    count: int | None = None


class VocabularyModel(QAbstractTableModel):
    """Entries in an order and a selection of its own; the arrays stay as they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._folded: list[str] = []
        self._shown = np.zeros(0, np.int64)
        self._needle = ""
        self._column, self._order = ID, Qt.SortOrder.AscendingOrder

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these rows under the present search and order."""
        self._entries = list(entries)
        self._folded = [visible(e.token).casefold() for e in self._entries]
        self._refresh()

    def search(self, needle: str) -> None:
        """Keep rows whose token holds `needle` (a space finds ·), or whose id it is."""
        self._needle = visible(needle).casefold()
        self._refresh()

    def entry(self, row: int) -> Entry:
        """The entry shown in a row."""
        return self._entries[self._shown[row]]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column."""
        self._column, self._order = column, order
        self._refresh()

    def _refresh(self) -> None:
        self.beginResetModel()
        needle, entries = self._needle, self._entries
        rows = np.array([i for i, t in enumerate(self._folded) if needle in t or str(entries[i].id) == needle], np.int64)
        keys: list[Any] = [self._key(entries[i]) for i in rows]
        places = sorted(range(len(rows)), key=keys.__getitem__, reverse=self._order == Qt.SortOrder.DescendingOrder)
        self._shown = rows[places] if len(rows) else rows
        self.endResetModel()

    def _key(self, entry: Entry) -> Any:
        count = -1 if entry.count is None else entry.count
        return (entry.id, entry.token, entry.num_bytes, count)[self._column]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Rows that the search keeps."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Id, token, bytes, count."""
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Id"), self.tr("Token"), self.tr("Bytes"), self.tr("Count"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, and on which side."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        entry = self.entry(index.row())
        match index.column():
            case 0:
                return str(entry.id)
            case 1:
                return visible(entry.token)
            case 2:
                return str(entry.num_bytes)
            case _:
                return "–" if entry.count is None else f"{entry.count:,}"


def _side(column: int) -> Qt.AlignmentFlag:
    """Text to the left, numbers to the right."""
    return (Qt.AlignmentFlag.AlignLeft if column == TOKEN else Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


class VocabularyTable(QWidget):
    """A search box above the table, and how many rows it found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = VocabularyModel(self)
        self.search = QLineEdit(
            self,
            placeholderText=self.tr("Find a token or an id"),
            clearButtonEnabled=True,
            accessibleName=self.tr("Find a token or an id"),
        )
        self.table = QTableView(
            self,
            sortingEnabled=True,
            showGrid=False,
            accessibleName=self.tr("Vocabulary"),
            selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
        )
        self.found = Label(self)
        self.table.setModel(self.model)
        self.table.sortByColumn(ID, Qt.SortOrder.AscendingOrder)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setResizeContentsPrecision(40)
        header.setSectionResizeMode(TOKEN, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search, self.table, self.found):
            column.addWidget(widget)
        self.search.textChanged.connect(self.model.search)
        self.model.modelReset.connect(self._tell)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these tokens."""
        self.model.set_entries(entries)

    def _tell(self) -> None:
        self.found.setText(plural(self.tr("{n|token|tokens}"), n=f"{self.model.rowCount():,}"))
