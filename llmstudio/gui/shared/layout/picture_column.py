"""The right side of a tab: messages, the picture, and why; where room is short the picture is the last to give way.

The explanation folds by itself where it would press the picture below its least height, and unfolds where there is room
again. What still does not fit scrolls: the page is never lower than its parts, whose lines wrap with the width.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QAbstractScrollArea, QVBoxLayout, QWidget

from llmstudio.gui.shared.layout.why import Why

_SHARE = 0.65  # of the height, which the picture keeps beside an open explanation


class PictureColumn(QWidget):
    """Messages above, the picture, and why below it."""

    def __init__(self, messages: QWidget, centre: QWidget, why: QWidget | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._centre, self._why = centre, why if isinstance(why, Why) else None
        self.column = QVBoxLayout(self)
        self._parts = [part for part in (messages, centre, why) if part is not None]
        for part in self._parts:
            self.column.addWidget(part, 1 if part is centre else 0)

    def least_width(self) -> int:
        """How wide it must be for nothing of the picture to be cut."""
        margins = self.column.contentsMargins()
        least = max(self._centre.minimumSizeHint().width(), self._centre.minimumWidth())
        return margins.left() + least + margins.right()

    def minimumSizeHint(self) -> QSize:
        """As high as the parts need to be at this width: Qt's own answer takes every text that wraps for a single line."""
        return QSize(super().minimumSizeHint().width(), self._height_needed())

    def event(self, event: QEvent) -> bool:
        """Whatever changes the room, or what the parts need, may fold the explanation or bring it back."""
        answer = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show):
            if self._why is not None:
                self._why.give_way(self._height_needed(with_why_open=True) > self._height_there())
            self.updateGeometry()
        return answer

    def _height_needed(self, *, with_why_open: bool = False) -> int:
        margins, heights = self.column.contentsMargins(), list[int]()
        width = self.width() - margins.left() - margins.right()
        share = round(_SHARE * self._height_there()) if with_why_open else 0
        for part in self._parts:
            if part is self._why and with_why_open and not part.isHidden():
                heights.append(self._why.height_open(width))
            elif not part.isHidden():
                wrapped = part.heightForWidth(width) if part is not self._centre else 0  # a picture would say what it likes
                least = max(part.minimumSizeHint().height(), part.minimumHeight(), wrapped)
                heights.append(max(least, share) if part is self._centre else least)
        gaps = max(len(heights) - 1, 0) * self.column.spacing()
        return margins.top() + sum(heights) + gaps + margins.bottom()

    def _height_there(self) -> int:
        """The height of what the page scrolls in, which does not grow with the page."""
        return (room_of(self) or self).height()


def room_of(page: QWidget) -> QWidget | None:
    """What a page scrolls in; None if it stands alone."""
    above: QWidget | None = page.parentWidget()
    while above is not None and not isinstance(above, QAbstractScrollArea):
        above = above.parentWidget()
    return above.viewport() if above is not None else None
