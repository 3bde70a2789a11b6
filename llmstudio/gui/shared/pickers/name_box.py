"""A list to choose from whose entry is never cut in the part that tells it from the others."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter, QToolTip, QWidget

from llmstudio.gui.look.fitting import name_in
from llmstudio.gui.look.label import paragraph
from llmstudio.gui.look.steady import SteadyList

_EDGE = 2  # pixels beside the words that the style leaves free


class NameBox(SteadyList):
    """Names that begin alike differ at their ends: where room is short one loses its middle, and is told on hover."""

    def __init__(self, parent: QWidget | None = None, **properties: Any) -> None:
        super().__init__(parent, **properties)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)  # its entries have room for nearly all

    def shown(self) -> str:
        """The entry as it is written in the room there is."""
        return self._option().currentText

    def whole(self) -> str:
        """What is told on hover: the whole entry if it is cut, and what is said of it."""
        cut = self.currentText() if self.shown() != self.currentText() else ""
        return paragraph(cut) + self.toolTip()

    def event(self, event: QEvent) -> bool:
        """Tell the whole name where it is cut."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.whole()  # its parts were made plain
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Room for the longest entry: with a style sheet Qt forgets what the arrow takes."""
        hint = super().sizeHint()
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        option = self._option()
        option.rect = QRect(QPoint(0, 0), hint)
        return QSize(hint.width() + max(0, widest + _EDGE - self._field(option)), hint.height())

    def showPopup(self) -> None:
        """Open a list that is wide enough for every entry."""
        view = self.view()
        frame, bar = view.contentsMargins(), view.verticalScrollBar().sizeHint().width()
        wished = view.sizeHintForColumn(0) + frame.left() + frame.right() + bar
        view.setMinimumWidth(min(wished, self.screen().size().width() // 2))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any other box, but for the words."""
        painter = QStylePainter(self)
        option = self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self.currentIndex() < 0:
            option.currentText = self.placeholderText()
        room = self._field(option) - _EDGE
        others = [self.itemText(place) for place in range(self.count()) if place != self.currentIndex()]
        option.currentText = name_in(option.currentText, others, option.fontMetrics, room)
        return option

    def _field(self, option: QStyleOptionComboBox) -> int:
        """Pixels that a box of this size leaves for its words."""
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(control, option, field, self).width()
