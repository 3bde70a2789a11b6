"""The "what you see" line with its terms explained: a term is a link, and its definition is shown on hover or focus."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QToolTip, QWidget

from llmstudio.gui.look.label import paragraph
from llmstudio.gui.shared.layout.why import Why


class WhyWithTerms(Why):
    """Two sentences in which `<a href="NAME">term</a>` tells the definition of NAME."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._terms: Mapping[str, str] = {}
        self._text.linkHovered.connect(self._tell)
        self._text.linkActivated.connect(self._tell)

    def explain(self, text: str, terms: Mapping[str, str], *, source: str = "") -> None:
        """Explain what is seen; `terms` holds a definition for each link."""
        self._terms = terms
        self.set_markup(text, source=source)

    @Slot(str)
    def _tell(self, term: str) -> None:
        QToolTip.showText(QCursor.pos(), paragraph(self._terms.get(term, "")), self._text)
