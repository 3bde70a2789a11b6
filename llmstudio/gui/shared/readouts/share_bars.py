"""Few words with their numbers as lying bars: the word, the bar, the number, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme
from llmstudio.gui.shared.readouts.chip import visible


class ShareBars(QWidget):
    """Words by likelihood, the likeliest on top and, unless others are marked, in the colour of its certainty; a title above
    them.

    What is no share of 1 brings its own `number`, the text of a value, and is drawn against the largest.
    """

    def __init__(self, title: str = "", number: Callable[[float], str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._is_share, self._number = title, number is None, number or share_text
        self._bars: list[tuple[str, float]] = []
        self.marked: Collection[int] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        theme.changed.connect(self._restyle)

    def set_bars(self, bars: Sequence[tuple[str, float]], marked: Collection[int] = (0,)) -> None:
        """Show these words, each with its number; those at the `marked` places stand out."""
        self._bars, self.marked = list(bars), marked
        self.setAccessibleDescription("; ".join(f"{word} {self._number(value)}" for word, value in self._bars))
        self.updateGeometry()
        self.update()

    @property
    def bars(self) -> list[tuple[str, float]]:
        """What is shown."""
        return list(self._bars)

    def sizeHint(self) -> QSize:
        """A line for each word, and one for the title."""
        return QSize(space(40), round(self._line() * (len(self._bars) + bool(self._title))) + space(0.5))

    def minimumSizeHint(self) -> QSize:
        """Never lower than the hint."""
        return QSize(space(22), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, y = self._line(), 0.0
        if self._title:
            painter.setFont(font(BODY, bold=True))
            painter.setPen(color("text"))
            painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignVCenter, self._title)
            y += line
        painter.setFont(font(BODY, tabular=True))
        metrics = QFontMetricsF(font(BODY, tabular=True))
        widest = max((metrics.horizontalAdvance(self._spelled(word)) for word, _ in self._bars), default=0.0)
        left = min(widest, self.width() * (0.4 if self._is_share else 0.6)) + space()
        room = max(20.0, min(self.width() - left - metrics.horizontalAdvance("100.0 %") - space(), space(60.0)))
        largest = 1.0 if self._is_share else max((value for _, value in self._bars), default=1.0) or 1.0
        for place, (word, value) in enumerate(self._bars):
            share = value / largest
            painter.setPen(color("text"))
            text = metrics.elidedText(self._spelled(word), Qt.TextElideMode.ElideRight, left - space(0.5))
            painter.drawText(QRectF(0, y, left, line), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(series_color(0) if place in self.marked else color("muted"))
            painter.drawRoundedRect(QRectF(left, y + line * 0.22, max(2.0, room * share), line * 0.56), 2, 2)
            painter.setPen(color("muted"))
            end = QRectF(left + max(2.0, room * share) + space(0.75), y, self.width(), line)
            painter.drawText(end, Qt.AlignmentFlag.AlignVCenter, self._number(value))
            y += line

    def _spelled(self, word: str) -> str:
        return visible(word) if self._is_share else word  # a name's spaces are no part of a token

    def _line(self) -> float:
        return QFontMetricsF(font(BODY)).height() * 1.35

    @Slot()
    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def share_text(share: float) -> str:
    """A share in per cent: `43 %`, `4.3 %`, `<0.1 %`."""
    percent = 100 * share
    return "<0.1\u00a0%" if percent < 0.1 else f"{percent:.1f}\u00a0%" if percent < 9.95 else f"{percent:.0f}\u00a0%"
