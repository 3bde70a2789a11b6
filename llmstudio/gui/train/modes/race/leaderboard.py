"""Who stands where in a race: a table that keeps itself in order, with the yardstick as a line among the runners."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QFont, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.core.models.families import MODELS
from llmstudio.core.tasks.headlines import BITS_PER_BYTE
from llmstudio.gui.look.figures import bytes_text, spent_text, weights_text
from llmstudio.gui.look.label import paragraph
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, color, font, say, space, theme
from llmstudio.gui.shared.plots.drawn_in_turn import DrawnInTurn
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.shared.readouts.quality_text import NONE, quality_source, quality_text, quality_unit
from llmstudio.gui.train.modes.race.data import Race, RaceRunner
from llmstudio.gui.train.modes.race.plot import runner_pen

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
YARDSTICK = -1
"""Stands for the counting model where a runner's number is asked for."""
LEAST_LINES = 3  # in sight, however small the window: the two of the smallest race, and the counting model
_ROLE = Qt.ItemDataRole


class LeaderboardModel(QAbstractTableModel):
    """The lines, best first; only cells that say something new are painted anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.race = Race()
        self._order: list[int] = []
        self._cells: list[tuple[str, ...]] = []

    @property
    def order(self) -> list[int]:
        """Numbers of the runners as they stand, `YARDSTICK` among them."""
        return list(self._order)

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """What the lines say."""
        return list(self._cells)

    def update(self, race: Race) -> bool:
        """Look at the race again. Returns whether lines came, went or changed places."""
        titled, self.race = self._measure_title(), race
        if self._measure_title() != titled:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 1, 1)
        order = race.order()
        if race.yardstick is not None and BITS_PER_BYTE.name in self._measures():
            better = [n for n in order if (b := race.runners[n].bits_per_byte) is not None and b <= race.yardstick]
            order.insert(len(better), YARDSTICK)
        cells = [self._texts(number) for number in order]
        if len(order) != len(self._order):
            self.beginResetModel()
            self._order, self._cells = order, cells
            self.endResetModel()
            return True
        changed = [i for i, new in enumerate(cells) if new != self._cells[i] or order[i] != self._order[i]]
        moved, self._order, self._cells = order != self._order, order, cells
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], self.columnCount() - 1))
        return moved

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: D102
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: D102
        return 0 if parent.isValid() else 7

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:  # noqa: D102
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == _ROLE.DisplayRole:
            return (
                self.tr("Model"), self._measure_title(), self.tr("Tokens/s"), self.tr("Parameters"),
                self.tr("Weights"), self.tr("Own time"), self.tr("How far"),
            )[section]  # fmt: skip
        if role == _ROLE.ToolTipRole:
            return (
                self.tr("Best first."),
                self._measure_help(),
                self.tr("How much text is read in a second, over the whole run so far; looks at held-out text count."),
                self.tr("Numbers that the model learns."),
                self.tr("What they take in memory while it learns."),
                self.tr("Its steps and looks, by its own stopwatch, which stands still while others have their turn."),
                self.tr("How much of its way it has gone, by its own stopwatch; in the end, its steps."),
            )[section]
        return _side(section) if role == _ROLE.TextAlignmentRole else None

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        number, column = self._order[index.row()], index.column()
        match role:
            case _ROLE.DisplayRole:
                return self._cells[index.row()][column]
            case _ROLE.TextAlignmentRole:
                return _side(column)
            case _ROLE.DecorationRole if column == 0 and number != YARDSTICK:
                return swatch(number)
            case _ROLE.ForegroundRole if number == YARDSTICK:
                return QBrush(color("muted"))
            case _ROLE.FontRole if column == 1 or number == YARDSTICK:
                return _font(is_bold=number != YARDSTICK)
            case _ROLE.ToolTipRole:
                return self._tip(number)
        return None

    def _texts(self, number: int) -> tuple[str, ...]:
        if number == YARDSTICK:
            return (self.tr("5-gram (counts)"), f"{self.race.yardstick:.3f}", *[NONE] * 5)
        runner = self.race.runners[number]
        found = runner.summary
        return (
            runner.label,
            quality_text(runner.quality),
            f"{found.tokens_per_second:,.0f}" if found.tokens_per_second else NONE,
            weights_text(runner.parameters),
            bytes_text(runner.weight_bytes) if runner.weight_bytes else NONE,
            spent_text(found.seconds) if found.seconds else NONE,
            self._far(runner),
        )

    def _measures(self) -> set[str]:
        """What the figures count; bits per byte before there are any."""
        return {found.measure for runner in self.race.runners if (found := runner.quality) is not None} or {MEASURES[0]}

    def _measure_title(self) -> str:
        """What the figures count, where all count the same."""
        measures = self._measures()
        if len(measures) > 1:
            return self.tr("Quality")
        unit = say(UNITS[measures.pop()])
        return unit[:1].upper() + unit[1:]

    def _measure_help(self) -> str:
        """Of which text and weights they are, and which of two is the better one."""
        measures = self._measures()
        measured = self.tr(
            "For text that nobody learned from, by the best weights so far: on a sample while the race goes on, on all of "
            "it in the end."
        )
        if measures == {BITS_PER_BYTE.name}:
            return f"{measured} {self.tr('Fewer is better; it can be compared between tokenizers.')}"
        if all(HEADLINES[name].more_is_better for name in measures):
            return f"{measured} {self.tr('More is better.')}"
        return measured

    def _far(self, runner: RaceRunner) -> str:
        step = f"{runner.summary.step:,}"
        if runner.out is not None:
            return self.tr("out at step {n}").format(n=step)
        if runner.share is None or self.race.is_over:
            return plural(self.tr("{n|step|steps}"), n=step)
        return self.tr("{share} %").format(share=round(100 * runner.share))

    def _tip(self, number: int) -> str:
        if number == YARDSTICK:
            text = self.tr(
                "Counts which token follows which four others, and looks nothing up beyond that. A model that learns "
                "should need fewer bits than this one."
            )
            return paragraph(text)
        runner = self.race.runners[number]
        found, out = runner.summary.quality, "" if runner.out is None else say(runner.out)
        measured = f"{quality_unit(found)}: {quality_text(found)} ({quality_source(found)})" if found is not None else ""
        return paragraph(runner.name, say(MODELS[runner.kind].label), measured, out)


class Leaderboard(DrawnInTurn, QWidget):
    """The table. It is told that the race has gone on and draws in turn."""

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turns = turns or Turns(self)
        self._race = Race()
        self._dirty = False
        self.model = LeaderboardModel(self)
        self.table = QTableView(
            self,
            showGrid=False,
            wordWrap=False,
            accessibleName=self.tr("Leaderboard"),
            selectionMode=QAbstractItemView.SelectionMode.NoSelection,
            horizontalScrollBarPolicy=Qt.ScrollBarPolicy.ScrollBarAsNeeded,
        )
        scaled(self, lambda: self.table.setIconSize(QSize(space(3.5), space(1.5))))
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        theme.changed.connect(self._dress)
        self._dress()

    def set_race(self, race: Race) -> None:
        """Show this race."""
        self._race = race
        self.redraw()

    def redraw(self) -> None:
        """Draw now."""
        self._dirty = False
        self.model.update(self._race)
        self._widen_last()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self._keep_lines()

    @Slot()
    def _dress(self) -> None:
        self.table.setFont(font(BODY, tabular=True))
        metrics = self.table.fontMetrics()
        header = self.table.horizontalHeader()
        for section in range(1, self.model.columnCount()):
            words = str(self.model.headerData(section, Qt.Orientation.Horizontal))
            widest = max(metrics.horizontalAdvance(words), metrics.horizontalAdvance("10 min 55 s"[:9]))
            header.resizeSection(section, widest + space(2.5))
        header.setMinimumSectionSize(space(7))
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + space(0.75))
        self._keep_lines()

    def _widen_last(self) -> None:
        """Where a runner dropped out is longer than how far one is."""
        metrics, last = self.table.fontMetrics(), self.model.columnCount() - 1
        widest = max((metrics.horizontalAdvance(row[last]) for row in self.model.cells), default=0) + space(2.5)
        if widest > self.table.columnWidth(last):
            self.table.setColumnWidth(last, widest)

    def _keep_lines(self) -> None:
        """Ask for room for a few lines under the header, which knows its height once it is dressed."""
        lines = LEAST_LINES * self.table.verticalHeader().defaultSectionSize()
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setMinimumHeight(header + lines + 2 * self.table.frameWidth())


def swatch(number: int) -> QPixmap:
    """A short piece of a runner's line."""
    width, height = space(3.5), space(1.5)
    picture = QPixmap(width, height)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setPen(runner_pen(number, 2.5))
    painter.drawLine(0, height // 2, width, height // 2)
    painter.end()
    return picture


def _font(*, is_bold: bool) -> QFont:
    result = font(BODY, bold=is_bold, tabular=True)
    result.setItalic(not is_bold)
    return result


def _side(column: int) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
