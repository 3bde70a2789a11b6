"""A layout that sets its widgets side by side, and goes on in the next row where there is no more room."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class Flow(QLayout):
    """Rows of widgets, each as large as it likes to be; its height follows from its width."""

    # The class has it too: of a window that is thrown away Python empties the object first, and Qt asks its height again.
    _items: tuple[QLayoutItem, ...] = ()

    def addItem(self, item: QLayoutItem) -> None:  # noqa: D102
        self._items = (*self._items, item)
        self.invalidate()

    def count(self) -> int:  # noqa: D102
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # noqa: D102
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # noqa: D102
        if not 0 <= index < len(self._items):
            return None
        self.invalidate()
        taken = self._items[index]
        self._items = (*self._items[:index], *self._items[index + 1 :])
        return taken

    def expandingDirections(self) -> Qt.Orientation:  # noqa: D102
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: D102
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102
        return self._lay_out(QRect(0, 0, width, 0), is_for_real=False)

    def sizeHint(self) -> QSize:  # noqa: D102
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: D102
        smallest = QSize()
        for item in (item for item in self._items if not item.isEmpty()):
            smallest = smallest.expandedTo(item.minimumSize())
        return smallest

    def width_of_one_row(self) -> int:
        """Pixels that all of them need side by side."""
        widths = [item.sizeHint().width() for item in self._items if not item.isEmpty()]
        return sum(widths) + max(0, self.spacing()) * max(0, len(widths) - 1)

    def setGeometry(self, rect: QRect) -> None:  # noqa: D102
        super().setGeometry(rect)
        self._lay_out(rect, is_for_real=True)

    def _lay_out(self, rect: QRect, *, is_for_real: bool) -> int:
        """Set the widgets in rows as wide as `rect`, or only reckon. Returns the height they take."""
        left, top, row_height, gap = rect.x(), rect.y(), 0, max(0, self.spacing())
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if left > rect.x() and left + size.width() > rect.x() + rect.width():
                left, top, row_height = rect.x(), top + row_height + gap, 0
            if is_for_real:
                item.setGeometry(QRect(QPoint(left, top), size.boundedTo(QSize(max(1, rect.width()), size.height()))))
            left += size.width() + gap
            row_height = max(row_height, size.height())
        return top + row_height - rect.y()


class FlowBox(QWidget):
    """Widgets in one row where there is room, else in as many as they need; beside others in a row it takes what it likes.

    Its height follows from the width that it has got, so that nothing around it has to ask for a height that goes with a
    width: Qt then gives pictures the height that they would like, not the one that there is.

    Attributes:
        row: The layout of the widgets.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = Flow(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, widget: QWidget) -> None:
        """One more at the end."""
        self.row.addWidget(widget)

    def hasHeightForWidth(self) -> bool:  # noqa: D102
        return False

    def sizeHint(self) -> QSize:
        """All in one row, as high as they stand now."""
        return QSize(self.row.width_of_one_row(), self.row.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest, as high as they stand now."""
        return QSize(self.row.minimumSize().width(), self.row.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        if self.sizeHint().height() != self.height():
            self.updateGeometry()
