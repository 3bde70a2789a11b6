"""Room for a text that changes many times a second.

Every new text of a `QLabel` asks the whole window for a new layout, which then paints itself anew: 30 ms of work for two
digits. A label of fixed size asks nobody, so its holder takes the room once and the text changes within it. What does not
fit is said in fewer words, or ends in "…" where there are none, and stands whole in its tooltip: no text may push the window
wider.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from llmstudio.gui.look.label import Label, plain

_LEAST = 6  # characters that stay in sight however narrow it becomes


class Still(QWidget):
    """Holds one label in a room of its own."""

    def __init__(self, label: Label, *, grows: bool = False, parent: QWidget | None = None) -> None:
        """`grows`: the room is as wide as the widest text so far, if it can be; else it is what the layout has left."""
        super().__init__(parent)
        self._label, self._grows, self._width, self._text = label, grows, 0, label.text()
        self._shorter: tuple[str, ...] = ()
        label.setParent(self)
        across = QSizePolicy.Policy.Maximum if grows else QSizePolicy.Policy.Ignored
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What is said, whether or not all of it fits."""
        return self._text

    def shown(self) -> str:
        """What of it stands there."""
        return self._label.text()

    def setText(self, text: str, *shorter: str) -> None:  # Qt's spelling
        """Say something else, in the `shorter` words where there is little room; nothing at all gives the room back."""
        self._text, self._shorter = text, shorter
        self._fit()
        need = self._need(text) if text else 0
        if self._grows and (need > self._width or not need):
            self._width = need
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The widest text so far, one line high."""
        return QSize(self._width, self._label.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The fewest words, or a few characters: the rest gives way to whoever needs the room."""
        least = self._label.fontMetrics().averageCharWidth() * _LEAST
        if self._shorter:
            least = self._need(self._shorter[-1])
        return QSize(min(self._width, least), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The label fills the room."""
        super().resizeEvent(event)
        self._label.setFixedSize(self.size())
        self._fit()

    def _fit(self) -> None:
        if not self._grows:
            self._label.setText(self._text)
            return
        metrics, room = self._label.fontMetrics(), self.width()
        fits = next((words for words in (self._text, *self._shorter) if metrics.horizontalAdvance(words) <= room), None)
        if fits is None:
            fits = metrics.elidedText((self._text, *self._shorter)[-1], Qt.TextElideMode.ElideRight, room)
        self._label.setText(fits)
        self._label.setToolTip(plain(self._text) if fits != self._text else "")

    def _need(self, words: str) -> int:
        return self._label.fontMetrics().horizontalAdvance(words) + 2

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs another room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.setText(self.text(), *self._shorter)
            self.updateGeometry()
