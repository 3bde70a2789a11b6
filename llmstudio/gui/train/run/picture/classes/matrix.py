"""Which class is taken for which: true ones down, predicted ones across; a cell can be pressed, or reached by arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from llmstudio.app.classes.confusion import Cell, Confusion
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme

MOST = 20
"""Classes that are drawn: of more, those with the most mistakes."""
_WIDEST, _NARROWEST = 9.0, 5.0  # of a cell, in steps of spacing; the second where a name could have less room
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class Matrix(QWidget):
    """The table as a picture: a cell is the darker, the larger its share of the texts of its true class.

    Attributes:
        confusion: What is shown; None for nothing.
        chosen: The cell whose texts are in sight, by the numbers of its classes; None for none.
        order: Numbers of the classes that are drawn, in order.

    Signals:
        pressed: `chosen` is another one.
    """

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.confusion: Confusion | None = None
        self.chosen: Cell | None = None
        self.order: list[int] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("True classes down, predicted classes across"))
        theme.changed.connect(self._dress)

    def show_confusion(self, confusion: Confusion | None) -> None:
        """Show another table; the chosen cell stays, if it is of the same classes."""
        is_same = confusion is not None and self.confusion is not None and confusion.names == self.confusion.names
        self.confusion = confusion
        self.chosen = self.chosen if is_same else None
        self.order = _drawn(confusion) if confusion is not None else []
        self.setAccessibleDescription(self._described())
        self.update()
        if not is_same:
            self.pressed.emit()

    def choose(self, cell: Cell) -> None:
        """Bring the texts of a cell into sight."""
        self.chosen = cell
        self.update()
        self.pressed.emit()

    def said(self, cell: Cell) -> str:
        """What a cell counts."""
        assert self.confusion is not None
        count, names = int(self.confusion.matrix[cell]), self.confusion.names
        if cell[0] == cell[1]:
            return plural(self.tr("{n|text|texts} of {name}, classified correctly"), n=count, name=names[cell[0]])
        said = self.tr("{n|text|texts} of {true}, predicted as {told}")
        return plural(said, n=count, true=names[cell[0]], told=names[cell[1]])

    def place_of(self, cell: Cell) -> QRectF:
        """Where a cell is drawn."""
        left, top, wide, high = self._frame()
        row, column = self.order.index(cell[0]), self.order.index(cell[1])
        return QRectF(left + column * wide, top + row * high, wide, high)

    def cell_at(self, place: QPointF) -> Cell | None:
        """The cell at a place; None beside the table."""
        if not self.order:
            return None
        left, top, wide, high = self._frame()
        row, column = int((place.y() - top) // high), int((place.x() - left) // wide)
        count = len(self.order)
        return (self.order[row], self.order[column]) if 0 <= row < count and 0 <= column < count else None

    def sizeHint(self) -> QSize:
        """Room for some classes."""
        return QSize(space(40), space(30))

    def minimumSizeHint(self) -> QSize:
        """What is still legible."""
        return QSize(space(24), space(18))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell that is pressed."""
        if event.button() == Qt.MouseButton.LeftButton and (cell := self.cell_at(event.position())) is not None:
            self.choose(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the cell counts that is pointed at."""
        cell = self.cell_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), plain(self.said(cell)) if cell is not None else "", self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from cell to cell."""
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None or not self.order:
            super().keyPressEvent(event)
            return
        row, column = (self.order.index(each) for each in self.chosen or (self.order[0], self.order[0]))
        step = (0, 0) if self.chosen is None else move
        last = len(self.order) - 1
        self.choose((self.order[min(last, max(0, row + step[0]))], self.order[min(last, max(0, column + step[1]))]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw names and cells."""
        if self.confusion is None or not self.order:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        for row in self.order:
            for column in self.order:
                self._paint_cell(painter, (row, column))
        if self.chosen is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("text"), 2))
            painter.drawRect(self.place_of(self.chosen))

    def _paint_names(self, painter: QPainter) -> None:
        assert self.confusion is not None
        left, top, wide, high = self._frame()
        metrics = QFontMetricsF(font(BODY))
        line, gap = metrics.height(), space(0.75)
        painter.setFont(font(BODY))
        painter.setPen(color("muted"))
        corner = QRectF(0, 0, left - gap, line)
        said = metrics.elidedText(self.tr("true ↓  predicted →"), Qt.TextElideMode.ElideRight, left - gap)
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight, said)
        painter.setPen(color("text"))
        names = [self.confusion.names[number] for number in self.order]
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for place, name in enumerate(names):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - gap)
            painter.drawText(QRectF(0, top + place * high, left - gap, high), side, text)
        for place, name in enumerate(names):
            box = QRectF(left + place * wide, 0, wide, top - space(0.5))
            if not self._is_upright():
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, wide - gap)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, text)
                continue
            painter.save()  # from below, where there is no room across
            painter.translate(box.center().x() + metrics.ascent() / 2, box.bottom())
            painter.rotate(-90)
            painter.drawText(QPointF(0, 0), metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.height()))
            painter.restore()

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        assert self.confusion is not None
        count, total = int(self.confusion.matrix[cell]), int(self.confusion.matrix[cell[0]].sum())
        share = count / total if total else 0.0
        ink = series_color(0 if cell[0] == cell[1] else 1)
        place = self.place_of(cell).adjusted(1, 1, -1, -1)
        ground = _mixed(color("page"), ink, 0.06 + 0.84 * share if count else 0.04)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 3, 3)
        text = f"{count:,}"
        metrics = QFontMetricsF(font(BODY, tabular=True))
        if metrics.horizontalAdvance(text) > place.width() or metrics.height() > place.height() + 4:
            return
        painter.setFont(font(BODY, tabular=True, bold=count > 0))
        dark = ground.lightnessF() < 0.55
        painter.setPen(QColor("white" if dark else "black") if count else color("muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _frame(self) -> tuple[float, float, float, float]:
        """Left and top of the cells, their width and height."""
        assert self.confusion is not None
        metrics = QFontMetricsF(font(BODY))
        widest = max(metrics.horizontalAdvance(self.confusion.names[number]) for number in self.order)
        corner = metrics.horizontalAdvance(self.tr("true ↓  predicted →"))
        count = len(self.order)
        least = min(corner, self.width() - count * space(_NARROWEST))  # words that a few classes leave room for
        left = max(min(max(widest, corner), self.width() * 0.35), least) + space(1)
        wide = min((self.width() - left - 2) / count, space(_WIDEST))
        top = metrics.height() + space(0.5)
        if widest > wide - space(0.75):
            top = min(max(widest, metrics.height()), self.height() * 0.3) + space(0.75)
        high = min((self.height() - top - 2) / count, space(_WIDEST) * 0.6)
        return left, top, max(wide, 1.0), max(high, 1.0)

    def _is_upright(self) -> bool:
        return self._frame()[1] > QFontMetricsF(font(BODY)).height() + space(0.6)

    def _described(self) -> str:
        if self.confusion is None:
            return ""
        cells = [(row, column) for row in self.order for column in self.order if self.confusion.matrix[row, column]]
        return "; ".join(map(self.said, cells))

    @Slot()
    def _dress(self) -> None:
        self.updateGeometry()
        self.update()


def _drawn(confusion: Confusion) -> list[int]:
    """Numbers of the classes to draw, in their own order."""
    count = len(confusion.names)
    if count <= MOST:
        return list(range(count))
    right = confusion.matrix.diagonal()
    wrong = confusion.matrix.sum(0) + confusion.matrix.sum(1) - 2 * right
    return sorted(int(number) for number in (-wrong).argsort(kind="stable")[:MOST])


def _mixed(ground: QColor, ink: QColor, share: float) -> QColor:
    parts = [round(a + (b - a) * share) for a, b in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)]  # type: ignore[index]
    return QColor(*parts)
