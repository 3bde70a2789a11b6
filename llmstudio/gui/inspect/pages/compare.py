"""Compare: pairs that were held out, each with what the model makes of its source, in a table that sorts by score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from llmstudio.app.rewriting import compared
from llmstudio.app.rewriting.compared import Compared, ComparedPair
from llmstudio.gui.inspect.pages.page import Page, muted
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, font, space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.figure_row import Figure, FigureRow

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
SCORE, SOURCE, REFERENCE, OUTPUT = range(4)


class PairsModel(QAbstractTableModel):
    """Pairs in an order of their own: by any column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pairs: list[ComparedPair] = []
        self._column, self._order = SCORE, Qt.SortOrder.AscendingOrder

    def set_pairs(self, pairs: Sequence[ComparedPair]) -> None:
        """Show these under the present order."""
        self.beginResetModel()
        self.pairs = list(pairs)
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column."""
        self.layoutAboutToBeChanged.emit()
        self._column, self._order = column, order
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        self.pairs.sort(key=lambda pair: _cells(pair)[self._column], reverse=self._order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """A row a pair."""
        return 0 if parent.isValid() else len(self.pairs)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Score, source, reference, output."""
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("chrF"), self.tr("Source"), self.tr("Reference"), self.tr("Output"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, and on which side."""
        if not index.isValid():
            return None
        pair = self.pairs[index.row()]
        match role:
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(index.column())
            case Qt.ItemDataRole.DisplayRole:
                return f"{pair.chrf:.0f}" if index.column() == SCORE else _cells(pair)[index.column()]
            case _:
                return None


def _cells(pair: ComparedPair) -> tuple[Any, ...]:
    return pair.chrf, pair.source, pair.reference, pair.output


def _side(column: int) -> Qt.AlignmentFlag:
    """Text to the left, numbers to the right, all from the top of their row."""
    return (Qt.AlignmentFlag.AlignRight if column == SCORE else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignTop


class ComparePage(Page):
    """The scores of all the pairs, and the table.

    Attributes:
        told: The answer; None until there is one.
        figures: BLEU and chrF of all pairs together.
        table: The pairs.
    """

    name = "compare"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Compare"), self.tr("Compare")
        self.why = self.tr(
            "Texts that the model has not learned from, each with what a person wrote and what the model writes. chrF counts"
            " the runs of up to six characters that two texts share, BLEU those of up to four words; 100 is the reference"
            " itself, and a good translation in other words gets less."
        )
        self.source = "Papineni et al. 2002, doi:10.3115/1073083.1073135; Popović 2015, doi:10.18653/v1/W15-3049"
        self.told: Compared | None = None
        self.figures = FigureRow()
        self._said = muted("")
        self.model_of_pairs = PairsModel(self)
        self.table = QTableView(
            sortingEnabled=True,
            showGrid=False,
            wordWrap=True,
            accessibleName=self.tr("Held-out pairs"),
            selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
            verticalScrollMode=QAbstractItemView.ScrollMode.ScrollPerPixel,
        )
        self.table.setModel(self.model_of_pairs)
        self.table.sortByColumn(SCORE, Qt.SortOrder.AscendingOrder)  # the worst first: they teach most
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.ResizeToContents)
        self.column.addWidget(self.figures)
        self.column.addWidget(self._said)
        self.foot()
        self.column.addWidget(self.table, 1)
        self.clear()
        self.restyle()

    def clear(self) -> None:
        """No answer."""
        self.told = None
        self._show()

    def look(self) -> None:
        """Rewrite the held-out sources."""
        project, model = self._session.project, self.model
        self.question.ask(lambda stop: compared.compare(project, model, stop=stop), self._on_told)

    def _on_told(self, told: Compared) -> None:
        self.told = told
        self._show()

    def _show(self) -> None:
        told = self.told
        for widget in (self.figures, self._said, self.table):
            widget.setVisible(told is not None)
        self.model_of_pairs.set_pairs(told.pairs if told is not None else ())
        if told is None:
            return
        self.figures.set_figures(
            (
                Figure(f"{told.bleu:.1f}", self.tr("BLEU"), self.tr("Of all these pairs together, 0 to 100")),
                Figure(f"{told.chrf:.1f}", self.tr("chrF"), self.tr("Of all these pairs together, 0 to 100")),
            )
        )
        said = self.tr("{n|pair|pairs} of {all} that it has not learned from. Press the head of a column to sort by it.")
        self._said.setText(plural(said, n=len(told.pairs), all=f"{told.num_held_out:,}"))

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.column.setSpacing(space(1.5))
        self.table.setFont(font(BODY, tabular=True))
