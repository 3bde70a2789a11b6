"""Beside the map: the sentence of a place, what the corpus has nearest to it, and the sentences along a way."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from llmstudio.app.inspecting.latent_space import Spot
from llmstudio.gui.inspect.pages.page import muted
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space, theme


class SpotView(QWidget):
    """What is written here.

    Signals:
        picked(int): A sentence of the way was chosen.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setProperty("role", "title")
        self._remark = muted("")
        self._title = muted(self.tr("Nearest in the text it learned from, with the distance"))
        self._near = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._way = muted("")
        self._list = QListWidget(accessibleName=self.tr("Sentences along the way"))
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self.picked)
        for label in (self._text, self._near):  # what a model writes is no markup, even where it looks so
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (muted(self.tr("Written from here")), self._text, self._remark, self._title, self._near, self._way):
            self._column.addWidget(widget)
        self._column.addWidget(self._list, 1)
        self._column.addStretch(0)
        scaled(self, lambda: self.setMinimumWidth(space(26)))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """The sentence in sight."""
        return self._text.text()

    @property
    def near(self) -> str:
        """The nearest sentences, as they stand there."""
        return self._near.text()

    @property
    def way(self) -> list[str]:
        """The sentences along the way."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def show_spot(self, spot: Spot | None) -> None:
        """Show a place; None for none."""
        self._text.setText((spot.text or self.tr("(nothing: the sentence ends at once)")) if spot is not None else "–")
        self._remark.setText(say(spot.remark) if spot is not None and spot.remark is not None else "")
        self._remark.setVisible(bool(self._remark.text()))
        lines = [f"{far:.2f}  {text}" for text, far in spot.neighbours] if spot is not None else []
        self._near.setText("\n".join(lines))
        self._title.setVisible(bool(lines))

    def show_trail(self, title: str, texts: Sequence[str]) -> None:
        """List these sentences; nothing if there are none."""
        self._list.blockSignals(True)
        self._list.clear()
        self._list.addItems([text or "–" for text in texts])
        self._list.blockSignals(False)
        self._way.setText(title)
        self._way.setVisible(bool(texts))
        self._list.setVisible(bool(texts))

    @property
    def marked(self) -> int | None:
        """Which sentence of the way is marked; None for none."""
        row = self._list.currentRow()
        return None if row < 0 else row

    def mark(self, place: int | None) -> None:
        """The sentence one stands at; None where that is none of the way."""
        self._list.blockSignals(True)
        self._list.setCurrentRow(-1 if place is None else place)
        self._list.blockSignals(False)

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space())
