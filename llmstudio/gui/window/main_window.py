"""The window: it owns the tabs, the menus, the status bar and the way out, and nothing else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QChildEvent, QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QVBoxLayout, QWidget

from llmstudio.app.computer.engine import is_loaded
from llmstudio.app.computer.hardware import machine
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Failed
from llmstudio.gui.home.tour import TourBar
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import BODY, font, theme
from llmstudio.gui.session.clock import seconds_since_start
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.outside import Outside
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.window.closing import ask_before_closing, wait_for_end
from llmstudio.gui.window.crash_log import LogFiles
from llmstudio.gui.window.job_keys import JobKeys
from llmstudio.gui.window.job_sight import JobSight
from llmstudio.gui.window.menus import Menus
from llmstudio.gui.window.on_screen import put_in_place
from llmstudio.gui.window.repaint import Repaint
from llmstudio.gui.window.status_bar import StatusBar
from llmstudio.gui.window.tabs.marks import TabMarks
from llmstudio.gui.window.tabs.pages import TabPages
from llmstudio.store.project import PROJECT

_BUILD_AFTER_MS = 250  # a breath after the first paint before the other tabs are built, one at a time


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
        self.first_paint_seconds = 0.0
        self.torch_at_first_paint = False
        self.log_files: LogFiles | None = None
        self._is_unasked = False
        self.setAcceptDrops(True)
        self.setWindowTitle(self.tr("llmstudio"))
        self.tabs = TabPages(session)
        self.tabs.builder.finished.connect(self.tabs_built)
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
        self.tabs.tab("home")
        self._restyle()
        for part in (self.menuBar(), self.tour, self.messages, self.tabs.tabBar(), self.status):
            theme.dress(part)  # each tab is dressed by itself, in its place
        put_in_place(self, session.preferences.geometry)
        self._on_project()
        self.tabs.tab("home").setFocus()

    def _listen(self) -> None:
        session = self.session
        self.status.clicked.connect(self._show_job_tab)
        self.messages.remedy.connect(self._on_remedy)
        self.menus.verb_wanted.connect(self.run_verb)
        self.menus.tab_wanted.connect(self.tabs.turn_to)
        self.menus.file.export_wanted.connect(self.export_model)
        self.menus.help.problem.connect(self.show_problem)
        session.go_to.connect(self.tabs.show_tab)
        session.job_started.connect(self.messages.clear)
        self.marks = TabMarks(session, self.tabs, self.tour)
        Repaint(self, session.job_started, session.job_ended)  # before others hear: tabs lay themselves out anew
        self.sight = JobSight(session, self.status, self)
        self.keys = JobKeys(session, self.status, self.sight, self)
        session.project_changed.connect(self._on_project)
        session.problem.connect(self.show_problem)
        theme.changed.connect(self._restyle)

    @Slot()
    def begin_idle(self) -> None:
        """Home has been painted: describe the computer, then build the other tabs one at a time, between other events."""
        self.first_paint_seconds = seconds_since_start()
        self.torch_at_first_paint = is_loaded()
        self.show_computer()
        self.tabs.tab("home").begin_idle()
        QTimer.singleShot(_BUILD_AFTER_MS, self.tabs.builder.begin)

    # what the keys do

    @Slot()
    def run_verb(self) -> None:
        """Do what the tab in front is for."""
        self.tabs.current().run_verb()

    @Slot()
    def export_model(self) -> None:
        """Write a model for other programs; what came of it is said where models are made."""
        self.tabs.show_tab("train")
        self.tabs.tab("train").export_model()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only what no field and no button wanted arrives here, so Space in a text stays a space."""
        if event.key() == Qt.Key.Key_Space and self.session.is_running():
            self.keys.toggle_pause()
        elif event.key() == Qt.Key.Key_Escape:
            self.keys.stop_here(self.tabs.name)
        else:
            super().keyPressEvent(event)

    @Slot(object)
    def _show_job_tab(self, job: JobInfo | None) -> None:
        if job is not None:
            self.tabs.show_tab(job.tab)

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
        if len(paths) == 1 and (Path(paths[0]) / PROJECT).is_file():
            self.session.open_project(paths[0])
        elif paths:
            self.tabs.show_tab("corpus")
            self.tabs.tab("corpus").take_sources(paths)

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

    def show_computer(self) -> None:
        """Fill in what the status bar says of the computer, and begin to watch memory."""
        computer = machine()
        self.status.show_device(computer.gpu or plural(self.tr("{n|core|cores}"), n=computer.cores))
        self.status.watch_memory()

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
            # Else what is typed next arrives here, and a space holds the training.
            (before or self.tabs.current()).setFocus()
            return
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.session.prefer(geometry=geometry)
        wait_for_end(self, self.session)
        event.accept()
