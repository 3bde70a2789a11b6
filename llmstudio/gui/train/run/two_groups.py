"""Two groups of tools: at the two ends of one row, or one under the other where the row would be too wide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget


class TwoGroups(QWidget):
    """Never asks for more width than its wider group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._groups = (QHBoxLayout(), QHBoxLayout())

    def set_groups(self, first: Sequence[QWidget], second: Sequence[QWidget]) -> None:
        """Place the tools, once."""
        for group, widgets in zip(self._groups, (first, second), strict=True):
            for widget in widgets:
                group.addWidget(widget)
        self._groups[0].addStretch(1)
        self._groups[1].insertStretch(0, 1)
        for group in self._groups:
            self._both.addLayout(group, 1)

    def minimumSizeHint(self) -> QSize:
        """As wide as one group, and as high as they stand now."""
        return QSize(max(group.minimumSize().width() for group in self._groups), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Whatever changes the width, or what the tools need, may turn the row."""
        answer = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            needed = sum(group.minimumSize().width() for group in self._groups) + self._both.spacing()
            way = QBoxLayout.Direction.LeftToRight if needed <= self.width() else QBoxLayout.Direction.TopToBottom
            if way != self._both.direction():
                self._both.setDirection(way)
        return answer
