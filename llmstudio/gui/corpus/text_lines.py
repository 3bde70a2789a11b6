"""A short list of lines under a heading; a long one shows its beginning and says how many follow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label

_FIRST = 6


class TextLines(QWidget):
    """Lines of plain text that can be selected and copied."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[str] = []
        heading = Label(title, self)
        heading.setProperty("role", "title")
        self._text = Label(self, wordWrap=True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setAccessibleName(title)
        self._all = QPushButton(self, checkable=True)
        self._all.setProperty("role", "link")
        self._all.toggled.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (heading, self._text, self._all):
            column.addWidget(widget, 0)
        column.addStretch(1)

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show these; hidden without any."""
        self._lines = list(lines)
        self._all.setChecked(False)
        self.setVisible(bool(lines))
        self._show()

    def lines(self) -> list[str]:
        """All lines, shown or not."""
        return list(self._lines)

    def _show(self) -> None:
        shown = self._lines if self._all.isChecked() else self._lines[:_FIRST]
        self._text.setText("\n".join(shown))
        rest = len(self._lines) - _FIRST
        self._all.setVisible(rest > 0)
        self._all.setText(self.tr("Show fewer") if self._all.isChecked() else self.tr("… and {n} more").format(n=rest))
