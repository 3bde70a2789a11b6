"""The menus and keys of the window. Nothing here leads nowhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from llmstudio.gui.session.session import Session
from llmstudio.gui.window.file_menu import FileMenu
from llmstudio.gui.window.help_menu import HelpMenu
from llmstudio.gui.window.tabs.table import TABS
from llmstudio.gui.window.view_menu import ViewMenu


class Menus(QObject):
    """File, View and Help, and the keys that have no menu.

    Attributes:
        file, view, help: The menus.

    Signals:
        verb_wanted: The tab in front should do what it is for.
        tab_wanted: This tab should come to the front.
    """

    verb_wanted = Signal()
    tab_wanted = Signal(str)

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self.file, self.view, self.help = FileMenu(window, session), ViewMenu(window, session), HelpMenu(window)
        for menu in (self.file, self.view, self.help):
            window.menuBar().addMenu(menu)
        self._key(["Ctrl+Return", "Ctrl+Enter"], self.verb_wanted)
        for number, place in enumerate(TABS, start=1):
            action = self._key([f"Ctrl+{number}"], self._turn_to)
            action.setData(place.name)

    def _key(self, keys: list[str], slot: Callable[[], object]) -> QAction:
        action = QAction(self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(slot)
        self._window.addAction(action)
        return action

    @Slot()
    def _turn_to(self) -> None:
        self.tab_wanted.emit(self.sender().data())
