"""A choice of few, each a chip: one of them is in force."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QLayout, QPushButton, QWidget


class ChipChoice(QButtonGroup):
    """Chips in a row that may hold other things, too. The first is in force until another is pressed.

    Attributes:
        chips: Each by its key.

    Signals:
        chosen(str): The key of the chip that was pressed.
    """

    chosen = Signal(str)

    def __init__(self, row: QLayout, names: Mapping[str, str], parent: QWidget) -> None:
        """`names`: what is written on each chip, by its key."""
        super().__init__(parent)
        self.chips: dict[str, QPushButton] = {}
        for number, (key, title) in enumerate(names.items()):
            chip = self.chips[key] = QPushButton(title, checkable=True, checked=number == 0)
            chip.setProperty("role", "chip")
            self.addButton(chip, number)
            row.addWidget(chip)
        self.buttonClicked.connect(self._on_clicked)

    @property
    def key(self) -> str:
        """That of the chip in force."""
        return list(self.chips)[self.checkedId()]

    def mark(self, key: str) -> None:
        """Put one in force, telling nobody."""
        self.chips[key].setChecked(True)

    @Slot(QAbstractButton)
    def _on_clicked(self, chip: QAbstractButton) -> None:
        self.chosen.emit(list(self.chips)[self.id(chip)])
