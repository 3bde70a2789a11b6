"""Below a text that was rewritten: a map of where the model looked, layer by layer or all together."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.app.rewriting.looking_back import LookedBack
from llmstudio.gui.inspect.looking_back.attention_map import MOST, AttentionMap
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import space
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice

_ALL = "all"
_CHIPS = 8  # layers that have a chip; what a deeper model has beyond is in the mean


class LookingBack(QWidget):
    """The map, what it shows, and which layer.

    Attributes:
        map: The map.
        looked: What is shown; None for nothing, and then nothing is in sight.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looked: LookedBack | None = None
        self.map = AttentionMap(self)
        self._said = Label(wordWrap=True)
        self._said.setProperty("role", "muted")
        chips = {_ALL: self.tr("All layers")} | {
            str(number): self.tr("Layer {number}").format(number=number + 1) for number in range(_CHIPS)
        }
        row = QHBoxLayout()
        self.layers = ChipChoice(row, chips, self)
        row.addStretch(1)
        self.layers.mark(_ALL)
        self.layers.chosen.connect(self.show_layer)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._said)
        self._column.addLayout(row)
        self._column.addWidget(self.map, 1)
        self.show_looked(None)
        self.restyle()

    def show_looked(self, looked: LookedBack | None) -> None:
        """Show where the model looked, all layers together; None for nothing."""
        self.looked = looked
        self.setVisible(looked is not None)
        layers = len(looked.shares) if looked is not None else 0
        for name, chip in self.layers.chips.items():
            chip.setVisible(layers > 1 and (name == _ALL or int(name) < layers))
        said = self.tr(
            "Where it looked in your text (across) for each token it wrote (down). Point at a cell for its share."
        )
        if looked is not None and max(len(looked.read), len(looked.written)) > MOST:
            said += " " + self.tr("Only the first {limit} tokens of each are drawn.").format(limit=MOST)
        self._said.setText(said)
        self.show_layer(_ALL)

    @Slot(str)
    def show_layer(self, name: str) -> None:
        """Show one layer, or all together."""
        self.layers.mark(name)
        self.map.show_looked(self.looked, None if name == _ALL else int(name))

    def restyle(self) -> None:
        """Take the sizes in force."""
        self._column.setSpacing(space())
