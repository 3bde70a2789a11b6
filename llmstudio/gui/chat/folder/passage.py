"""A passage where it stands in its file, in the conversation's place until one goes back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QColor, QDesktopServices, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QTextEdit, QVBoxLayout, QWidget

from llmstudio.app.folder_questions.in_file import InFile
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, color, font, space, theme


class PassagePage(QWidget):
    """The text around a passage, which is tinted.

    Attributes:
        text: The text.
        open_file: Opens the file with the computer's own program; hidden where there is none to open.

    Signals:
        left: Back to the conversation.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self._found: InFile | None = None
        back = QPushButton(self.tr("‹ Back to the conversation"))
        self.open_file = QPushButton(self.tr("Open the file"))
        for button, slot in ((back, self.left), (self.open_file, self._open)):
            button.setProperty("role", "link")
            button.clicked.connect(slot)
        self._title = Label(wordWrap=True)
        self._title.setProperty("role", "title")
        self._remark = Label(wordWrap=True)
        self._remark.setProperty("role", "muted")
        self.text = QPlainTextEdit(readOnly=True, accessibleName=self.tr("The file"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        head = QHBoxLayout()
        head.addWidget(back)
        head.addStretch(1)
        head.addWidget(self.open_file)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space()))
        column.addLayout(head)
        for widget in (self._title, self._remark, self.text):
            column.addWidget(widget, 1 if widget is self.text else 0)
        theme.changed.connect(self._tint)

    @property
    def title(self) -> str:
        """File and place."""
        return self._title.text()

    def show_source(self, source: Mapping[str, str], found: InFile | None = None) -> None:
        """Show a source, and where it stands once that is `found`."""
        self._path, self._found = source["path"], found
        self._title.setText(self.tr("{file}, {place}").format(file=source["file"], place=source["place"]))
        self.open_file.setVisible(bool(self._path))
        alone = self.tr(
            "This is what was read of the file; as it stands there it is spelled otherwise, or has changed since."
        )
        self._remark.setText(alone if found is not None and not found.is_found else "")
        self._remark.setVisible(bool(self._remark.text()))
        self.text.setPlainText(source["passage"] if found is None else found.text)
        self._tint()

    @Slot()
    def _tint(self) -> None:
        self.text.setFont(font(BODY))
        if self._found is None:
            return
        before, inside = self._found.text[: self._found.start], self._found.text[self._found.start : self._found.end]
        start = _qt_length(before)
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.text.document())
        cursor.setPosition(start)
        cursor.setPosition(start + _qt_length(inside), QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setBackground(QColor(color("accent_soft")))
        mark.cursor, mark.format = cursor, look
        self.text.setExtraSelections([mark] if self._found.is_found else [])
        at = QTextCursor(self.text.document())
        at.setPosition(start)
        self.text.setTextCursor(at)
        self.text.centerCursor()

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._path))


def _qt_length(text: str) -> int:
    """How many places a text takes as Qt counts: signs beyond U+FFFF take two."""
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)
