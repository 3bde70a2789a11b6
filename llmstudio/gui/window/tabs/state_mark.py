"""The small mark on a tab: empty, a turning ring while its job runs (two bars while it is held), a full dot when ready."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.theme import color, space, theme, wants_motion

STATES = ("empty", "running", "paused", "ready")
_TURN_MS = 200
_ARC = 100  # degrees of the ring that turn


class StateMark(QWidget):
    """One mark. It paints itself, so that a turning ring costs a few pixels and not a new layout of all tabs."""

    def __init__(self, parent: QWidget | None = None, *, blank: bool = False) -> None:
        super().__init__(parent)
        self._blank = blank  # takes a little room before a title that has no state
        self.state = "empty"
        self._turn = 0  # degrees
        self._turns = QTimer(self, interval=_TURN_MS)
        self._turns.timeout.connect(self._advance)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_state(self, state: str) -> None:
        """Look like one of `STATES`."""
        if state != self.state:
            self.state = state
            self._keep_turning()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring or the dot."""
        if self._blank:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = space(1.125)
        ring = QRectF(self.width() - side - space(0.25), (self.height() - side) / 2, side, side)
        if self.state == "ready":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawEllipse(ring)
        else:
            painter.setPen(QPen(color("muted"), space(0.15)))
            painter.drawEllipse(ring)
        if self.state == "running":
            painter.setPen(QPen(color("accent"), space(0.3125), c=Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, -self._turn * 16, _ARC * 16)
        if self.state == "paused":
            painter.setPen(Qt.PenStyle.NoPen)
            for across in (0.32, 0.56):
                bar = QRectF(ring.x() + across * side, ring.y() + 0.28 * side, 0.13 * side, 0.44 * side)
                painter.fillRect(bar, color("accent"))
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Turn only while seen."""
        super().showEvent(event)
        self._keep_turning()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden."""
        super().hideEvent(event)
        self._turns.stop()

    def _keep_turning(self) -> None:
        if self.state == "running" and self.isVisible() and wants_motion():
            self._turns.start()
        else:
            self._turns.stop()

    @Slot()
    def _advance(self) -> None:
        self._turn = (self._turn + 45) % 360
        self.update()

    @Slot()
    def _restyle(self) -> None:
        # The room before the ring keeps it apart from the tab before.
        self.setFixedSize(QSize(space(1 if self._blank else 3), space(2)))
        self.update()
