"""Words in a plot that are no numbers: the name of the axis at the bottom, and what an empty plot waits for."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, color, font, space


class AxisName(pg.GraphicsWidget):
    """What an axis counts, at the height of its figures."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        scaled(self, lambda: self.setMaximumHeight(space(2)))  # no higher than the figures that it stands beside

    def set_name(self, name: str) -> None:
        """Say this; nothing if it is empty."""
        if name != self.name:
            self.name = name
            self.update()

    def width_needed(self) -> float:
        """Pixels that the name takes."""
        return QFontMetricsF(self._font()).horizontalAdvance(self.name) + space() if self.name else 0.0

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:  # noqa: D102
        painter.setFont(self._font())
        painter.setPen(color("muted"))
        area = self.rect().adjusted(space(0.75), 0, 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.name)

    def _font(self) -> Any:
        return font(BODY - 1)


class Awaited(QObject):
    """A sentence in the middle of a plot that has nothing to draw yet."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self.label = Label(parent=plot, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.label.setProperty("role", "muted")
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        plot.installEventFilter(self)

    def show_text(self, text: str) -> None:
        """Say this; nothing if it is empty."""
        self.label.setText(text)
        self.label.setGeometry(self._plot.rect())
        self.label.setVisible(bool(text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.Resize:
            self.label.setGeometry(self._plot.rect())
        return False
