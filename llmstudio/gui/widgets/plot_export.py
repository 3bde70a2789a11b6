"""A plot as the bytes of a picture: PNG for slides, SVG for print. Where they are written is not decided here."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from llmstudio.gui.theme import color


def to_png(plot: pg.PlotWidget, *, scale: float = 2.0) -> bytes:
    """The plot as it stands, drawn anew with `scale` times as many pixels as on the screen."""
    image = QImage(plot.size() * scale, QImage.Format.Format_RGB32)
    image.fill(color("page"))
    painter = QPainter(image)
    _render(plot, painter, QRectF(image.rect()))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def to_svg(plot: pg.PlotWidget) -> bytes:
    """The plot as it stands, as a drawing."""
    from PySide6.QtSvg import QSvgGenerator  # needed only here

    buffer = QBuffer()
    area = QRectF(plot.rect())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(plot.width(), plot.height()))
    generator.setViewBox(area)
    generator.setTitle(plot.accessibleName())
    painter = QPainter(generator)
    painter.fillRect(area, color("page"))
    _render(plot, painter, area)
    painter.end()
    data: QByteArray = buffer.data()
    return bytes(data.data())


def _render(plot: pg.PlotWidget, painter: QPainter, target: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plot.plotItem.layout.activate()  # a label that has just grown has its place only now
    plot.scene().render(painter, target, plot.sceneRect())
