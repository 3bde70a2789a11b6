"""Every unit of a model as a small bar, a row a place: as high as it matters, grey where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme

_LISTED = 16  # so many units are named one by one
_LEAST = 0.12  # of a row's height: what matters least is seen, too


@dataclass(frozen=True)
class Row:
    """The units of one place.

    Attributes:
        group: What kind they are.
        name: Where they are.
        count: How many there are.
        kept: Which stay; None while it is known only how many.
        num_kept: How many stay.
        scores: How much each matters; none while that is not known.
        in_order: Whether a unit stands at its own place; else the highest stand first.
    """

    group: str
    name: str
    count: int
    num_kept: int
    kept: frozenset[int] | None = None
    scores: tuple[float, ...] = ()
    in_order: bool = True


class UnitsPicture(QWidget):
    """Rows under each other; what one holds is told on hover."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Units that stay and go"))
        theme.changed.connect(self._restyle)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these, in their order."""
        self._rows = list(rows)
        self.setAccessibleDescription("; ".join(map(self.describe, self._rows)))
        self.updateGeometry()
        self.update()

    @property
    def rows(self) -> list[Row]:
        """What is shown."""
        return list(self._rows)

    def describe(self, row: Row) -> str:
        """What is said of a row on hover."""
        said = self.tr("{group}, {name}: {left} of {count} stay") if row.name else self.tr("{group}: {left} of {count} stay")
        text = said.format(group=row.group, name=row.name, left=f"{row.num_kept:,}", count=f"{row.count:,}")
        if row.kept is not None and row.count <= _LISTED and len(row.kept) < row.count:
            gone = ", ".join(str(unit + 1) for unit in range(row.count) if unit not in row.kept)
            text = self.tr("{told}; these go: {gone}").format(told=text, gone=gone)
        return text

    def sizeHint(self) -> QSize:
        """Room to tell rows apart."""
        return QSize(space(40), max(space(12), round(len(self._rows) * space(2.5))))

    def minimumSizeHint(self) -> QSize:
        """What is needed to see that there are rows."""
        return QSize(space(20), max(space(8), min(space(24), len(self._rows) * space(1.25))))

    def _left(self) -> float:
        texts = [f"{row.group} {row.name}".strip() for row in self._rows]
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        return min(float(widest + space(1.5)), 0.4 * self.width())

    def places(self) -> list[QRectF]:
        """Where each row stands."""
        if not self._rows:
            return []
        left, gap = self._left(), 2.0
        height = min(float(space(4)), (self.height() - gap * len(self._rows)) / len(self._rows))
        return [QRectF(left, at * (height + gap), self.width() - left, height) for at in range(len(self._rows))]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        painter = QPainter(self)
        painter.setFont(font(BODY - 1))
        line = painter.fontMetrics().height()
        said_at = -float(line)
        for row, place in zip(self._rows, self.places(), strict=True):
            if place.top() >= said_at + line:  # where rows are lower than a line, some go without a name
                painter.setPen(color("muted"))
                said_at = place.top()
                text = f"{row.group} {row.name}".strip()
                room = QRectF(0, place.center().y() - line / 2, place.left() - space(), line)
                text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            self._paint_row(painter, row, place)

    def _paint_row(self, painter: QPainter, row: Row, place: QRectF) -> None:
        order = list(range(row.count))
        if row.scores and not row.in_order:
            order.sort(key=lambda unit: (row.kept is not None and unit not in row.kept, -row.scores[unit]))
        kept = row.kept if row.kept is not None else frozenset(order[: row.num_kept])
        most = max(row.scores, default=0.0)
        num = min(row.count, max(1, int(place.width() / 2)))  # more than that no screen shows: every so many-th is drawn
        width = min(place.width() / num, float(space(6)))
        painter.setPen(Qt.PenStyle.NoPen)
        for at in range(num):
            unit = order[at * row.count // num]
            share = (row.scores[unit] / most) ** 0.5 if row.scores and most > 0 else 1.0
            height = place.height() * (_LEAST + (1 - _LEAST) * share)
            painter.setBrush(series_color(0) if unit in kept else color("line"))
            gap = 2.0 if width > 8 else 1.0 if width > 3 else -0.5  # thin ones overlap, or the page would shine through
            painter.drawRect(QRectF(place.left() + at * width, place.bottom() - height, width - gap, height))

    def event(self, event: QEvent) -> bool:
        """Tell what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for row, place in zip(self._rows, self.places(), strict=True):
                if place.top() <= event.pos().y() <= place.bottom():
                    QToolTip.showText(event.globalPos(), plain(self.describe(row)), self)
                    return True
        return super().event(event)

    @Slot()
    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
