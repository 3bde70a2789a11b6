"""The tabs, each on a page that stays empty until it is built: by name, in front, or in turns while nobody waits."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QTabWidget, QWidget

from llmstudio.gui.forms.drops import leave_drops_to_the_window
from llmstudio.gui.look.theme import say, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.tabs.builder import TabBuilder
from llmstudio.gui.window.tabs.table import TABS


class TabPages(QTabWidget):
    """The tabs in the order of the journey.

    Attributes:
        built: Those that are there, by name.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, documentMode=True)
        self.built: dict[str, QWidget] = {}
        self.builder = TabBuilder(session, TABS, self._place, self)
        self.tabBar().setExpanding(False)
        self.tabBar().setDrawBase(False)
        for place in TABS:
            self.addTab(_Holder(), say(place.title))
        self.currentChanged.connect(self._on_current)

    def tab(self, name: str) -> QWidget:
        """The tab of this name, built now if it was not yet."""
        self.builder.build(name)
        return self.built[name]

    @property
    def name(self) -> str:
        """The name of the tab in front."""
        return TABS[self.currentIndex()].name

    def current(self) -> QWidget:
        """The tab in front."""
        return self.tab(self.name)

    @Slot(str)
    def turn_to(self, name: str) -> None:
        """Bring a tab to the front, as a press on its title does: one that is not there yet comes part by part."""
        self.setCurrentIndex(self._index(name))

    @Slot(str)
    def show_tab(self, name: str) -> None:
        """Bring a tab to the front, whole: what is said next may be meant for it."""
        self.tab(name)
        self.turn_to(name)

    def _place(self, name: str, tab: QWidget) -> None:
        self.built[name] = tab
        holder = self.widget(self._index(name))
        assert isinstance(holder, _Holder)
        holder.hold(tab)
        leave_drops_to_the_window(tab)
        if holder is self.currentWidget() and self.isVisible():
            self._on_current(self._index(name))

    def _index(self, name: str) -> int:
        return next(i for i, place in enumerate(TABS) if place.name == name)

    @Slot(int)
    def _on_current(self, index: int) -> None:
        name = TABS[index].name
        if name not in self.built:
            self.builder.hurry(name)  # it comes with the next turns, and is turned to again when it is there
            return
        tab = self.built[name]
        is_there = tab.focusProxy() is None and tab.isAncestorOf(self.window().focusWidget())
        if not is_there and not self.tabBar().hasFocus():  # arrow keys walk along the tabs
            tab.setFocus()


class _Holder(QScrollArea):
    """An empty page that a tab moves into once it is built.

    A tab that needs more room than there is scrolls here: it must not make the window larger than the screen.
    """

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)

    def hold(self, tab: QWidget) -> None:
        """Show the tab here."""
        self.setWidget(tab)
        theme.dress(self)
        tab.setAutoFillBackground(False)
        self.setFocusProxy(tab)
