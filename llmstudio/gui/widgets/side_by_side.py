"""A model before and after, in two columns of the same figures and the same beginning of a text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.gui.theme import space, theme
from llmstudio.gui.widgets.figure_row import Figure, FigureRow


@dataclass(frozen=True)
class Side:
    """One column: its heading, its figures, what the text begins with and how it goes on, a remark."""

    title: str
    figures: tuple[Figure, ...]
    prompt: str = ""
    text: str = ""
    remark: str = ""


class _Column(QFrame):
    """A side on a card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = QLabel()
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.figures = FigureRow()
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._remark = QLabel(wordWrap=True)
        self._remark.setProperty("role", "muted")
        self.column = QVBoxLayout(self)
        for widget in (self._title, self.figures, self._text, self._remark):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_side(self, side: Side) -> None:
        """Show this side."""
        self._title.setText(side.title)
        self._title.setToolTip(side.title)
        self.figures.set_figures(side.figures)
        text = f"{side.prompt} ▸ {side.text}" if side.prompt and side.text else side.text
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._remark.setText(side.remark)
        self._remark.setVisible(bool(side.remark))

    @property
    def words(self) -> str:
        """Everything it says."""
        figures = [f"{value} {unit}" for value, unit in self.figures.texts()]
        below = [label.text() for label in (self._text, self._remark) if not label.isHidden()]
        return "\n".join(part for part in (self._title.text(), *figures, *below) if part)


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
        for column, side in zip(self._columns, (before, after), strict=True):
            column.show_side(side)

    @property
    def words(self) -> tuple[str, str]:
        """What the two columns say."""
        return self._columns[0].words, self._columns[1].words

    @Slot()
    def _restyle(self) -> None:
        self._row.setSpacing(space(1.5))
        for column in self._columns:
            column.column.setContentsMargins(space(1.5), space(), space(1.5), space())
            column.column.setSpacing(space(0.75))
