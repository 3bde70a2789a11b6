"""A place to let files go, or to press and choose them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import icon, space, theme


class DropArea(QFrame):
    """A dashed frame that lights up under a drag.

    Signals:
        dropped: Paths of the files and folders let go here.
        pressed: The person would rather choose.
    """

    dropped = Signal(list)
    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self._sign = Label()
        self._text = Label(self.tr("Drop your own text here"))
        self._kinds = Label(self.tr("books, notes, tables, web pages, code; files, folders or archives"), wordWrap=True)
        self._kinds.setProperty("role", "muted")
        self._choose = QPushButton(self.tr("Choose files…"))
        self._choose.clicked.connect(self.pressed.emit)
        words = QVBoxLayout()
        scaled(self, lambda: words.setSpacing(space(0.5)))
        words.addStretch(1)
        words.addWidget(self._text)
        words.addWidget(self._kinds)
        words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._sign)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._choose, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self._restyle)
        self._restyle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the paths over."""
        self._light(False)
        event.acceptProposedAction()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _light(self, hot: bool) -> None:
        self.setProperty("hot", hot)
        self.style().unpolish(self)
        self.style().polish(self)

    @Slot()
    def _restyle(self) -> None:
        self._row.setContentsMargins(space(2), space(2), space(2), space(2))
        self._row.setSpacing(space(2))
        self._sign.setPixmap(icon("drop", "accent").pixmap(QSize(space(4), space(4))))
