"""The small mark on a tab: an empty ring, a turning ring while its job runs, a full dot when there is something to use."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap

from llmstudio.gui.theme import color

_SIDE = 32
STATES = ("empty", "running", "ready")


def state_icon(state: str, turn: float = 0.0) -> QIcon:
    """The mark of a state; `turn` is how far the ring of a running one has turned, 0 to 1."""
    picture = QPixmap(_SIDE, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = QRectF(8, 8, _SIDE - 16, _SIDE - 16)
    if state == "ready":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        painter.drawEllipse(ring)
    else:
        painter.setPen(QPen(color("muted"), 2.5))
        painter.drawEllipse(ring)
    if state == "running":
        painter.setPen(QPen(color("accent"), 5, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, round(-turn * 360 * 16), 100 * 16)
    painter.end()
    result = QIcon()
    # The same picture for every mode: a mark must not fade on a tab that is not in front.
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled, QIcon.Mode.Active, QIcon.Mode.Selected):
        result.addPixmap(picture, mode)
    return result
