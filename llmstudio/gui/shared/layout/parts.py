"""Parts of a page one below the other, with handles between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from llmstudio.gui.look.theme import theme


class Parts(QSplitter):
    """Keeps the shares of its parts when type changes, unless the person has moved a handle.

    Large type presses on the least heights of some parts, and a splitter never goes back from that by itself.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent, childrenCollapsible=False)
        self._shares: list[int] = []
        self._is_stale = False
        self._later = QTimer(self, interval=0, singleShot=True)  # when the parts know their new least heights
        self._later.timeout.connect(self._lay)
        self.splitterMoved.connect(self._on_moved)
        theme.changed.connect(self._on_theme)

    def share(self, shares: Sequence[int]) -> None:
        """Deal the height out in these proportions."""
        self._shares = list(shares)
        self.setSizes(self._shares)

    @Slot()
    def _on_theme(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._later.start()

    def event(self, event: QEvent) -> bool:
        """What was out of sight when type changed is laid out when it is shown."""
        if event.type() == QEvent.Type.Show and self._is_stale:
            self._later.start()
        return super().event(event)

    @Slot()
    def _on_moved(self) -> None:
        self._shares = []

    @Slot()
    def _lay(self) -> None:
        self._is_stale = False
        if self._shares:
            self.setSizes(self._shares)
