"""The newest sample text of every runner, side by side: the same beginning, written on by each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.events import Sampled
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import BODY, font, space, theme
from llmstudio.gui.look.whole_lines import WholeLines
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.readouts.prompt_and_own import write
from llmstudio.gui.train.modes.race.data import Race
from llmstudio.gui.train.modes.race.leaderboard import swatch

_IN_A_ROW = 3


class _Card(QWidget):
    """A runner's name and text."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._said: Sampled | None = None
        self._swatch, title = Label(), Label()
        title.setProperty("role", "muted")
        self._title = Still(title)
        self.text = WholeLines(readOnly=True, acceptRichText=False, tabChangesFocus=True)
        scaled(self, lambda: self.text.setMinimumHeight(space(6)))
        self.text.setPlaceholderText(self.tr("What it writes will appear here."))
        head = QHBoxLayout()
        head.addWidget(self._swatch)
        head.addWidget(self._title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(0.5)))
        column.addLayout(head)
        column.addWidget(self.text, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def show_sample(self, label: str, sample: Sampled | None) -> None:
        """Show this text, if it is not the one in sight."""
        if sample is self._said and self._title.text():
            return
        self._said = sample
        self.text.setAccessibleName(self.tr("Sample text of {name}").format(name=label))
        if sample is None:
            self._title.setText(label)
            self.text.clear()
            return
        self._title.setText(self.tr("{name} at step {step}").format(name=label, step=f"{sample.step:,}"))
        write(self.text, sample.prompt, sample.text)

    @Slot()
    def _dress(self) -> None:
        self._swatch.setPixmap(swatch(self._number))
        self.text.setFont(font(BODY))
        if said := self._said:
            label, self._said = self._title.text(), None
            self.show_sample(label, said)
            self._title.setText(label)


class SamplesBeside(QWidget):
    """A card a runner, at most three in a row; where there is little room one scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[_Card] = []
        self._inner = QWidget()
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._inner)
        scaled(self, lambda: scroll.setMinimumHeight(space(7)))
        fill(self, scroll)
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setAlignment(Qt.AlignmentFlag(0))
        scaled(self, lambda: self._grid.setSpacing(space()))

    def show_race(self, race: Race) -> None:
        """Show each runner's newest text."""
        if len(self._cards) != len(race.runners):
            self._deal(len(race.runners))
        for card, runner in zip(self._cards, race.runners, strict=True):
            card.show_sample(runner.label, runner.run.samples[-1] if runner.run.samples else None)

    def texts(self) -> list[str]:
        """What is shown, by number."""
        return [card.text.toPlainText() for card in self._cards]

    def _deal(self, count: int) -> None:
        for card in self._cards:
            card.hide()
            card.deleteLater()
        in_a_row = _IN_A_ROW if count != 4 else 2
        self._cards = [_Card(number, self._inner) for number in range(count)]
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // in_a_row, number % in_a_row)
            card.show()
