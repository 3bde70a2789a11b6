"""One number that matters, large, with its unit and, small and grey, what to compare it with."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.colors import FIGURE
from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.label import paragraph
from llmstudio.gui.look.theme import color, font, space, theme


class BigNumber(QWidget):
    """A figure, its unit, and a remark below it; a dash while there is none.

    It paints its texts itself: they change many times a second, and labels would ask for a new layout each time.
    """

    def __init__(self, unit: str, *, explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure, self._unit, self._remark = "–", unit, ""
        self._explanation = paragraph(explanation)
        # A remark that is too long is cut rather than let the whole window grow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)
        self.set_value("")

    @property
    def text(self) -> str:
        """Figure, unit and remark as one would read them out."""
        return " ".join(part for part in (self._figure, self._unit, self._remark) if part.strip())

    def set_value(self, figure: str, remark: str = "", *, unit: str | None = None) -> None:
        """Show a figure as text (empty for none yet), a remark, and another unit if one is given."""
        before = self.text
        self._figure, self._remark = figure or "–", remark
        self._unit = self._unit if unit is None else unit
        if self.text != before or not self.accessibleName():
            self.setAccessibleName(self.text)
            self.setToolTip(paragraph(self._unit) + self._explanation + paragraph(remark))
            self.update()

    def sizeHint(self) -> QSize:
        """A line for the figure, one for the remark."""
        lines = QFontMetricsF(self._large()).height() + QFontMetricsF(font()).height()
        return QSize(space(20), round(lines))

    def minimumSizeHint(self) -> QSize:
        """Never lower than its two lines."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the three texts, the unit on the figure's baseline."""
        painter = QPainter(self)
        large, small = QFontMetricsF(self._large()), QFontMetricsF(font())
        baseline = large.ascent()
        painter.setFont(self._large())
        painter.setPen(color("text"))
        painter.drawText(QPointF(0, baseline), self._figure)
        painter.setFont(font())
        painter.setPen(color("muted"))
        across = large.horizontalAdvance(self._figure) + space(0.75)
        unit, remark = self.fitting(self.width())
        painter.drawText(QPointF(across, baseline), unit)
        painter.drawText(QPointF(0, large.height() + small.ascent()), remark)
        painter.end()

    def fitting(self, room: float) -> tuple[str, str]:
        """What is said of the unit beside the figure, and below it: a unit that has no room there begins the remark."""
        large, small = QFontMetricsF(self._large()), QFontMetricsF(font())
        unit = parts_in(self._unit, small, room - large.horizontalAdvance(self._figure) - space(0.75))
        if not self._unit or (unit and self._unit.startswith(unit)):
            return unit, parts_in(self._remark, small, room)
        both = " · ".join(part for part in (self._unit, self._remark) if part)
        return "", parts_in(both, small, room)

    def _large(self) -> QFont:
        return font(FIGURE, bold=True, tabular=True)

    @Slot()
    def _dress(self) -> None:
        self.updateGeometry()
        self.update()
