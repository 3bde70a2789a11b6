"""A text as a row of coloured chips, one a token: the same token always wears the same colour.

In: `Chip`s. Out: which one is looked at. White space is made visible, unknown tokens wear a dashed red outline and the
word "unknown". The widget knows no tokenizer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import color, series_color, theme

# A pasted book would cost seconds of layout and teach nothing that its first pages do not.
MAX_CHIPS = 2000
_GAP, _PAD, _RADIUS = 4.0, 5.0, 4.0
_LEAST_ROWS = 5  # of more, the rest may be scrolled to; a strip must not push the window off the screen
_SIGNS = {" ": "·", "\n": "↵", "\t": "⇥", "\r": "\\r", "\u00a0": "⍽", "\u3000": "□"}


@dataclass(frozen=True)
class Chip:
    """One token as the strip shows it.

    Attributes:
        text: The part of the text it stands for; empty where a character takes several tokens and this is not the first.
        spelling: What to write on the chip instead of `text` (a byte, say); empty for the text itself.
        id: Its number in the vocabulary; None where pieces have no number yet.
        num_bytes: UTF-8 bytes it stands for.
        count: How often the corpus holds it; None if not counted.
        is_unknown: The tokenizer has no token for this text.
        is_marked: Drawn with an accent outline (the merge just made).
    """

    text: str
    spelling: str = ""
    id: int | None = None
    num_bytes: int = 0
    count: int | None = None
    is_unknown: bool = False
    is_marked: bool = False


def visible(text: str) -> str:
    """`text` with signs for what one cannot see: · a space, ↵ a line end, ⇥ a tab, U+200B and the like by number."""
    return "".join(_sign(c) if not c.isprintable() or c in _SIGNS else c for c in text)


def _sign(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    # A joiner inside an emoji is part of one picture.
    return char if char == "\u200d" or unicodedata.category(char) == "Cs" else f"U+{ord(char):04X}"


class TokenStrip(QAbstractScrollArea):
    """Chips that wrap like words; hover or arrow keys tell id, bytes and count.

    Signals:
        current_changed(int): Index of the chip under the mouse or chosen by key; -1 for none.
    """

    current_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, name: str = "", show_ids: bool = True, max_rows: int = 5) -> None:
        super().__init__(parent, accessibleName=name or self.tr("Tokens"), focusPolicy=Qt.FocusPolicy.StrongFocus)
        self._chips: list[Chip] = []
        self._rects: list[QRectF] = []
        self._num_hidden = 0
        self._current = -1
        self._show_ids = show_ids
        self._max_rows = max_rows
        self._rows = 1
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._arrange)

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these chips; of very many only the first `MAX_CHIPS`, with a line that says how many follow."""
        self._num_hidden = max(0, len(chips) - MAX_CHIPS)
        self._chips = list(chips[:MAX_CHIPS])
        self._current = -1
        self.setAccessibleDescription(
            plural(
                self.tr("{n|token|tokens}: {text}"), n=len(chips), text=" | ".join(self._label(c) for c in self._chips[:40])
            )
        )
        self._arrange()

    def chips(self) -> list[Chip]:
        """The chips on show."""
        return list(self._chips)

    def current(self) -> int:
        """Index of the chip looked at; -1 for none."""
        return self._current

    def describe(self, index: int) -> str:
        """What is said of a chip on hover."""
        chip = self._chips[index]
        parts = [f"“{self._label(chip)}”"]
        if chip.is_unknown:
            parts.append(self.tr("unknown: the vocabulary has no token for this"))
        if chip.id is not None:
            parts.append(self.tr("id {id}").format(id=chip.id))
        parts.append(plural(self.tr("{n|byte|bytes}"), n=chip.num_bytes))
        if chip.count is not None:
            parts.append(plural(self.tr("{n|time|times} in the corpus"), n=f"{chip.count:,}"))
        return "\n".join(parts)

    # Layout

    def _label(self, chip: Chip) -> str:
        return chip.spelling or visible(chip.text) or "∅"

    def _fonts(self) -> tuple[QFont, QFont]:
        small = QFont(self.font())
        small.setPointSizeF(max(6.5, self.font().pointSizeF() * 0.72))
        return self.font(), small

    def _under(self, chip: Chip) -> str:
        if chip.is_unknown:
            return self.tr("unknown")
        return "" if chip.id is None or not self._show_ids else str(chip.id)

    def _row_height(self) -> float:
        font, small = self._fonts()
        under = QFontMetricsF(small).height() if self._show_ids else 0.0
        return QFontMetricsF(font).height() + under + 2 * 3

    def _arrange(self) -> None:
        font, small = self._fonts()
        wide, thin = QFontMetricsF(font), QFontMetricsF(small)
        width, height = max(60.0, float(self.viewport().width())), self._row_height()
        x, y, self._rects = 1.0, 1.0, []
        for chip in self._chips:
            w = max(wide.horizontalAdvance(self._label(chip)), thin.horizontalAdvance(self._under(chip))) + 2 * _PAD
            w = min(w, width - 2)
            if x > 1 and x + w > width - 1:
                x, y = 1.0, y + height + _GAP
            self._rects.append(QRectF(x, y, w, height))
            x += w + _GAP
            if chip.text.endswith("\n"):
                x, y = 1.0, y + height + _GAP
        bottom = (self._rects[-1].bottom() if self._rects else height) + (height if self._num_hidden else 0) + 2
        self._rows = max(1, round(bottom / (height + _GAP)))
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(height))
        bar.setRange(0, max(0, round(bottom) - self.viewport().height()))
        self.updateGeometry()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """As high as its rows, up to `max_rows`."""
        return QSize(320, self._height_of(min(self._rows, self._max_rows)))

    def minimumSizeHint(self) -> QSize:
        """As high as the hint while that is a few rows; more of them scroll where there is no room."""
        return QSize(120, self._height_of(min(self._rows, self._max_rows, _LEAST_ROWS)))

    def _height_of(self, num_rows: int) -> int:
        return round(num_rows * (self._row_height() + _GAP)) + 4

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        self._arrange()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another layout."""
        if event.type() == QEvent.Type.FontChange:
            self._arrange()
        super().changeEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, -self.verticalScrollBar().value())
        shown = QRectF(event.rect()).translated(0, self.verticalScrollBar().value())
        looked_at = self._chips[self._current].id if 0 <= self._current < len(self._chips) else None
        for index, (chip, rect) in enumerate(zip(self._chips, self._rects, strict=True)):
            if rect.intersects(shown):
                same = index == self._current or (looked_at is not None and chip.id == looked_at)
                self._paint_chip(painter, chip, rect, same)
        if self._num_hidden and self._rects:
            painter.setPen(color("muted"))
            painter.setFont(self.font())
            below = QPointF(2, self._rects[-1].bottom() + self._row_height() * 0.75)
            painter.drawText(below, self.tr("… and {n} more tokens").format(n=f"{self._num_hidden:,}"))

    def _paint_chip(self, painter: QPainter, chip: Chip, rect: QRectF, is_looked_at: bool) -> None:
        font, small = self._fonts()
        is_dark = theme.is_dark
        fill = QColor(series_color(_hue(chip)))
        fill.setAlpha((130 if is_dark else 105) if is_looked_at else (75 if is_dark else 58))
        pen = QPen(Qt.PenStyle.NoPen)
        if chip.is_unknown:
            fill = QColor(0, 0, 0, 0)
            pen = QPen(color("error"), 1.5, Qt.PenStyle.DashLine)
        elif chip.is_marked:
            pen = QPen(color("accent"), 2)
        elif is_looked_at:
            pen = QPen(color("text"), 1)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        under = self._under(chip)
        height = QFontMetricsF(font).height()
        place = QRectF(rect.left(), rect.top() + 3, rect.width(), height) if self._show_ids else rect
        painter.setPen(color("text"))
        painter.setFont(font)
        label = QFontMetricsF(font).elidedText(self._label(chip), Qt.TextElideMode.ElideRight, rect.width() - 4)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
        if under:
            painter.setFont(small)
            painter.setPen(color("error") if chip.is_unknown else color("text"))
            beneath = QRectF(rect.left(), rect.top() + 2 + height, rect.width(), rect.height() - height - 3)
            painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, under)

    # Looking at one

    def chip_at(self, point: QPointF) -> int:
        """Index of the chip at a point of the viewport; -1 for none."""
        place = point + QPointF(0, self.verticalScrollBar().value())
        return next((i for i, rect in enumerate(self._rects) if rect.contains(place)), -1)

    def _look_at(self, index: int) -> None:
        if index != self._current:
            self._current = index
            self.viewport().update()
            self.current_changed.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The chip under the mouse is looked at."""
        self._look_at(self.chip_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """None is looked at any more."""
        self._look_at(-1)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the chip under the mouse on hover."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.chip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain(self.describe(index)) if index >= 0 else "", self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._look_at(-1)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk along the chips and tell each."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        if step is None or not self._chips:
            super().keyPressEvent(event)
            return
        index = min(max(self._current + step, 0), len(self._chips) - 1)
        self._look_at(index)
        rect = self._rects[index]
        bar = self.verticalScrollBar()
        if not bar.value() <= rect.top() <= bar.value() + self.viewport().height() - rect.height():
            bar.setValue(round(rect.top()))
        where = self.viewport().mapToGlobal(rect.translated(0, -bar.value()).bottomLeft().toPoint())
        QToolTip.showText(where, plain(self.describe(index)), self.viewport())
        self.setAccessibleDescription(self.describe(index))


def _hue(chip: Chip) -> int:
    # Knuth's multiplier spreads neighbouring ids; a stable sum stands in where a piece has no id.
    key = chip.id if chip.id is not None else sum(ord(c) * (i + 1) for i, c in enumerate(chip.text or chip.spelling))
    return (key * 2654435761 >> 16) % 6
