"""A button that ends its text in "…" where it does not fit, so that a long name never makes the window wider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton

_LEAST = 8  # characters that stay in sight however narrow it becomes


class ShortButton(QPushButton):
    """A `QPushButton` that may become narrower than its text; `text()` stays whole."""

    def minimumSizeHint(self) -> QSize:
        """Room for a few characters."""
        hint, metrics = super().sizeHint(), self.fontMetrics()
        spare = metrics.horizontalAdvance(self.text()) - metrics.averageCharWidth() * _LEAST
        return QSize(hint.width() - max(0, spare), hint.height())

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """What is painted is as much of the text as there is room for."""
        super().initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        option.text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room, Qt.TextFlag.TextShowMnemonic.value
        )
