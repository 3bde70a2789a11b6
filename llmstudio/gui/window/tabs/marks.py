"""The marks before the tabs' titles: which work is going on, and what the project has by now."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QTabBar, QTabWidget

from llmstudio.gui.home.tour import TourBar
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.tabs.state_mark import StateMark
from llmstudio.gui.window.tabs.table import TABS


class TabMarks(QObject):
    """Keeps marks and hints of the tabs in step with the session.

    Attributes:
        by_tab: The mark of each tab but Home.
    """

    def __init__(self, session: Session, tabs: QTabWidget, tour: TourBar) -> None:
        super().__init__(tabs)
        self._session, self._tabs, self._tour = session, tabs, tour
        self.by_tab: dict[str, StateMark] = {}
        for index, place in enumerate(TABS):
            mark = StateMark(blank=True) if place.name == "home" else self.by_tab.setdefault(place.name, StateMark())
            tabs.tabBar().setTabButton(index, QTabBar.ButtonPosition.LeftSide, mark)
        for news in (session.job_started, session.job_paused, session.job_ended):
            news.connect(self.refresh)
        for news in (session.go_to, session.items_changed, session.project_changed):  # the journey goes where it works
            news.connect(self.refresh)
        self.refresh()

    @Slot()
    @Slot(str)
    @Slot(object)
    @Slot(str, bool)
    @Slot(str, object)
    def refresh(self, *_news: object) -> None:
        """Show how each tab stands."""
        session = self._session
        running = {job.tab: session.is_paused(lane) for lane in ("work", "talk") if (job := session.running(lane))}
        if self._tour.stage:
            running[self._tour.stage] = session.is_paused()
        ready = session.items.ready()
        words = {
            "empty": self.tr("nothing yet"), "running": self.tr("at work"), "paused": self.tr("paused"),
            "ready": self.tr("ready"),
        }  # fmt: skip
        for index, place in enumerate(TABS):
            if place.name == "home":
                continue
            held = running.get(place.name)
            state = ("paused" if held else "running") if held is not None else "ready" if ready[place.name] else "empty"
            self.by_tab[place.name].show_state(state)
            hint = self.tr("{title}: {state} (Ctrl+{number})")
            told = hint.format(title=say(place.title), state=words[state], number=index + 1)
            self._tabs.setTabToolTip(index, plain(told))
