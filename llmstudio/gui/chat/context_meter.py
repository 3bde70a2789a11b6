"""How much of a model's context a conversation fills, live while one types."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import font, space, theme


class ContextMeter(QWidget):
    """A thin bar and "37 of 128 tokens"; when not everything fits it says what is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(self.tr("Context"))
        self._count = Label(wordWrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._note = Label(wordWrap=True)
        self._note.setProperty("role", "muted")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._title, self._bar, self._count, self._note):
            self._column.addWidget(widget)
        self.setToolTip(self.tr("How many tokens the model looks back on, and how many of them this conversation takes."))
        theme.changed.connect(self._restyle)
        self._restyle()
        self.clear()

    def set_tokens(self, used: int, limit: int | None, cut: str = "", *, room: int = 0) -> None:
        """`used` of `limit` tokens are taken, None for a model without one, and `room` of them kept for the answer; `cut`
        says what no longer fits.
        """
        self._bar.setVisible(limit is not None)
        if limit is None:
            self._count.setText(self.tr("tokens read one by one: {used}").format(used=f"{used:,}"))
        else:
            self._bar.setRange(0, max(limit, 1))
            self._bar.setValue(min(used, limit))
            said = self.tr("{used} of {limit} tokens")
            if room:
                said = self.tr("{used} of {limit} tokens, {room} kept for the answer")
            self._count.setText(said.format(used=f"{used:,}", limit=f"{limit:,}", room=f"{room:,}"))
        is_full = limit is None or used >= limit
        said = self.tr("Full. {cut}") if is_full else self.tr("Cut, so that there is room to write. {cut}")
        self._note.setText(said.format(cut=cut))
        self._note.setVisible(bool(cut))
        self.setAccessibleDescription(self.text)

    def clear(self) -> None:
        """Nothing is known yet."""
        self._bar.setValue(0)
        self._count.setText(self.tr("no tokens yet"))
        self._note.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(label.text() for label in (self._count, self._note) if not label.isHidden())

    def _restyle(self) -> None:
        self._count.setFont(font(tabular=True))
        self._column.setSpacing(space(0.5))
