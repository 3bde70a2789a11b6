"""Which examples stand before each text, for a model that only ever learned to write: of which corpus, and how many."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.classes.examples import Examples
from llmstudio.core.words import Words
from llmstudio.gui.forms.number_boxes import WholeBox
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import indent, scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.shared.pickers.item_picker import ItemPicker

_OF_EACH, _MOST = 4, 64


class ExamplesChoice(QWidget):
    """A list of corpora and a number. It is told the corpora; it fetches nothing.

    Attributes:
        corpus: The corpora.
        number: How many examples of each class.

    Signals:
        changed: The person has chosen others.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._other: ExamplesChoice | None = None
        self.corpus = ItemPicker(self.tr("Examples from"), has_menu=False, above=True)
        self.number = WholeBox(0, _MOST)
        self.number.setAccessibleName(self.tr("Examples of each class"))
        self.number.setValue(_OF_EACH)
        indent(self.number)
        told = Label(self.tr("They stand before each text, each with its label; no weight changes."), wordWrap=True)
        self._said, self._body = Label(wordWrap=True), QWidget()
        for label in (told, self._said):
            label.setProperty("role", "muted")
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space()))
        column.addWidget(self.corpus)
        column.addWidget(Label(self.tr("Examples of each class")))
        column.addWidget(self.number)
        column.addWidget(told)
        column.addWidget(self._said)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._body)
        self.corpus.picked.connect(self._on_changed)
        self.number.valueChanged.connect(self._on_changed)
        self.offer(())

    @property
    def chosen(self) -> Examples | None:
        """The examples; None for a model that was taught its classes."""
        name = self.corpus.current()
        return Examples(name, self.number.value(), of_each_class=True) if name else None

    def offer(self, corpora: Iterable[str]) -> None:
        """Offer these corpora; nothing is in sight where there are none."""
        self.corpus.set_names(list(corpora))
        self._take()
        self.tell(())
        self._body.setVisible(bool(self.corpus.names()))

    def follow(self, other: ExamplesChoice) -> None:
        """Choose what is chosen there, whenever that changes."""
        self._other = other
        other.changed.connect(self._on_other)

    def _take(self) -> bool:
        """Choose as the other does; whether that is something else."""
        before, examples = self.chosen, self._other.chosen if self._other is not None else None
        if before is None or examples is None:
            return False
        self.corpus.pick(examples.corpus)
        with QSignalBlocker(self.number):
            self.number.setValue(examples.shots)
        return self.chosen != before

    @Slot()
    def _on_other(self) -> None:
        if self._take():
            self._on_changed()

    def tell(self, said: Iterable[Words]) -> None:
        """Say which examples were read."""
        self._said.setText("\n".join(map(say, said)))

    @Slot()
    def _on_changed(self) -> None:
        self.tell(())
        self.changed.emit()
