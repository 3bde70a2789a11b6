"""The line above the draft that says whose texts answer: none, a folder that is being read, or one that is ready."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space


class FolderBar(QWidget):
    """A button to choose a folder or, where one is chosen, what is known of it and a way to leave it.

    Attributes:
        choose: Chooses a folder.
        leave: Stops reading it, or answers without it again.

    Signals:
        choose_asked: A folder should be chosen.
        left: The folder should be left.
    """

    choose_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choose = QPushButton(self.tr("Ask a folder…"))
        self.choose.setToolTip(plain(self.tr("Answers from your own files: choose a folder, or let one go on this page.")))
        self.choose.setProperty("role", "chip")
        self.choose.clicked.connect(self.choose_asked)
        self._said = Label(wordWrap=True)
        self._said.setProperty("role", "muted")
        self.leave = QPushButton()
        self.leave.setProperty("role", "link")
        self.leave.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: row.setSpacing(space()))
        row.addWidget(self.choose)
        row.addWidget(self._said, 1)
        row.addWidget(self.leave)
        row.addStretch()
        self.show_none()

    @property
    def said(self) -> str:
        """What is said of the folder; empty without one."""
        return self._said.text()

    def show_none(self) -> None:
        """No folder is asked."""
        self._show("", "")

    def show_reading(self, name: str, far: str) -> None:
        """A folder is being read; `far` says how far."""
        self._show(self.tr("“{name}”: {far}").format(name=name, far=far), self.tr("Stop reading"))

    def show_ready(self, told: str) -> None:
        """A folder answers."""
        self._show(told, self.tr("Leave the folder"))

    def _show(self, said: str, way_out: str) -> None:
        self._said.setText(said)
        self._said.setVisible(bool(said))
        self.leave.setText(way_out)
        self.leave.setVisible(bool(way_out))
        self.choose.setVisible(not said)
