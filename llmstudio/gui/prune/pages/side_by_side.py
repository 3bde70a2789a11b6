"""A model before and after, in two columns of the same figures and the same beginning of a text."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.gui.look.fitting import name_in
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import FIGURE, TITLE, font, space, theme
from llmstudio.gui.shared.readouts.figure_row import Figure
from llmstudio.gui.shared.readouts.prompt_and_own import markup

_PROMPT_END = 90  # characters of a prompt that are shown before what follows it
_WIDE = 52  # steps of space from which on the figures are large


@dataclass(frozen=True)
class Side:
    """One column: its heading, its figures, what the text begins with and how it goes on, a remark.

    `keeps_lines`: the text's line breaks are kept, as a play or a poem needs them; else it takes the least room.
    """

    title: str
    figures: tuple[Figure, ...]
    prompt: str = ""
    text: str = ""
    remark: str = ""
    keeps_lines: bool = False


class _Column(QFrame):
    """A side on a card; its figures are as large as its width allows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = Label()
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._grid = QGridLayout()
        self._places: list[tuple[Label, Label]] = []
        self._text = Label(wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._remark = Label(wordWrap=True)
        self._remark.setProperty("role", "muted")
        self._side = Side("", ())
        self.beside = ""  # the other's title: in what they differ stays readable
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._title)
        self._column.addLayout(self._grid)
        self._column.addWidget(self._text)
        self._column.addWidget(self._remark)
        self._column.addStretch(1)

    def show_side(self, side: Side) -> None:
        """Show this side."""
        self._side = side
        self._write_title()
        while len(self._places) < len(side.figures):
            self._add_place()
        for (value, unit), figure in zip(self._places, side.figures, strict=False):
            value.setText(figure.value)
            value.setAccessibleName(f"{figure.value} {figure.unit}")
            unit.setText(figure.unit)
            for label in (value, unit):
                label.setToolTip(plain(figure.help))
        for value, unit in self._places[len(side.figures) :]:  # of what was there before
            value.clear()
            value.setAccessibleName("")
            unit.clear()
        self._lay_figures()
        self._write_text()
        self._remark.setText(side.remark)
        self._remark.setVisible(bool(side.remark))

    @property
    def words(self) -> str:
        """Everything it says."""
        figures = [f"{figure.value} {figure.unit}" for figure in self._side.figures]
        side = self._side
        return "\n".join(part for part in (side.title, *figures, side.prompt, side.text, side.remark) if part)

    def minimumSizeHint(self) -> QSize:
        """Narrow: large figures must not keep the window from getting smaller."""
        return QSize(space(24), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other figures."""
        super().resizeEvent(event)
        self._size_figures()
        self._write_title()

    def restyle(self) -> None:
        """Take over the theme."""
        self._column.setContentsMargins(space(1.5), space(), space(1.5), space())
        self._column.setSpacing(space(0.75))
        self._grid.setHorizontalSpacing(space(2.5))
        self._grid.setVerticalSpacing(0)
        self._size_figures()
        self._write_title()
        self._write_text()

    def _add_place(self) -> None:
        value, unit = Label(), Label()
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        unit.setProperty("role", "unit")
        self._places.append((value, unit))
        self._size_figures()

    def _size_figures(self) -> None:
        points = FIGURE if self.width() >= space(_WIDE) else TITLE * 1.15
        for value, _ in self._places:
            value.setFont(font(points, bold=True, tabular=True))
        self._lay_figures()

    def _lay_figures(self) -> None:
        """In one row, or in two where there is no room for one."""
        number = len(self._side.figures)
        margins = self._column.contentsMargins()
        widths = [max(label.sizeHint().width() for label in place) for place in self._places[:number]]
        needed = sum(widths) + self._grid.horizontalSpacing() * (number - 1) + margins.left() + margins.right()
        per_row = max(1, number if needed <= self.width() else math.ceil(number / 2))
        for at, place in enumerate(self._places):
            for below, label in enumerate(place):
                self._grid.removeWidget(label)
                self._grid.addWidget(label, 2 * (at // per_row) + below, at % per_row)
                label.setVisible(at < number)
        for at in range(len(self._places) + 1):
            self._grid.setColumnStretch(at, int(at == per_row))

    def _write_title(self) -> None:
        margins = self._column.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        title = self._side.title
        self._title.setText(name_in(title, (self.beside,), self._title.fontMetrics(), room))
        self._title.setToolTip(plain(title))

    def _write_text(self) -> None:
        prompt, text = self._side.prompt, self._side.text
        if len(prompt) > _PROMPT_END:
            prompt = "…" + prompt[-_PROMPT_END:]
        self._text.set_markup(markup(prompt, text, keeps_lines=self._side.keeps_lines))
        self._text.setVisible(bool(text))


class SideBySide(QWidget):
    """Before at the left, after at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = (_Column(), _Column())
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for column in self._columns:
            self._row.addWidget(column, 1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_sides(self, before: Side, after: Side) -> None:
        """Show both."""
        for column, side, beside in zip(self._columns, (before, after), (after, before), strict=True):
            column.beside = beside.title
            column.show_side(side)

    @property
    def words(self) -> tuple[str, str]:
        """What the two columns say."""
        return self._columns[0].words, self._columns[1].words

    @Slot()
    def _restyle(self) -> None:
        self._row.setSpacing(space(1.5))
        for column in self._columns:
            column.restyle()
