"""Tabs are built a part at a time, so that no turn of the event loop is long.

A tab that takes long offers a generator, `in_turns(session)`: it makes one part between each two `yield`s and returns the
tab. Others are built at once. What a person turns to is built before the rest; who needs a tab in this very turn gets it
whole (`build`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.computer.engine import import_quietly
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.tabs.table import Place

_BETWEEN_MS = 20  # a breath between two parts, while nobody waits for them


class TabBuilder(QObject):
    """Builds every tab once, and hands each to its place.

    Signals:
        finished: Every tab is there.
    """

    finished = Signal()

    def __init__(
        self,
        session: Session,
        tabs: Sequence[Place],
        place: Callable[[str, QWidget], None],
        parent: QObject,
    ) -> None:
        """`place` is called with a tab's name and the tab."""
        super().__init__(parent)
        self._session, self._place = session, place
        self._tabs = {tab.name: tab for tab in tabs}
        self._plan = list(self._tabs)  # what is left to build while nobody waits for it, in this order
        self._built: set[str] = set()
        self._begun: dict[str, Generator[None, None, None]] = {}
        self._has_asked = self._is_imported = self._has_finished = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._build_next)

    def build(self, name: str) -> None:
        """Build this tab, or what is missing of it, now."""
        while name not in self._built:
            self.take_turn(name)

    def take_turn(self, name: str) -> None:
        """Build one part of this tab."""
        parts = self._begun.pop(name, None) or self._parts(name)
        try:
            next(parts)
            self._begun[name] = parts
        except StopIteration:
            self._built.add(name)

    @Slot()
    def begin(self) -> None:
        """Import the tabs in another thread, then build them in turns; to say so again changes nothing."""
        if not self._has_asked:
            # Plots bring half a second of imports: they happen in another thread, so that Home stays awake.
            self._has_asked = True
            modules = [tab.module for tab in self._tabs.values()]
            self._session.ask(partial(import_quietly, *modules), self._on_imported, owner=self, failed=self._on_imported)

    def hurry(self, name: str) -> None:
        """Someone has turned to this tab: it is built before the others, from the next turn on."""
        self._plan = [name, *(other for other in self._plan if other != name)]
        if self._is_imported:
            self._timer.start(0)
        self.begin()

    @Slot()
    def _on_imported(self, _answer: object = None) -> None:
        self._is_imported = True
        self._timer.start(0)

    @Slot()
    def _build_next(self) -> None:
        self._plan = [name for name in self._plan if name not in self._built]
        if not self._plan:
            if not self._has_finished:
                self._has_finished = True
                self.finished.emit()
            return
        # Planned before it is built: a tab that fails must not keep the others from being there.
        self._timer.start(_BETWEEN_MS)
        name = self._plan.pop(0)
        self.take_turn(name)
        if name not in self._built:
            self._plan.insert(0, name)

    def _parts(self, name: str) -> Generator[None, None, None]:
        made = getattr(importlib.import_module(self._tabs[name].module), self._tabs[name].kind)
        tab = (yield from made.in_turns(self._session)) if hasattr(made, "in_turns") else made(self._session)
        yield  # to dress it is a turn of its own
        self._place(name, tab)
