"""What Home offers first: a model of one's own, grown with one press."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.home.growth_picture import GrowthPicture
from llmstudio.gui.look.scaled import gap
from llmstudio.gui.look.theme import BODY, font, space
from llmstudio.gui.shared.layout.tab_layout import heading


class TourCard(QFrame):
    """Words and a button, and a picture that only promises.

    Attributes:
        start: The button.
        picture: Goes where there is no room for it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.start = QPushButton(self.tr("Start"))
        self.start.setProperty("role", "verb")
        self.picture = GrowthPicture()
        text = self.tr(
            "A world of tiny stories becomes a corpus, the corpus a tokenizer, and both a model of half a million numbers "
            "that answers questions. It all happens on this computer, while you watch."
        )
        self._text = heading(text, "muted")
        time = heading(self.tr("about 2 minutes · any laptop · no network"), "muted")
        time.setWordWrap(False)
        action = QHBoxLayout()
        action.addWidget(self.start)
        gap(action, 2)
        action.addWidget(time)
        action.addStretch(1)
        self._words = QVBoxLayout()
        self._words.addStretch(1)
        self._words.addWidget(heading(self.tr("Grow your first model"), "heading"))
        self._words.addWidget(self._text)
        gap(self._words, 1)
        self._words.addLayout(action)
        self._words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._words, 5)
        self._row.addWidget(self.picture, 4)

    def width_of_all(self) -> int:
        """Pixels that words and picture take beside each other."""
        margins = self._row.contentsMargins()
        edges = margins.left() + margins.right() + self._row.spacing()
        return self._words.minimumSize().width() + self.picture.minimumSizeHint().width() + edges

    def restyle(self) -> None:
        """Take the sizes in force."""
        self._row.setContentsMargins(space(4), space(3), space(3), space(3))
        self._row.setSpacing(space(3))
        self._words.setSpacing(space(1.5))
        self._text.setFont(font(BODY + 1))
        self.start.setMinimumWidth(space(16))
