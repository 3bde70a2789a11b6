"""The picture of the page of layers: sliders under what each layer costs, bars of all matrices, and one matrix.

It is told what is known and draws it; it asks nobody.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from llmstudio.app.pruning.preview import Outlook
from llmstudio.core.sparsity.picture import MatrixPicture
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.prune.layers.matrix import MatrixImage, RowHistogram, size_text
from llmstudio.gui.prune.layers.sliders import LayerSliders
from llmstudio.gui.prune.zeros.layer_bars import LayerBars, bars_of
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice


class LayersView(QScrollArea):
    """The picture.

    Attributes:
        by: Whether whole layers have a slider, or their parts.
        sliders: How much of each goes.
        spread_button: Sets them by what layers cost.
        usual_button: Sets them back.
        bars: Zeros of each matrix.
        image: Those of the matrix that is chosen.
        histogram: Its rows by theirs.

    Signals:
        chosen: (name) the bar of a matrix was pressed.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sliders, self.bars, self.image, self.histogram = LayerSliders(), LayerBars(), MatrixImage(), RowHistogram()
        self.spread_button = QPushButton(self.tr("Spread by sensitivity"))
        self.usual_button = QPushButton(self.tr("Back to usual"))
        self._head, self._told, self._of = Label(wordWrap=True), Label(wordWrap=True), Label(wordWrap=True)
        self._names: list[str] = []
        self._matrix = ""
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        self.by = ChipChoice(row, {"part": self.tr("Parts of layers"), "layer": self.tr("Whole layers")}, self)
        row.addStretch(1)
        row.addWidget(self.spread_button)
        row.addWidget(self.usual_button)
        self._column.addLayout(row)
        self._column.addWidget(self._head)
        self._column.addWidget(self.sliders)
        self._column.addWidget(self._told)
        self._thirds = QHBoxLayout()
        for title, widget, stretch in (
            (self.tr("Where the zeros are: press one"), self.bars, 4),
            (self.tr("Its weights: blank where zero"), self.image, 4),
            (self.tr("Its rows, by zeros"), self.histogram, 3),
        ):
            third = QVBoxLayout()
            third.addWidget(_quiet(title))
            third.addWidget(widget, 1)
            self._thirds.addLayout(third, stretch)
        self._column.addLayout(self._thirds, 1)
        self._column.addWidget(self._of)
        self.setWidget(body)
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        for label in (self._head, self._of):
            label.setProperty("role", "muted")
        self.bars.pressed.connect(self._on_pressed)
        scaled(self, self._lay)

    @property
    def matrix(self) -> str:
        """Name of the matrix that is chosen; empty while there is none."""
        return self._matrix

    @property
    def told(self) -> str:
        """What it says of the shares in sight."""
        return self._told.text()

    def say(self, head: str, told: str) -> None:
        """What bars over the sliders show, and what is known of the shares in sight."""
        self._head.setText(head)
        self._told.setText(told)
        self._told.setVisible(bool(told))

    def show_outlook(self, outlook: Outlook | None) -> None:
        """Draw zeros by matrix; None clears all."""
        layers = () if outlook is None else outlook.counts.layers
        self._names = [layer.name for layer in layers]
        if self._matrix not in self._names:
            self._matrix = next((layer.name for layer in layers if layer.is_prunable), "")
        self.bars.set_bars(bars_of(layers))
        self.bars.choose(self._names.index(self._matrix) if self._matrix else None)
        if outlook is None:
            self.show_matrix(None)

    def show_matrix(self, picture: MatrixPicture | None, remark: str = "") -> None:
        """Draw the matrix that is chosen."""
        self.image.set_picture(picture)
        self.histogram.set_picture(picture)
        if picture is None:
            self._of.setText("")
            return
        bar = self.bars.bars[self._names.index(picture.name)]
        of = self.tr("{title}: {size}.").format(title=bar.title, size=size_text(picture))
        self._of.setText(f"{of} {remark}".strip())

    @Slot(int)
    def _on_pressed(self, at: int) -> None:
        self._matrix = self._names[at]
        self.bars.choose(at)
        self.chosen.emit(self._matrix)

    def _lay(self) -> None:
        self._column.setSpacing(space())
        self._thirds.setSpacing(space(3))


def _quiet(text: str) -> Label:
    label = Label(text, wordWrap=True)
    label.setProperty("role", "muted")
    return label
