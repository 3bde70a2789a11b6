"""One matrix: where its zeros are, as a picture, and how many its rows have, as a histogram."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from llmstudio.core.sparsity.picture import MatrixPicture
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme


class MatrixImage(QWidget):
    """Inputs from left to right, outputs from top to bottom; the emptier a place, the more zeros."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: MatrixPicture | None = None
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Zeros of the matrix"))
        theme.changed.connect(self._draw)

    def set_picture(self, picture: MatrixPicture | None) -> None:
        """Show this one; None clears it."""
        self._picture = picture
        self.setAccessibleDescription("" if picture is None else size_text(picture))
        self._draw()

    @property
    def image(self) -> QImage:
        """A pixel for each cell."""
        return self._image

    def sizeHint(self) -> QSize:
        """Room for a wide one."""
        return QSize(space(24), space(14))

    def minimumSizeHint(self) -> QSize:
        """What is needed to see rows and columns."""
        return QSize(space(12), space(12))

    @Slot()
    def _draw(self) -> None:
        self._image = QImage()
        if self._picture is not None:
            left = (1 - np.clip(self._picture.cells, 0, 1))[:, :, None]
            paper, ink = (np.array(QColor(color(name)).getRgb()[:3], np.float32) for name in ("page", "text"))
            shades = np.ascontiguousarray(np.round(paper + left * (ink - paper)).astype(np.uint8))
            height, width = shades.shape[:2]
            self._image = QImage(shades.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it as large as there is room: a map of places, not a shape."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        place = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        sides = ((self.width(), self._image.width()), (self.height(), self._image.height()))
        is_smaller = any(room * self.devicePixelRatioF() < cells for room, cells in sides)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smaller)
        painter.drawImage(place, self._image)
        painter.setPen(color("line"))
        painter.drawRect(place)


class RowHistogram(QWidget):
    """How many rows have how many zeros."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Rows by their share of zeros"))
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def set_picture(self, picture: MatrixPicture | None) -> None:
        """Count the rows of this one; None clears it."""
        self._counts = [] if picture is None else [int(count) for count in picture.rows_by_share]
        told = (self.describe(at) for at, count in enumerate(self._counts) if count)
        self.setAccessibleDescription("; ".join(told))
        self.update()

    @property
    def counts(self) -> list[int]:
        """Rows in each part of the way from no zeros to all."""
        return list(self._counts)

    def describe(self, at: int) -> str:
        """What is said of a bar."""
        share = 100 / len(self._counts)
        text = self.tr("{n|row has|rows have} {low:.0f} to {high:.0f} % zeros")
        return plural(text, n=f"{self._counts[at]:,}").format(low=share * at, high=share * (at + 1))

    def sizeHint(self) -> QSize:
        """Room for its bars."""
        return QSize(space(20), space(14))

    def minimumSizeHint(self) -> QSize:
        """What is needed to tell bars apart."""
        return QSize(space(12), space(12))

    def _place(self, at: int) -> QRectF:
        below = self.fontMetrics().height() * 1.4
        wide, tall = self.width() / len(self._counts), self.height() - below
        height = tall * self._counts[at] / max(1, *self._counts)
        return QRectF(at * wide, tall - height, wide - (2 if wide > 6 else 0), height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bars on a line, and what the line counts."""
        if not self._counts:
            return
        painter = QPainter(self)
        painter.setFont(font(BODY - 1))
        for at in range(len(self._counts)):
            painter.fillRect(self._place(at), series_color(0))
        floor = self._place(0).bottom()
        painter.setPen(color("line"))
        painter.drawLine(0, round(floor), self.width(), round(floor))
        painter.setPen(color("muted"))
        room = QRectF(0, floor, self.width(), self.height() - floor)
        below = Qt.AlignmentFlag.AlignBottom
        for side, text in (
            (Qt.AlignmentFlag.AlignLeft, self.tr("no zeros")),
            (Qt.AlignmentFlag.AlignHCenter, self.tr("half")),
            (Qt.AlignmentFlag.AlignRight, self.tr("all zeros")),
        ):
            painter.drawText(room, side | below, text)

    def event(self, event: QEvent) -> bool:
        """Tell what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._counts:
            at = min(len(self._counts) - 1, max(0, int(event.pos().x() * len(self._counts) / max(1, self.width()))))
            QToolTip.showText(event.globalPos(), plain(self.describe(at)), self)
            return True
        return super().event(event)


def size_text(picture: MatrixPicture) -> str:
    """How large a matrix is, how much of it is zero, and what of it is dead."""
    text = _tr("{rows} outputs from {width} inputs, {share} zero").format(
        rows=f"{picture.rows:,}", width=f"{picture.width:,}", share=share_text(picture.share)
    )
    dead = []
    if picture.empty_rows:
        dead.append(plural(_tr("{n|output is|outputs are} always zero"), n=f"{picture.empty_rows:,}"))
    if picture.empty_columns:
        dead.append(plural(_tr("{n|input is|inputs are} not heard"), n=f"{picture.empty_columns:,}"))
    return "; ".join([text, *dead])


def _tr(text: str) -> str:
    return QCoreApplication.translate("matrix_zeros", text)
