"""The lesser settings of a form, folded until they are asked for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from llmstudio.gui.look.theme import icon, space, theme


class Fold(QWidget):
    """A button, and what stands below it while it is pressed.

    Attributes:
        button: Opens and closes it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton(text=self.tr("More"), checkable=True, autoRaise=True)
        self.button.setProperty("role", "fold")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._restyle)
        self._folded = QWidget()  # has no place in the window until it is asked for: see `_unfold`
        self._inner = QVBoxLayout(self._folded)
        self._inner.setContentsMargins(0, 0, 0, 0)
        holder = QHBoxLayout()
        holder.addWidget(self.button)
        holder.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(holder)
        theme.changed.connect(self._restyle)
        self._restyle()

    def add(self, row: QWidget) -> None:
        """Put a row below the others."""
        self._inner.addWidget(row)

    def open_for(self, row: QWidget) -> None:
        """Unfold if the row lies here."""
        if row.parent() is self._folded:
            self.button.setChecked(True)

    @Slot()
    def _restyle(self) -> None:
        is_open = self.button.isChecked()
        self.button.setIcon(icon("less" if is_open else "more", "muted"))
        if is_open and self._folded.parent() is None:
            self._unfold()
        self._folded.setVisible(is_open)
        for column in (self._column, self._inner):
            column.setSpacing(space())

    def _unfold(self) -> None:
        """Give the rows their place, below the button.

        They are half of all widgets of a large tab, and mostly never looked at. Whatever lies in a window is dressed when it
        is built and with every change of size or colours, seen or not; outside they cost nothing.
        """
        # Qt tells a new size only to windows that were shown.
        for part in (self._folded, *self._folded.findChildren(QWidget)):
            QCoreApplication.sendEvent(part, QEvent(QEvent.Type.ApplicationFontChange))
        self._column.addWidget(self._folded)
