"""Room in which a page that is too high scrolls, and which is never narrower than the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class ScrollDown(QScrollArea):
    """Scrolls a page up and down only: what the page needs across is asked of whoever holds this.

    The page is as high as the room, or else as its own least height: Qt would give it the height that it would like.

    Args:
        page: What scrolls.
        wraps: Its least height is that of its layout at the width there is, with every text whole; else its own answer.
    """

    def __init__(self, page: QWidget, *, wraps: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wraps = wraps
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(page)
        page.setAutoFillBackground(False)

    def event(self, event: QEvent) -> bool:
        """What the page needs has changed, so that this needs something else, too."""
        answer = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
            self.updateGeometry()
        return answer

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page fills the room."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As wide as the page needs to be, with the bar beside it where there is one."""
        bar = self.verticalScrollBar()
        beside = bar.sizeHint().width() if bar.maximum() else 0
        return QSize(self.widget().minimumSizeHint().width() + beside, super().minimumSizeHint().height())

    def _fit(self) -> None:
        page, room = self.widget(), self.viewport().size()
        page.resize(room.width(), page.height())  # its least height depends on its width
        least = page.layout().totalMinimumHeightForWidth(room.width()) if self._wraps else page.minimumSizeHint().height()
        page.resize(room.width(), max(room.height(), least))
