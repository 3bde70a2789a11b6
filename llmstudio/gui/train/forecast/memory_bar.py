"""Memory by kind as one bar: as it was predicted, and below it as it was measured."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, space, theme
from llmstudio.gui.train.run.picture.memory_plot import KINDS, kind_label, kind_pen

Sizes = Mapping[str, int]


class MemoryBar(QWidget):
    """Up to two bars on one scale and a legend with the sizes.

    A bar has one piece a kind of `memory_plot.KINDS`. The budget is marked when it is in reach of the bars.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.predicted: Sizes = {}
        self.measured: Sizes = {}
        self.budget = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._again)

    def set_sizes(self, predicted: Sizes, measured: Sizes | None = None, *, budget: int = 0) -> None:
        """Bytes by kind as predicted and, if there are any, as measured; the budget in bytes, 0 for none."""
        self.predicted = {kind: predicted[kind] for kind in KINDS if predicted.get(kind)}
        self.measured = {kind: (measured or {})[kind] for kind in KINDS if (measured or {}).get(kind)}
        self.budget = budget
        self.setAccessibleName(self.describe())
        self.setToolTip(plain(self.describe()))
        self._again()

    def describe(self) -> str:
        """What the bars show, in words."""
        lines = [self.tr("Predicted: {kinds}").format(kinds=_listed(self.predicted))]
        if self.measured:
            lines.append(self.tr("Measured: {kinds}").format(kinds=_listed(self.measured)))
        lines.append(self.tr("This is what the run takes beyond what the program held before."))
        if self.budget:
            lines.append(self.tr("This computer has {size}.").format(size=bytes_text(self.budget)))
        return "\n".join(lines)

    def sizeHint(self) -> QSize:  # noqa: D102
        rows = len(self._bars()) + len(self._legend_lines(self.width() or 240))
        return QSize(space(25), round(rows * self._row_height()) + space(0.5))

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(space(12), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        height, y = self._row_height(), 0.0
        scale = self._scale()
        for name, sizes in self._bars():
            self._paint_bar(painter, y, name, sizes, scale)
            y += height
        self._paint_legend(painter, y)

    def _bars(self) -> list[tuple[str, Sizes]]:
        bars = [(self.tr("predicted"), self.predicted)] if self.predicted else []
        return bars + ([(self.tr("measured"), self.measured)] if self.measured else [])

    def _scale(self) -> float:
        """Bytes that the whole width stands for."""
        most = max((sum(sizes.values()) for _, sizes in self._bars()), default=1) or 1
        return float(self.budget if most < self.budget < 2 * most else most)

    def _name_width(self) -> float:
        metrics = QFontMetricsF(self._font())
        return max((metrics.horizontalAdvance(name) for name, _ in self._bars()), default=0.0) + space()

    def _paint_bar(self, painter: QPainter, y: float, name: str, sizes: Sizes, scale: float) -> None:
        height, left = self._row_height(), self._name_width()
        total = bytes_text(sum(sizes.values()))
        right = QFontMetricsF(self._font()).horizontalAdvance("8,888 MB") + space()
        room = max(self.width() - left - right, 1.0)
        painter.setPen(color("muted"))
        painter.drawText(QRectF(0, y, left, height), Qt.AlignmentFlag.AlignVCenter, name)
        x, thick = left, height * 0.55
        painter.setPen(Qt.PenStyle.NoPen)
        for kind, size in sizes.items():
            width = room * size / scale
            painter.setBrush(kind_pen(kind).color())
            painter.drawRect(QRectF(x, y + (height - thick) / 2, max(width - 1, 0.5), thick))
            x += width
        if scale == self.budget:
            painter.setPen(QPen(color("error"), 2))
            painter.drawLine(QPointF(left + room, y + 2), QPointF(left + room, y + height - 2))
        painter.setPen(color("text"))
        painter.drawText(QRectF(x + space(0.5), y, self.width() - x, height), Qt.AlignmentFlag.AlignVCenter, total)

    def _legend_lines(self, width: float) -> list[list[tuple[str, str, float]]]:
        """Rows of (kind, text, x) that fit into `width`."""
        metrics = QFontMetricsF(self._font())
        lines: list[list[tuple[str, str, float]]] = [[]]
        x = 0.0
        sizes = self.measured or self.predicted
        for kind, size in sizes.items():
            text = f"{kind_label(kind)} {bytes_text(size)}"
            need = metrics.horizontalAdvance(text) + space(3)
            if x and x + need > width:
                lines.append([])
                x = 0.0
            lines[-1].append((kind, text, x))
            x += need
        return lines if lines[0] else []

    def _paint_legend(self, painter: QPainter, y: float) -> None:
        height = self._row_height()
        for line in self._legend_lines(self.width()):
            for kind, text, x in line:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(kind_pen(kind).color())
                painter.drawRect(QRectF(x, y + height / 2 - 4, 8, 8))
                painter.setPen(color("muted"))
                painter.drawText(QRectF(x + space(1.5), y, self.width() - x, height), Qt.AlignmentFlag.AlignVCenter, text)
            y += height

    def _row_height(self) -> float:
        return QFontMetricsF(self._font()).height() * 1.25

    def _font(self) -> object:
        return font(BODY - 1, tabular=True)

    def _again(self) -> None:
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: object) -> None:  # noqa: D102
        self.updateGeometry()  # the legend may need another line


def _listed(sizes: Sizes) -> str:
    return ", ".join(f"{kind_label(kind)} {bytes_text(size)}" for kind, size in sizes.items())
