"""Where chips stand: in rows, wrapped like words, with a small line under each where there is something to say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from llmstudio.gui.shared.readouts.chip import Chip

_GAP, _PAD = 4.0, 5.0


class ChipRows:
    """Rows of chips in one font.

    Attributes:
        rects: Where each chip stands.
        num_rows: Rows that they take.
        bottom: Where they end.
    """

    def __init__(self, font: QFont, *, show_ids: bool) -> None:
        self.font, self.show_ids = font, show_ids
        self.rects: list[QRectF] = []
        self.num_rows, self.bottom = 1, 0.0

    @property
    def small(self) -> QFont:
        """The font of what stands under a chip's label."""
        small = QFont(self.font)
        small.setPointSizeF(max(6.5, self.font.pointSizeF() * 0.72))
        return small

    @property
    def row_height(self) -> float:
        """Pixels of a row."""
        under = QFontMetricsF(self.small).height() if self.show_ids else 0.0
        return QFontMetricsF(self.font).height() + under + 2 * 3

    def height_of(self, num_rows: int) -> int:
        """Pixels of so many rows and what is between them."""
        return round(num_rows * (self.row_height + _GAP)) + 4

    def under(self, chip: Chip) -> str:
        """What stands under a chip's label."""
        if chip.is_unknown:
            return QCoreApplication.translate("TokenStrip", "unknown")
        return "" if chip.id is None or not self.show_ids else str(chip.id)

    def arrange(self, chips: Sequence[Chip], *, room: int, has_more: bool) -> None:
        """Give the chips their places within `room` pixels; where there are more than shown, a line says so below."""
        wide, thin = QFontMetricsF(self.font), QFontMetricsF(self.small)
        width, height = max(60.0, float(room)), self.row_height
        x, y, self.rects = 1.0, 1.0, []
        for chip in chips:
            w = max(wide.horizontalAdvance(chip.label), thin.horizontalAdvance(self.under(chip))) + 2 * _PAD
            w = min(w, width - 2)
            if x > 1 and x + w > width - 1:
                x, y = 1.0, y + height + _GAP
            self.rects.append(QRectF(x, y, w, height))
            x += w + _GAP
            if chip.text.endswith("\n"):
                x, y = 1.0, y + height + _GAP
        self.bottom = (self.rects[-1].bottom() if self.rects else height) + (height if has_more else 0) + 2
        self.num_rows = max(1, round(self.bottom / (height + _GAP)))
