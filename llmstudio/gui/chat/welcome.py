"""What stands where a conversation will be: an invitation, and questions to press."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label, caption
from llmstudio.gui.look.scaled import gap


class ChatWelcome(QWidget):
    """An empty page that says how to begin.

    Signals:
        pressed: (place) the suggestion at this place was pressed.
    """

    pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setProperty("role", "title")
        self._text = Label(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("role", "muted")
        self._chips: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.addStretch(2)
        self._column.addWidget(self._title)
        self._column.addWidget(self._text)
        gap(self._column, 1)
        self._column.addStretch(3)

    def set_words(self, title: str, text: str, suggestions: Sequence[str] = ()) -> None:
        """Say something else, with a button for each suggestion."""
        self._title.setText(title)
        self._text.setText(text)
        for chip in self._chips:
            self._column.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for place, suggestion in enumerate(suggestions):
            chip = QPushButton(caption(suggestion))
            chip.setProperty("role", "chip")
            chip.setProperty("place", place)
            chip.clicked.connect(self._on_pressed)
            self._column.insertWidget(self._column.count() - 1, chip, 0, Qt.AlignmentFlag.AlignHCenter)
            self._chips.append(chip)

    @property
    def suggestions(self) -> list[QPushButton]:
        """The buttons in sight."""
        return list(self._chips)

    @Slot()
    def _on_pressed(self) -> None:
        self.pressed.emit(int(self.sender().property("place")))
