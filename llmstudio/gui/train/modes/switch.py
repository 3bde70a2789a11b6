"""The left side of the tab: a chip for each mode, and under them what belongs to the one in force."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.train.modes.table import MODES


class ModeSwitch(QWidget):
    """Turns from one mode to another.

    Attributes:
        mode: Name of the one in force.

    Signals:
        turned: `mode` was chosen anew.
    """

    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = MODES[0].name
        self._sides: Mapping[str, QWidget] = {}
        self._chips = QButtonGroup(self)
        row = QHBoxLayout()
        for number, mode in enumerate(MODES):
            chip = QPushButton(say(mode.title), checkable=True, checked=mode.name == self.mode)
            chip.setToolTip(plain(say(mode.hint)) if mode.hint is not None else "")
            chip.setProperty("role", "chip")
            self._chips.addButton(chip, number)
            row.addWidget(chip, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: self._column.setSpacing(space(1.5)))
        self._column.addLayout(row)
        self._chips.idClicked.connect(self._on_clicked)

    def hold(self, sides: Mapping[str, QWidget]) -> None:
        """Show under the chips what belongs to each mode, by its name."""
        self._sides = sides
        for name, side in sides.items():
            self._column.addWidget(side)
            side.setVisible(name == self.mode)

    def turn_to(self, name: str) -> None:
        """Put a mode in force."""
        number = next(i for i, mode in enumerate(MODES) if mode.name == name)
        self._chips.button(number).setChecked(True)
        self._on_clicked(number)

    @Slot(int)
    def _on_clicked(self, number: int) -> None:
        self.mode = MODES[number].name
        for name, side in self._sides.items():
            side.setVisible(name == self.mode)
        self.turned.emit()
