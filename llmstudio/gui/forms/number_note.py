"""A line below fields of whole numbers: what was changed of what was typed. It goes with the next number."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from llmstudio.gui.forms.number_boxes import WholeBox, clamped_text, unread_text
from llmstudio.gui.look.label import Label


class NumberNote(Label):
    """Hidden while there is nothing to say."""

    def __init__(self, boxes: Iterable[WholeBox], parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True)
        self.setProperty("role", "muted")
        self.hide()
        self._about: int | None = None  # the number that took the place of what was typed
        for box in boxes:
            box.clamped.connect(self._on_clamped)
            box.unread.connect(self._on_unread)
            box.valueChanged.connect(self._on_number)

    @Slot(str, object)
    def _on_clamped(self, typed: str, bound: int) -> None:
        box = self.sender()
        assert isinstance(box, WholeBox)
        self._say(clamped_text(typed, bound, is_most=bound == box.maximum()), bound)

    @Slot(str, object)
    def _on_unread(self, typed: str, value: int) -> None:
        self._say(unread_text(typed, value), value)

    @Slot(int)
    def _on_number(self, value: int) -> None:
        if value != self._about:
            self._say("", None)

    def _say(self, text: str, value: int | None) -> None:
        self._about = value
        self.setText(text)
        self.setVisible(bool(text))
