"""A field to write in whose strange words are underlined with dots, and one of them that sends.

In: the places to mark, as (start, end) in characters. Out: the text; it grows with what is written, up to a limit.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import color, space, theme


class MarkedEdit(QPlainTextEdit):
    """Text with marked words; hovering one tells why.

    Args:
        mark_help: What is said of a marked word.
        min_lines: Height when empty.
        max_lines: Height from which on it scrolls.
    """

    def __init__(
        self, *, name: str, mark_help: str, min_lines: int = 1, max_lines: int = 6, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, accessibleName=name, tabChangesFocus=True)
        self._mark_help = mark_help
        self._lines = (min_lines, max_lines)
        self._marks: list[tuple[int, int]] = []
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._on_text)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme.changed.connect(self._restyle)
        self._fit()

    @property
    def text(self) -> str:
        """What is written."""
        return self.toPlainText()

    def setPlaceholderText(self, text: str) -> None:
        """What stands here while nothing is written. Qt paints another one only where there was none before."""
        super().setPlaceholderText(text)
        self.viewport().update()

    def set_marks(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Underline these places, counted in characters of `text`."""
        # Qt counts in units of UTF-16, of which a character beyond the first 65,536 has two.
        units = [0, *itertools.accumulate(1 + (ord(c) > 0xFFFF) for c in self.text)]
        self._marks = [(units[start], units[end]) for start, end in ranges if end < len(units)]
        self._draw_marks()

    @property
    def marks(self) -> list[str]:
        """The words that are underlined."""
        found = []
        for start, end in self._marks:
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            found.append(cursor.selectedText())
        return found

    def _draw_marks(self) -> None:
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        look.setUnderlineColor(color("warning"))
        selections = []
        for start, end in self._marks:
            selection = QTextEdit.ExtraSelection()
            selection.cursor = QTextCursor(self.document())
            selection.cursor.setPosition(start)
            selection.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            selection.format = look
            selections.append(selection)
        self.setExtraSelections(selections)

    def event(self, event: QEvent) -> bool:
        """Tell why a word is marked."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self.cursorForPosition(self.viewport().mapFromGlobal(event.globalPos())).position()
            if any(start <= at <= end for start, end in self._marks):
                QToolTip.showText(event.globalPos(), plain(self._mark_help), self)
                return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another height."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    @Slot()
    def _on_text(self) -> None:
        # The old places mean nothing in a new text; they come back with the next look.
        self._marks = []
        self.setExtraSelections([])

    @Slot()
    def _fit(self) -> None:
        line = QFontMetricsF(self.font()).lineSpacing()
        wanted = min(max(self.document().size().height(), self._lines[0]), self._lines[1])
        self.setFixedHeight(round(line * wanted + 2 * self.document().documentMargin() + space(1.75)))

    @Slot()
    def _restyle(self) -> None:
        self._fit()
        self._draw_marks()


class DraftEdit(MarkedEdit):
    """Where one says something: Enter sends, Shift+Enter begins a new line.

    Signals:
        sent: Enter was pressed.
    """

    sent = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.sent.emit()
            return
        super().keyPressEvent(event)
