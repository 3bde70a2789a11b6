"""A field for reading whose foot never cuts a line of text in half: what is left over below the last one stays empty."""

from __future__ import annotations

import math

from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QTextEdit


class WholeLines(QTextEdit):
    """A text that shows as many lines as there is room for, and scrolls by lines."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height holds other lines."""
        super().resizeEvent(event)
        self._fit()

    def setFont(self, font: object) -> None:  # Qt's spelling
        """Larger type makes fewer lines."""
        super().setFont(font)
        self._fit()

    def _fit(self) -> None:
        line, around = QFontMetricsF(self.font()).lineSpacing(), self.viewportMargins()
        top = self.document().documentMargin()
        height = self.viewport().height() + around.bottom()
        lines = math.floor((height - top) / line)
        # Pixels are whole and lines are not: the last one keeps all of its own.
        rest = max(0, height - math.ceil(top + lines * line)) if lines > 0 else 0
        if rest != around.bottom():
            self.setViewportMargins(around.left(), around.top(), around.right(), rest)
        self.verticalScrollBar().setSingleStep(max(1, round(line)))
