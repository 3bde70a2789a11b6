"""What growing a model looks like, in one drawing: the loss falls, and noise turns into a sentence."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.theme import BODY, color, font, mono_font, space

# Where along the curve the model says what; the words are of the tour's world.
_SAYINGS = ((0.03, "zq t hhe owk a"), (0.28, "the the fox is is"), (0.68, "clara is in the kitchen ."))


class GrowthPicture(QWidget):
    """A drawing; it takes no part in anything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("A falling curve: what the model says turns from noise to a sentence"))

    def sizeHint(self) -> QSize:
        """Enough for the three sayings."""
        return QSize(space(48), space(22))

    def minimumSizeHint(self) -> QSize:
        """The smallest that still reads."""
        return QSize(space(34), space(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the curve, its ground, and the sayings on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(space(), space(2), -space(), -space(3))
        curve = QPainterPath(self._at(area, 0.0))
        for step in range(1, 101):
            curve.lineTo(self._at(area, step / 100))
        ground = QPainterPath(curve)
        ground.lineTo(area.bottomRight())
        ground.lineTo(area.bottomLeft())
        shade = QLinearGradient(area.topLeft(), area.bottomLeft())
        soft = color("accent")
        soft.setAlphaF(0.22)
        shade.setColorAt(0, soft)
        soft.setAlphaF(0.02)
        shade.setColorAt(1, soft)
        painter.fillPath(ground, shade)
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QPen(color("accent"), space(0.375), c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(curve)
        self._say(painter, area)
        painter.setFont(font(BODY - 1))
        painter.setPen(color("muted"))
        foot = QRectF(area.left(), area.bottom(), area.width(), space(3))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.tr("first step"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.tr("two minutes later"))
        painter.end()

    def _say(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(mono_font(BODY))
        for point, box, saying in self.bubbles(area):
            painter.setPen(QPen(color("line"), 1))
            painter.setBrush(color("page"))
            painter.drawRoundedRect(box, space(), space())
            painter.setPen(color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, saying)
            painter.setPen(QPen(color("surface"), 2))
            painter.setBrush(color("accent"))
            painter.drawEllipse(point, space(0.6), space(0.6))

    def bubbles(self, area: QRectF) -> list[tuple[QPointF, QRectF, str]]:
        """Where each saying stands: its point on the curve, its box, its words. One without room of its own is left out."""
        metrics = QFontMetricsF(mono_font(BODY))
        placed: list[tuple[QPointF, QRectF, str]] = []
        for where, saying in reversed(_SAYINGS):  # the last one matters most
            point = self._at(area, where + 0.04)
            width = metrics.horizontalAdvance(saying) + space(2)
            left = min(point.x() + space(1.5), area.right() - width)
            high = min(self._at(area, (left - area.left()) / area.width()).y(), point.y()) - metrics.height() - space(2)
            box = QRectF(left, max(high, 1.0), width, metrics.height() + space())
            if tops := [other.top() for _, other, _ in placed if other.intersects(box)]:
                box.moveBottom(min(tops) - space(0.25))
            if box.top() >= 1 and box.left() >= 0:
                placed.insert(0, (point, box, saying))
        return placed

    @staticmethod
    def _at(area: QRectF, x: float) -> QPointF:
        # A plateau, a fall, a long tail: the shape such runs have; it stands for no measured run.
        fall = 0.12 + 0.76 / (1 + math.exp(9 * (x - 0.36))) + 0.10 * math.exp(-4 * x)
        return QPointF(area.left() + x * area.width(), area.bottom() - fall * area.height())
