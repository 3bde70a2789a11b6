"""Between two texts: the tokens read across, those written down, and how much each of these took of each of those."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from llmstudio.app.rewriting.looking_back import LookedBack
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme
from llmstudio.gui.shared.readouts.chip import visible

_WIDEST = 6.0  # of a column, in steps of spacing
_HIGHEST = 3.0  # of a row
MOST = 40
"""Tokens a side that are drawn: more would be no wider than a line."""


class AttentionMap(QWidget):
    """A cell is the darker, the larger the share.

    Attributes:
        looked: What is shown; None for nothing.
        layer: Which layer, counted from 0; None for the mean of all.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looked: LookedBack | None = None
        self.layer: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Where the model looked: tokens read across, tokens written down"))
        theme.changed.connect(self._dress)

    def show_looked(self, looked: LookedBack | None, layer: int | None = None) -> None:
        """Show another text, or another layer of it."""
        self.looked, self.layer = looked, layer
        self.setAccessibleDescription(self._described())
        self.updateGeometry()
        self.update()

    @property
    def size_in_cells(self) -> tuple[int, int]:
        """Rows and columns that are drawn."""
        if self.looked is None:
            return 0, 0
        return min(len(self.looked.written), MOST), min(len(self.looked.read), MOST)

    def said(self, row: int, column: int) -> str:
        """What a cell tells."""
        assert self.looked is not None
        share = float(self.looked.of(self.layer)[row, column])
        return self.tr("For {written} it looked at {read}: {share}").format(
            written=f"“{_shown(self.looked.written[row])}”",
            read=f"“{_shown(self.looked.read[column])}”",
            share=share_text(share),
        )

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """The cell at a place; None beside the map."""
        rows, columns = self.size_in_cells
        if not rows or not columns:
            return None
        left, top, wide, high = self._frame()
        row, column = int((place.y() - top) // high), int((place.x() - left) // wide)
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a cell is drawn."""
        left, top, wide, high = self._frame()
        return QRectF(left + column * wide, top + row * high, wide, high)

    def sizeHint(self) -> QSize:
        """Room for a sentence."""
        return QSize(space(60), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Every row as high as a line."""
        rows, _ = self.size_in_cells
        line = QFontMetricsF(font(BODY)).height()
        return QSize(space(24), int(rows * (line + 2) + self._head() + 4) if rows else 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the cell tells that is pointed at."""
        cell = self.cell_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), plain(self.said(*cell)) if cell is not None else "", self)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw tokens and cells."""
        if self.looked is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_tokens(painter)
        shares = self.looked.of(self.layer)
        rows, columns = self.size_in_cells
        painter.setPen(Qt.PenStyle.NoPen)
        for row in range(rows):
            for column in range(columns):
                ink = QColor(series_color(0))
                ink.setAlphaF(0.04 + 0.92 * float(shares[row, column]))
                painter.setBrush(ink)
                painter.drawRoundedRect(self.place_of(row, column).adjusted(1, 1, -1, -1), 2, 2)

    def _paint_tokens(self, painter: QPainter) -> None:
        assert self.looked is not None
        left, top, wide, high = self._frame()
        metrics, gap = QFontMetricsF(font(BODY)), space(0.75)
        painter.setFont(font(BODY))
        painter.setPen(color("text"))
        rows, columns = self.size_in_cells
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for row, token in enumerate(self.looked.written[:rows]):
            text = metrics.elidedText(_shown(token), Qt.TextElideMode.ElideRight, left - gap)
            painter.drawText(QRectF(0, top + row * high, left - gap, high), side, text)
        for column, token in enumerate(self.looked.read[:columns]):
            painter.save()  # from below: there is no room across
            painter.translate(left + (column + 0.5) * wide + metrics.ascent() / 2 - 1, top - space(0.5))
            painter.rotate(-90)
            painter.drawText(QPointF(0, 0), metrics.elidedText(_shown(token), Qt.TextElideMode.ElideRight, top - gap))
            painter.restore()

    def _head(self) -> float:
        """Height of the tokens above the map."""
        if self.looked is None:
            return 0.0
        metrics = QFontMetricsF(font(BODY))
        return min(max(metrics.horizontalAdvance(_shown(t)) for t in self.looked.read[:MOST]), space(12)) + space(1)

    def _frame(self) -> tuple[float, float, float, float]:
        """Left and top of the cells, their width and height."""
        assert self.looked is not None
        metrics = QFontMetricsF(font(BODY))
        rows, columns = self.size_in_cells
        widest = max(metrics.horizontalAdvance(_shown(token)) for token in self.looked.written[:MOST])
        left, top = min(widest, self.width() * 0.35) + space(1), self._head()
        wide = min((self.width() - left - 2) / columns, space(_WIDEST))
        high = min((self.height() - top - 2) / rows, max(space(_HIGHEST), metrics.height() + 2))
        return left, top, max(wide, 1.0), max(high, 1.0)

    def _described(self) -> str:
        """For each token written where it looked most."""
        if self.looked is None:
            return ""
        best = self.looked.of(self.layer).argmax(1)
        rows, columns = self.size_in_cells
        return "; ".join(self.said(row, int(best[row])) for row in range(rows) if best[row] < columns)

    @Slot()
    def _dress(self) -> None:
        self.updateGeometry()
        self.update()


def _shown(token: str) -> str:
    """A token without the space that begins most of them; one that is nothing else, by its sign."""
    return visible(token.strip() or token)
