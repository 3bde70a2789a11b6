"""The window: it owns the tabs, the menus, the status bar and the way out, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QMainWindow,
    QScrollArea,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from llmstudio.app.computer.engine import is_loaded
from llmstudio.app.computer.hardware import machine
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Failed
from llmstudio.gui.forms.drops import leave_drops_to_the_window
from llmstudio.gui.home.tour import TourBar
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, font, say, theme
from llmstudio.gui.session.clock import seconds_since_start
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.outside import Outside
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.window.closing import ask_before_closing, wait_for_end
from llmstudio.gui.window.crash_log import LogFiles
from llmstudio.gui.window.job_sight import LANES, JobSight
from llmstudio.gui.window.menus import Menus
from llmstudio.gui.window.repaint import Repaint
from llmstudio.gui.window.state_mark import StateMark
from llmstudio.gui.window.status_bar import StatusBar
from llmstudio.gui.window.tab_builder import TabBuilder
from llmstudio.gui.window.tabs import TABS
from llmstudio.store.project import PROJECT

_BUILD_AFTER_MS = 250  # a breath after the first paint before the other tabs are built, one at a time
_TALKS = ("chat", "inspect")  # what they do is short and their own: a key pressed there is not meant for a job elsewhere
_FIRST_SIZE = QSize(1180, 780)
_FRAME = QSize(8, 40)  # what the system's frame takes, roughly; it is not known before the window is shown


class MainWindow(QMainWindow):
    """Seven tabs in the order of the journey.

    Attributes:
        first_paint_seconds: From the start of the process to Home's first paint; 0 before it.
        torch_at_first_paint: Whether the engine was in memory by then (it should not be).
        log_files: What a crash of the interpreter is written to; held open here.

    Signals:
        tabs_built: Every tab is there, not only the one in front.
    """

    tabs_built = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        Outside(session)
        self._built: dict[str, QWidget] = {}
        self.builder = TabBuilder(session, TABS, self._place_tab, self)
        self.builder.finished.connect(self.tabs_built)
        self.marks: dict[str, StateMark] = {}
        self.first_paint_seconds = 0.0
        self.torch_at_first_paint = False
        self.log_files: LogFiles | None = None
        self._is_unasked = False
        self.setAcceptDrops(True)
        self.setWindowTitle(self.tr("llmstudio"))
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        for index, place in enumerate(TABS):
            self.tabs.addTab(_Holder(), say(place.title))
            mark = StateMark(blank=True) if place.name == "home" else self.marks.setdefault(place.name, StateMark())
            self.tabs.tabBar().setTabButton(index, QTabBar.ButtonPosition.LeftSide, mark)
        self.messages = MessageBar()
        self.messages.setProperty("place", "window")
        self.tour = TourBar(session)
        self.status = StatusBar()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tour)
        column.addWidget(self.messages)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self.menus = Menus(self, session)
        self._listen()
        self.tab("home")
        self._restyle()
        for part in (self.menuBar(), self.tour, self.messages, self.tabs.tabBar(), self.status):
            theme.dress(part)  # each tab is dressed by itself, in its place
        self._restore()
        self.tab("home").setFocus()

    def _listen(self) -> None:
        session = self.session
        self.tabs.currentChanged.connect(self._on_current)
        self.status.clicked.connect(self._show_job_tab)
        self.status.pause_pressed.connect(self.toggle_pause)
        self.status.stop_pressed.connect(self.stop)
        self.messages.remedy.connect(self._on_remedy)
        self.menus.verb_wanted.connect(self.run_verb)
        self.menus.tab_wanted.connect(self.turn_to)
        self.menus.export_wanted.connect(self.export_model)
        self.menus.problem.connect(self.show_problem)
        session.go_to.connect(self.show_tab)
        session.go_to.connect(self._mark_all)  # the journey goes to a tab when its work begins there
        session.job_started.connect(self._on_started)
        session.job_paused.connect(self._on_turn)
        Repaint(self, session.job_started, session.job_ended)  # before others hear: tabs lay themselves out anew
        self.sight = JobSight(session, self.status, self)
        session.job_ended.connect(self._on_turn)
        session.items_changed.connect(self._mark_all)
        session.project_changed.connect(self._on_project)
        session.problem.connect(self.show_problem)
        theme.changed.connect(self._restyle)

    # tabs

    def tab(self, name: str) -> QWidget:
        """The tab of this name, built now if it was not yet."""
        self.builder.build(name)
        return self._built[name]

    def _place_tab(self, name: str, tab: QWidget) -> None:
        self._built[name] = tab
        holder = self.tabs.widget(self._index(name))
        assert isinstance(holder, _Holder)
        holder.hold(tab)
        leave_drops_to_the_window(tab)
        if holder is self.tabs.currentWidget() and self.isVisible():
            self._on_current(self._index(name))

    def current(self) -> QWidget:
        """The tab in front."""
        return self.tab(TABS[self.tabs.currentIndex()].name)

    @Slot(str)
    def turn_to(self, name: str) -> None:
        """Bring a tab to the front, as a press on its title does: one that is not there yet comes part by part."""
        self.tabs.setCurrentIndex(self._index(name))

    @Slot(str)
    def show_tab(self, name: str) -> None:
        """Bring a tab to the front, whole: what is said next may be meant for it."""
        self.tab(name)
        self.tabs.setCurrentIndex(self._index(name))

    @Slot()
    def begin_idle(self) -> None:
        """Home has been painted: describe the computer, then build the other tabs one at a time, between other events."""
        self.first_paint_seconds = seconds_since_start()
        self.torch_at_first_paint = is_loaded()
        self.show_computer()
        self.tab("home").begin_idle()
        QTimer.singleShot(_BUILD_AFTER_MS, self.builder.begin)

    def _index(self, name: str) -> int:
        return next(i for i, place in enumerate(TABS) if place.name == name)

    @Slot(int)
    def _on_current(self, index: int) -> None:
        name = TABS[index].name
        if name not in self._built:
            self.builder.hurry(name)  # it comes with the next turns, and is turned to again when it is there
            return
        tab = self._built[name]
        is_there = tab.focusProxy() is None and tab.isAncestorOf(self.focusWidget())
        if not is_there and not self.tabs.tabBar().hasFocus():  # arrow keys walk along the tabs
            tab.setFocus()

    # what the keys do

    @Slot()
    def run_verb(self) -> None:
        """Do what the tab in front is for."""
        self.current().run_verb()

    @Slot()
    def export_model(self) -> None:
        """Write a model for other programs; what came of it is said where models are made."""
        self.show_tab("train")
        self.tab("train").export_model()

    @Slot()
    def stop(self) -> None:
        """Stop the job in the status bar and keep what it has."""
        if (job := self.sight.job()) is not None:
            self.session.stop(job.lane)

    def stop_here(self) -> None:
        """Stop the job of the tab in front, or else the one in the status bar; beside a talk never a training."""
        here = TABS[self.tabs.currentIndex()].name
        own = next((job for lane in LANES if (job := self.session.running(lane)) and job.tab == here), None)
        if own is not None and own is not self.sight.job():
            self.session.stop(own.lane)
        elif own is not None or here not in _TALKS:
            self.stop()

    @Slot()
    def toggle_pause(self) -> None:
        """Hold the job in sight, or let it go on."""
        lane = next((lane for lane in ("work", "talk") if self.session.is_running(lane)), None)
        if lane is not None:
            self.session.toggle_pause(lane)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only what no field and no button wanted arrives here, so Space in a text stays a space."""
        if event.key() == Qt.Key.Key_Space and self.session.is_running():
            self.toggle_pause()
        elif event.key() == Qt.Key.Key_Escape:
            self.stop_here()
        else:
            super().keyPressEvent(event)

    # jobs in sight

    @Slot(object)
    def _on_started(self, _job: JobInfo) -> None:
        self.messages.clear()
        self._mark_all()

    @Slot(str, object)
    @Slot(str, bool)
    def _on_turn(self, *_news: object) -> None:
        self._mark_all()

    @Slot(object)
    def _show_job_tab(self, job: JobInfo | None) -> None:
        if job is not None:
            self.show_tab(job.tab)

    @Slot()
    def _mark_all(self, _kind: str = "") -> None:
        running = {job.tab: self.session.is_paused(lane) for lane in ("work", "talk") if (job := self.session.running(lane))}
        if self.tour.stage:
            running[self.tour.stage] = self.session.is_paused()
        ready = self.session.items.ready()
        words = {
            "empty": self.tr("nothing yet"), "running": self.tr("at work"), "paused": self.tr("paused"),
            "ready": self.tr("ready"),
        }  # fmt: skip
        for index, place in enumerate(TABS):
            if place.name == "home":
                continue
            held = running.get(place.name)
            state = ("paused" if held else "running") if held is not None else "ready" if ready[place.name] else "empty"
            self.marks[place.name].show_state(state)
            hint = self.tr("{title}: {state} (Ctrl+{number})")
            self.tabs.setTabToolTip(index, plain(hint.format(title=say(place.title), state=words[state], number=index + 1)))

    # problems, drops, the project

    @Slot(object)
    def show_problem(self, failed: Failed) -> None:
        """Say something that belongs to no place in particular."""
        self.messages.show_failed(failed)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        carry_out(remedy, self.session)

    @Slot()
    def _on_project(self) -> None:
        self.setWindowTitle(self.tr("{project} · llmstudio").format(project=self.session.project.root.name))
        self.messages.clear()
        self._mark_all()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be let go anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A project is opened; anything else becomes sources of a corpus."""
        event.acceptProposedAction()
        self.take_files([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def take_files(self, paths: list[str]) -> None:
        """Open a project, or hand files to the corpus tab."""
        from pathlib import Path

        if len(paths) == 1 and (Path(paths[0]) / PROJECT).is_file():
            self.session.open_project(paths[0])
        elif paths:
            self.show_tab("corpus")
            self.tab("corpus").take_sources(paths)

    # looks, place, end

    def childEvent(self, event: QChildEvent) -> None:
        """A dialog of the window is dressed like its parts."""
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildPolished and isinstance(child := event.child(), QDialog):
            theme.dress(child)

    @Slot()
    def _restyle(self) -> None:
        # Around a tab bar with a style sheet of its own neither hears of the application's font any more.
        for part in (self.tabs, self.tabs.tabBar()):
            part.setFont(font(BODY))
        self._mark_all()

    def show_computer(self) -> None:
        """Fill in what the status bar says of the computer, and begin to watch memory."""
        computer = machine()
        self.status.show_device(computer.gpu or plural(self.tr("{n|core|cores}"), n=computer.cores))
        self.status.watch_memory()

    def _restore(self) -> None:
        kept = QByteArray.fromBase64(self.session.preferences.geometry.encode())
        if kept.isEmpty() or not self.restoreGeometry(kept) or not _is_on_screen(self):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(_FIRST_SIZE.boundedTo(screen.size() - _FRAME))
            self.move(screen.center() - self.rect().center() - QPoint(0, _FRAME.height() // 2))
        self._on_project()

    def close_unasked(self) -> None:
        """Close without a question: what runs is stopped and kept."""
        self._is_unasked = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """While a job runs, ask; then ask every thread to end and wait for it without freezing."""
        before = self.focusWidget()
        if not self._is_unasked and not ask_before_closing(self, self.session):
            event.ignore()
            self.activateWindow()
            (before or self.current()).setFocus()  # else what is typed next arrives here, and a space holds the training
            return
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.session.prefer(geometry=geometry)
        wait_for_end(self, self.session)
        event.accept()


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


def _is_on_screen(window: QWidget) -> bool:
    frame = window.frameGeometry()
    shown = [screen.availableGeometry().intersected(frame) for screen in QGuiApplication.screens()]
    return any(part.width() >= frame.width() // 2 and part.height() >= frame.height() // 2 for part in shown)
