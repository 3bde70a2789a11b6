"""A text as a row of chips, each coloured by a number: one colour for what is above zero, another for what is below.

In: the tokens and a value for each. Out: which chip is looked at, and which was pressed.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.theme import color, series_color, theme
from llmstudio.gui.shared.readouts.chip import Chip
from llmstudio.gui.shared.readouts.token_strip import TokenStrip


class ValueStrip(TokenStrip):
    """Chips whose colour deepens with the size of their value; a mark frames the chosen one.

    Signals:
        pressed(int): Index of the chip that was pressed.
    """

    pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, name: str = "", max_rows: int = 7) -> None:
        super().__init__(parent, name=name, show_ids=False, max_rows=max_rows)
        self.values: list[float] = []
        self.marked = -1
        self._top = 1.0
        theme.changed.connect(self.viewport().update)

    def set_values(self, tokens: Sequence[str], values: Sequence[float], *, top: float, marked: int = -1) -> None:
        """Show these tokens.

        Args:
            tokens: What stands on the chips.
            values: A number for each.
            top: The size at which the colour is deepest.
            marked: Index of the chip in a frame; -1 for none.
        """
        self.values, self._top, self.marked = [float(v) for v in values], max(float(top), 1e-9), marked
        if [chip.text for chip in self.chips()] != list(tokens):
            self.set_chips([Chip(text=token, num_bytes=len(token.encode())) for token in tokens])
        self.viewport().update()
        QTimer.singleShot(0, self, self._show_marked)  # once the rows have their places

    @Slot()
    def _show_marked(self) -> None:
        """Scroll so far that the chip in a frame is in sight."""
        if not 0 <= self.marked < len(self._rows.rects):
            return
        rect, bar, height = self._rows.rects[self.marked], self.verticalScrollBar(), self.viewport().height()
        if not bar.value() <= rect.top() <= bar.value() + height - rect.height():
            bar.setValue(round(rect.bottom() - height) + 2)

    def depth(self, index: int) -> float:
        """How deep a chip's colour is, -1 to 1."""
        return min(max(self.values[index] / self._top, -1.0), 1.0)

    def describe(self, index: int) -> str:
        """The value, on hover."""
        return f"“{self.chips()[index].label}”  {value_text(self.values[index])}"

    def _paint_chip(self, painter: QPainter, chip: Chip, rect: QRectF, is_looked_at: bool) -> None:
        index = self._rows.rects.index(rect)
        depth = self.depth(index) if index < len(self.values) else 0.0
        fill = QColor(series_color(0 if depth >= 0 else 1))
        fill.setAlpha(round(12 + 150 * abs(depth)))
        painter.setBrush(fill)
        is_current = index == self.current()
        ink = "accent" if index == self.marked else "text" if is_current else "line"
        painter.setPen(QPen(color(ink), 2 if index == self.marked else 1))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(color("text"))
        painter.setFont(self.font())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, chip.label)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The chip under the mouse is chosen."""
        if (index := self.chip_at(event.position())) >= 0:
            self.pressed.emit(index)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses the chip that is looked at."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.current() >= 0:
            self.pressed.emit(self.current())
            return
        super().keyPressEvent(event)
