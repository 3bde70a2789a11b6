"""What is seen in a tab, in two sentences under the picture; folds to one line."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import icon, space, theme


class Why(QWidget):
    """What is seen here, with its source. It stays as the person folded it; until then it folds where room is short."""

    def __init__(self, text: str = "", *, source: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_chosen = False  # the person has folded or unfolded it
        self._toggle = QToolButton(text=self.tr("What you see"), checkable=True, checked=True, autoRaise=True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setProperty("role", "fold")
        self._toggle.clicked.connect(self._on_clicked)
        self._toggle.toggled.connect(self._restyle)
        self._text = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextBrowserInteraction)
        self._source = Label(wordWrap=True)
        self._source.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._toggle)
        column.addWidget(self._text)
        column.addWidget(self._source)
        self.set_words(text, source=source)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def is_open(self) -> bool:
        """Whether the sentences are in sight."""
        return self._toggle.isChecked()

    def set_words(self, text: str, *, source: str = "") -> None:
        """Explain something else, in plain text."""
        self._text.setText(text)
        self._set_source(source)

    def set_markup(self, markup: str, *, source: str = "") -> None:
        """Explain something else, with links."""
        self._text.set_markup(markup)
        self._set_source(source)

    def give_way(self, is_short_of_room: bool) -> None:
        """Fold while there is little room, else show the sentences; not against the person's own choice."""
        if not self._is_chosen:
            self._toggle.setChecked(not is_short_of_room)

    def height_open(self, width: int) -> int:
        """How high it is at this width with its sentences in sight."""
        shown = [self._text, self._source] if self._source.text() else [self._text]
        return self._toggle.sizeHint().height() + sum(label.heightForWidth(width) for label in shown)

    def _set_source(self, source: str) -> None:
        self._source.setText(source)
        self._restyle()

    @Slot()
    def _on_clicked(self) -> None:
        self._is_chosen = True

    @Slot()
    def _restyle(self) -> None:
        self._toggle.setIcon(icon("less" if self.is_open else "more", "muted"))
        self._text.setVisible(self.is_open)
        self._source.setVisible(self.is_open and bool(self._source.text()))
        self._text.setContentsMargins(space(), 0, space(), space(0.5))
        self._source.setContentsMargins(space(), 0, space(), space(0.5))
