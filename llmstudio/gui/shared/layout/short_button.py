"""A button that leaves words of its text out where it does not fit, so that a long name never makes the window wider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton

from llmstudio.gui.look.fitting import name_in

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
        if option.fontMetrics.size(Qt.TextFlag.TextShowMnemonic.value, self.text()).width() > room:
            option.text = name_in(self.text(), (), option.fontMetrics, room)
