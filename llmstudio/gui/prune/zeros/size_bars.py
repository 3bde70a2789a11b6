"""Bytes before and after as two bars under each other, the second growing or shrinking to what it is.

A line in the second marks the fewest bytes that the numbers left and their places could take.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.look.theme import BODY, TITLE, color, font, series_color, space, theme, wants_motion

_MOTION_MS = 150


class SizeBars(QWidget):
    """A file's bytes before and after pruning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = self._after = self._bound = 0
        self._is_estimate = False
        self._shown = 0.0
        self._motion = QVariantAnimation(self, duration=_MOTION_MS)
        self._motion.valueChanged.connect(self._on_motion)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Size of the file"))
        theme.changed.connect(self._restyle)

    def set_bytes(self, before: int, after: int, bound: int = 0, *, is_estimate: bool = False) -> None:
        """Show these, and below what no file could be; zeros for nothing known. `is_estimate`: after is not exact."""
        self._is_estimate = is_estimate
        start, self._before, self._after, self._bound = self._shown, before, after, bound
        self._motion.stop()
        if wants_motion() and start and after and self.isVisible():
            self._motion.setStartValue(float(start))
            self._motion.setEndValue(float(after))
            self._motion.start()
        else:
            self._shown = float(after)
        self.setAccessibleDescription(self.text)
        self.update()

    @property
    def text(self) -> str:
        """What it says: `3.2 MB → 0.9 MB, 1.01 times the limit`."""
        if not self._before:
            return ""
        limit = f", {self._limit}" if self._limit else ""
        return f"{bytes_text(self._before)} → {bytes_text(self._after)}{limit}"

    @property
    def _limit(self) -> str:
        """How near the file comes to the fewest bytes, also once both are rounded."""
        if not self._bound:
            return ""
        return self.tr("{n} times the limit").format(n=f"{self._after / self._bound:.2f}")

    def sizeHint(self) -> QSize:
        """Two bars with a line of text each."""
        return QSize(space(30), round(2 * (QFontMetricsF(font(TITLE)).height() + space(1.25)) + space()))

    def minimumSizeHint(self) -> QSize:
        """As tall as it wants to be."""
        return QSize(space(16), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw both."""
        if not self._before:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max(self._before, self._after, 1)
        rows = (
            (self.tr("file now"), self._before, float(self._before), color("muted")),
            (self._after_label(), self._after, self._shown, series_color(0)),
        )
        line = QFontMetricsF(font(TITLE)).height()
        y = 0.0
        for label, size, shown, shade in rows:
            painter.setPen(color("text"))
            painter.setFont(font(TITLE, bold=True, tabular=True))
            number = bytes_text(size)
            painter.drawText(QRectF(0, y, self.width(), line), Qt.AlignmentFlag.AlignLeft, number)
            advance = painter.fontMetrics().horizontalAdvance(number) + space()
            painter.setPen(color("muted"))
            painter.setFont(font(BODY))
            room = QRectF(advance, y, self.width() - advance, line)
            elided = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elided)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(QRectF(0, y + line + 2, max(2.0, self.width() * shown / most), space(0.75)), 3, 3)
            y += line + space(1.75)
        if self._bound:  # in the bar drawn last
            painter.setBrush(color("text"))
            x = min(self.width() * self._bound / most, self.width() - 2.0)
            painter.drawRect(QRectF(x, y - space(1.75), 2, space(0.75) + 4))

    def _after_label(self) -> str:
        after = self.tr("file after, about") if self._is_estimate else self.tr("file after")
        return f"{after} · {self._limit}" if self._limit else after

    @Slot(object)
    def _on_motion(self, value: float) -> None:
        self._shown = float(value)
        self.update()

    @Slot()
    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
