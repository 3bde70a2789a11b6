"""A name for what is to be made; what is wrong with it is said beneath, with a free one to press."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label, caption


class NameField(QWidget):
    """A line to write a name in.

    Signals:
        changed(str): The name as it stands now.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = Label(self.tr("Name"), self)
        self.line = QLineEdit(self, accessibleName=self.tr("Name"))
        label.setBuddy(self.line)
        self._problem = Label(self, wordWrap=True)
        self._problem.setProperty("role", "error")
        self.instead = QPushButton(self)
        self.instead.setProperty("role", "link")
        self._wish = ""
        self._is_own = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (label, self.line, self._problem, self.instead):
            column.addWidget(widget)
        self.line.textChanged.connect(self.changed)
        self.line.textEdited.connect(self._edited)
        self.instead.clicked.connect(self._take)
        self.set_problem("")

    def name(self) -> str:
        """The name without spaces around it."""
        return self.line.text().strip()

    @property
    def is_own(self) -> bool:
        """True once the person has written a name; a proposal then no longer replaces it."""
        return self._is_own and bool(self.name())

    def propose(self, name: str) -> None:
        """Fill in a name unless the person wrote one."""
        if not self.is_own:
            self._is_own = False
            self.line.setText(name)

    def renew(self) -> None:
        """Forget that the person wrote the name: it has been used."""
        self._is_own = False

    def set_problem(self, text: str, free_name: str = "") -> None:
        """Say what is wrong (nothing if empty) and offer a name that is free."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._wish = free_name
        self.instead.setText(caption(self.tr("Use “{name}”").format(name=free_name)))
        self.instead.setVisible(bool(text and free_name))
        self.line.setProperty("bad", bool(text))
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)

    def problem(self) -> str:
        """What is said to be wrong; empty if nothing is."""
        return self._problem.text()

    def _edited(self) -> None:
        self._is_own = True

    def _take(self) -> None:
        self.line.setText(self._wish)
