"""Every class with its precision, recall and F1, and how its texts were counted; one of them is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.gui.look.theme import BODY, font, theme

_WHOLE = 4  # rows


class ClassTable(QWidget):
    """A row a class.

    Attributes:
        table: The rows; texts to the left, numbers to the right.

    Signals:
        chosen: The number of a class.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(
            self,
            showGrid=False,
            accessibleName=self.tr("Scores of each class"),
            selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
            selectionMode=QAbstractItemView.SelectionMode.SingleSelection,
            editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers,
        )
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.itemSelectionChanged.connect(self._on_selected)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        theme.changed.connect(self._dress)
        self._dress()

    def show_classes(self, scores: Classified | None) -> None:
        """Show these, and choose the class with the worst F1 of those that occur."""
        names = scores.names if scores is not None else ()
        heads = [
            self.tr("Class"),
            self.tr("Precision"),
            self.tr("Recall"),
            self.tr("F1"),
            self.tr("Texts"),
            self.tr("Found"),
            self.tr("Missed"),
            self.tr("Wrongly predicted"),
        ]
        self.table.clear()
        self.table.setColumnCount(len(heads))
        self.table.setRowCount(len(names))
        self.table.setHorizontalHeaderLabels(heads)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if scores is None:
            return
        for row, (name, each, counts) in enumerate(zip(names, scores.by_class, scores.by_label.tolist(), strict=True)):
            (_, wrong), (missed, found) = counts
            shares = [f"{100 * share:.1f} %" for share in (each.precision, each.recall, each.f1)]
            for place, text in enumerate([name, *shares, *(f"{count:,}" for count in (each.real, found, missed, wrong))]):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, place, item)
        occurs = [at for at, each in enumerate(scores.by_class) if each.real] or [0]
        worst = min(occurs, key=lambda at: scores.by_class[at].f1)
        self.table.selectRow(worst)
        self.table.scrollToItem(self.table.item(worst, 0))
        self._make_room()

    def _make_room(self) -> None:
        """A few classes are seen whole, whatever stands below."""
        rows = sum(self.table.rowHeight(row) for row in range(min(_WHOLE, self.table.rowCount())))
        self.table.setMinimumHeight(self.table.horizontalHeader().sizeHint().height() + rows + 2 * self.table.frameWidth())

    @Slot()
    def _on_selected(self) -> None:
        if rows := self.table.selectionModel().selectedRows():
            self.chosen.emit(rows[0].row())

    @Slot()
    def _dress(self) -> None:
        self.table.setFont(font(BODY, tabular=True))
