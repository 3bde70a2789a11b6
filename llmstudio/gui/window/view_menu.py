"""The View menu: colours, and how large everything is."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.menu_entry import add_entry

_ZOOM = 1.1


class ViewMenu(QMenu):
    """What is chosen here is kept for the next time."""

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(self.tr("&View"), window.menuBar())
        self._session = session
        group = QActionGroup(self)
        wishes = {"system": self.tr("Like the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for wish, label in wishes.items():
            action = add_entry(self, label, self._choose_theme)
            action.setData(wish)
            action.setCheckable(True)
            action.setChecked(theme.wish == wish)
            group.addAction(action)
        self.addSeparator()
        add_entry(self, self.tr("Larger"), self.larger, "Ctrl++", "Ctrl+=")
        add_entry(self, self.tr("Smaller"), self.smaller, "Ctrl+-")
        add_entry(self, self.tr("Normal size"), self.normal_size, "Ctrl+0")

    @Slot()
    def _choose_theme(self) -> None:
        wish = self.sender().data()
        theme.choose(wish)
        self._session.prefer(theme=wish)

    @Slot()
    def larger(self) -> None:
        """Everything a tenth larger."""
        self._zoom(theme.scale * _ZOOM)

    @Slot()
    def smaller(self) -> None:
        """Everything a tenth smaller."""
        self._zoom(theme.scale / _ZOOM)

    @Slot()
    def normal_size(self) -> None:
        """Back to 10 pt."""
        self._zoom(1.0)

    def _zoom(self, scale: float) -> None:
        theme.zoom(scale)
        self._session.prefer(scale=theme.scale)
