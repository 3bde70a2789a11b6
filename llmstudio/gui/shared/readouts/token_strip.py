"""A text as a row of coloured chips, one a token: the same token always wears the same colour.

In: `Chip`s. Out: which one is looked at. White space is made visible, unknown tokens wear a dashed red outline and the
word "unknown". The widget knows no tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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
from llmstudio.gui.shared.readouts.chip import Chip
from llmstudio.gui.shared.readouts.chip_rows import ChipRows

# A pasted book would cost seconds of layout and teach nothing that its first pages do not.
MAX_CHIPS = 2000
_RADIUS = 4.0
_LEAST_ROWS = 5  # of more, the rest may be scrolled to; a strip must not push the window off the screen


class TokenStrip(QAbstractScrollArea):
    """Chips that wrap like words; hover or arrow keys tell id, bytes and count.

    Signals:
        current_changed(int): Index of the chip under the mouse or chosen by key; -1 for none.
    """

    current_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, name: str = "", show_ids: bool = True, max_rows: int = 5) -> None:
        super().__init__(parent, accessibleName=name or self.tr("Tokens"), focusPolicy=Qt.FocusPolicy.StrongFocus)
        self._chips: list[Chip] = []
        self._num_hidden = 0
        self._current = -1
        self._rows = ChipRows(self.font(), show_ids=show_ids)
        self._max_rows = max_rows
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
            plural(self.tr("{n|token|tokens}: {text}"), n=len(chips), text=" | ".join(c.label for c in self._chips[:40]))
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
        parts = [f"“{chip.label}”"]
        if chip.is_unknown:
            parts.append(self.tr("unknown: the vocabulary has no token for this"))
        if chip.id is not None:
            parts.append(self.tr("id {id}").format(id=chip.id))
        parts.append(plural(self.tr("{n|byte|bytes}"), n=chip.num_bytes))
        if chip.count is not None:
            parts.append(plural(self.tr("{n|time|times} in the corpus"), n=f"{chip.count:,}"))
        return "\n".join(parts)

    # Layout

    def _arrange(self) -> None:
        rows = self._rows
        rows.font = self.font()
        rows.arrange(self._chips, room=self.viewport().width(), has_more=bool(self._num_hidden))
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(rows.row_height))
        bar.setRange(0, max(0, round(rows.bottom) - self.viewport().height()))
        self.updateGeometry()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """As high as its rows, up to `max_rows`."""
        return QSize(320, self._rows.height_of(min(self._rows.num_rows, self._max_rows)))

    def minimumSizeHint(self) -> QSize:
        """As high as the hint while that is a few rows; more of them scroll where there is no room."""
        return QSize(120, self._rows.height_of(min(self._rows.num_rows, self._max_rows, _LEAST_ROWS)))

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
        for index, (chip, rect) in enumerate(zip(self._chips, self._rows.rects, strict=True)):
            if rect.intersects(shown):
                same = index == self._current or (looked_at is not None and chip.id == looked_at)
                self._paint_chip(painter, chip, rect, same)
        if self._num_hidden and self._rows.rects:
            painter.setPen(color("muted"))
            painter.setFont(self.font())
            below = QPointF(2, self._rows.rects[-1].bottom() + self._rows.row_height * 0.75)
            painter.drawText(below, self.tr("… and {n} more tokens").format(n=f"{self._num_hidden:,}"))

    def _paint_chip(self, painter: QPainter, chip: Chip, rect: QRectF, is_looked_at: bool) -> None:
        font = self._rows.font
        is_dark = theme.is_dark
        fill = QColor(series_color(chip.hue))
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
        under = self._rows.under(chip)
        height = QFontMetricsF(font).height()
        place = QRectF(rect.left(), rect.top() + 3, rect.width(), height) if self._rows.show_ids else rect
        painter.setPen(color("text"))
        painter.setFont(font)
        label = QFontMetricsF(font).elidedText(chip.label, Qt.TextElideMode.ElideRight, rect.width() - 4)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
        if under:
            painter.setFont(self._rows.small)
            painter.setPen(color("error") if chip.is_unknown else color("text"))
            beneath = QRectF(rect.left(), rect.top() + 2 + height, rect.width(), rect.height() - height - 3)
            painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, under)

    # Looking at one

    def chip_at(self, point: QPointF) -> int:
        """Index of the chip at a point of the viewport; -1 for none."""
        place = point + QPointF(0, self.verticalScrollBar().value())
        return next((i for i, rect in enumerate(self._rows.rects) if rect.contains(place)), -1)

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
        rect = self._rows.rects[index]
        bar = self.verticalScrollBar()
        if not bar.value() <= rect.top() <= bar.value() + self.viewport().height() - rect.height():
            bar.setValue(round(rect.top()))
        where = self.viewport().mapToGlobal(rect.translated(0, -bar.value()).bottomLeft().toPoint())
        QToolTip.showText(where, plain(self.describe(index)), self.viewport())
        self.setAccessibleDescription(self.describe(index))
