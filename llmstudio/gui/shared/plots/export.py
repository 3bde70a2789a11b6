"""A plot as the bytes of a picture: PNG for slides, SVG for print. Where they are written is not decided here.

A picture leaves the window that explained it, so it carries its own words: what is drawn, of which runs, and the names of
both axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from llmstudio.gui.look.theme import BODY, TITLE, color, font, space

_METRES = 0.0254  # an inch


@dataclass(frozen=True)
class Caption:
    """What a picture says of itself.

    Attributes:
        title: What is drawn.
        runs: Of which runs, and what came out.
        across: What the axis at the bottom counts.
        up: What the axis at the left counts, with its unit.
    """

    title: str
    runs: str = ""
    across: str = ""
    up: str = ""


def to_png(plot: pg.PlotWidget, caption: Caption, *, scale: float = 2.0) -> bytes:
    """The plot as it stands under its caption, drawn anew with `scale` times as many pixels as on the screen."""
    size = _Frame(plot, caption).size
    image = QImage((size * scale).toSize(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    # Letters are measured in points: without the screen's own measure, axes and curves would be of two sizes.
    image.setDotsPerMeterX(round(plot.logicalDpiX() / _METRES))
    image.setDotsPerMeterY(round(plot.logicalDpiY() / _METRES))
    painter = QPainter(image)
    _render(plot, caption, painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def to_svg(plot: pg.PlotWidget, caption: Caption) -> bytes:
    """The plot as it stands under its caption, as a drawing."""
    from PySide6.QtSvg import QSvgGenerator  # needed only here

    buffer, size = QBuffer(), _Frame(plot, caption).size
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(plot.logicalDpiX())  # its own would be 72: see above
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(caption.title)
    generator.setDescription(caption.runs)
    painter = QPainter(generator)
    _render(plot, caption, painter)
    painter.end()
    data: QByteArray = buffer.data()
    return bytes(data.data())


class _Frame:
    """Where the caption's words and the plot have their places."""

    def __init__(self, plot: pg.PlotWidget, caption: Caption) -> None:
        self.title_font, self.text_font = font(TITLE, bold=True), font(BODY)
        line = QFontMetricsF(self.text_font, plot).height()
        gap = float(space())
        width, height = float(plot.width()), float(plot.height())
        title = QFontMetricsF(self.title_font, plot).height()
        runs = QFontMetricsF(self.text_font, plot).boundingRect(
            QRectF(0, 0, width, 10_000), Qt.TextFlag.TextWordWrap, caption.runs
        )
        self.title = QRectF(gap, gap, width, title)
        self.runs = QRectF(gap, self.title.bottom(), width, runs.height() if caption.runs else 0.0)
        left = line + gap if caption.up else gap
        self.plot = QRectF(left, self.runs.bottom() + gap, width, height)
        self.up = QRectF(gap / 2, self.plot.top(), line, height)
        self.across = QRectF(left, self.plot.bottom(), width, line if caption.across else 0.0)
        self.size = QSizeF(
            left + width + 3 * gap, self.across.bottom() + gap
        )  # whoever opens a drawing may have wider letters


def _render(plot: pg.PlotWidget, caption: Caption, painter: QPainter) -> None:
    frame = _Frame(plot, caption)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, frame.size.width(), frame.size.height()), color("page"))
    plot.plotItem.layout.activate()  # a label that has just grown has its place only now
    drawn = [item for item in plot.scene().items() if isinstance(item, pg.ScatterPlotItem)]
    try:
        for item in drawn:  # on the screen their points are copies of one small picture, of which a drawing keeps the seams
            item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
        plot.scene().render(painter, frame.plot, plot.sceneRect())
    finally:
        for item in drawn:
            item.setExportMode(False)
    painter.setPen(color("text"))
    painter.setFont(frame.title_font)
    painter.drawText(frame.title, Qt.AlignmentFlag.AlignLeft, caption.title)
    painter.setFont(frame.text_font)
    painter.setPen(color("muted"))
    painter.drawText(frame.runs, Qt.TextFlag.TextWordWrap, caption.runs)
    painter.drawText(frame.across, Qt.AlignmentFlag.AlignHCenter, caption.across)
    painter.save()
    painter.translate(frame.up.center())
    painter.rotate(-90)
    turned = QRectF(-frame.up.height() / 2, -frame.up.width() / 2, frame.up.height(), frame.up.width())
    painter.drawText(turned, Qt.AlignmentFlag.AlignCenter, caption.up)
    painter.restore()
