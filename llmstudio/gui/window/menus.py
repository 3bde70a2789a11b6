"""The menus and keys of the window. Nothing here leads nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox

import llmstudio
from llmstudio.app.computer.places import log_folder
from llmstudio.core.events import Failed
from llmstudio.core.words import words
from llmstudio.gui.look.label import caption, plain
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import versions
from llmstudio.gui.shared.pickers import file_dialog
from llmstudio.gui.window.crash_log import log_tail
from llmstudio.gui.window.tabs import TABS

_ZOOM = 1.1


class Menus(QObject):
    """File, View and Help, and the keys that have no menu.

    Signals:
        verb_wanted: The tab in front should do what it is for.
        tab_wanted: This tab should come to the front.
        export_wanted: A model is to be written for other programs.
        problem: A `Failed` that belongs to no job.
    """

    verb_wanted = Signal()
    tab_wanted = Signal(str)
    export_wanted = Signal()
    problem = Signal(object)

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        bar = window.menuBar()
        self._file(bar.addMenu(self.tr("&File")))
        self._view(bar.addMenu(self.tr("&View")))
        self._help(bar.addMenu(self.tr("&Help")))
        self._key(["Ctrl+Return", "Ctrl+Enter"], self.verb_wanted)
        for number, place in enumerate(TABS, start=1):
            action = self._key([f"Ctrl+{number}"], self._turn_to)
            action.setData(place.name)

    def _file(self, menu: QMenu) -> None:
        self._add(menu, self.tr("New project…"), self.new_project, QKeySequence.StandardKey.New)
        self._add(menu, self.tr("Open project…"), self.open_project, QKeySequence.StandardKey.Open)
        self._recent = menu.addMenu(self.tr("Recent projects"))
        self._recent.aboutToShow.connect(self._fill_recent)
        self._add(menu, self.tr("Open data folder"), self.open_data_folder)
        menu.addSeparator()
        self._add(menu, self.tr("Export model…"), self.export_wanted)
        menu.addSeparator()
        self._add(menu, self.tr("Quit"), self._window.close, QKeySequence.StandardKey.Quit)

    def _view(self, menu: QMenu) -> None:
        group = QActionGroup(self)
        wishes = {"system": self.tr("Like the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        for wish, label in wishes.items():
            action = self._add(menu, label, self._choose_theme)
            action.setData(wish)
            action.setCheckable(True)
            action.setChecked(theme.wish == wish)
            group.addAction(action)
        menu.addSeparator()
        self._add(menu, self.tr("Larger"), self.larger, "Ctrl++", "Ctrl+=")
        self._add(menu, self.tr("Smaller"), self.smaller, "Ctrl+-")
        self._add(menu, self.tr("Normal size"), self.normal_size, "Ctrl+0")

    def _help(self, menu: QMenu) -> None:
        self._add(menu, self.tr("Keys"), self.show_keys, "F1")
        self._add(menu, self.tr("About llmstudio"), self.show_about)
        menu.addSeparator()
        self._add(menu, self.tr("Copy report"), self.copy_report)
        self._add(menu, self.tr("Open log folder"), self.open_log_folder)

    def _add(self, menu: QMenu, text: str, slot: Callable[[], object], *keys: str | QKeySequence.StandardKey) -> QAction:
        action = menu.addAction(text)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(slot)
        return action

    def _key(self, keys: list[str], slot: Callable[[], object]) -> QAction:
        action = QAction(self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(slot)
        self._window.addAction(action)
        return action

    @Slot()
    def _turn_to(self) -> None:
        self.tab_wanted.emit(self.sender().data())

    # file

    @Slot()
    def new_project(self) -> None:
        """Choose a place and a name for a new project, and open it."""
        start = str(self._session.project.root.parent)
        if path := file_dialog.save_file(self._window, self.tr("Name the new project's folder"), start):
            self._session.open_project(path)

    @Slot()
    def open_project(self) -> None:
        """Choose a project's folder and open it."""
        start = str(self._session.project.root.parent)
        if path := file_dialog.open_folder(self._window, self.tr("Open a project's folder"), start):
            self._session.open_project(path)

    @Slot()
    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self._session.preferences.recent:
            if Path(path).is_dir():
                action = self._recent.addAction(caption(Path(path).name))
                action.setToolTip(plain(path))
                action.setData(path)
                action.triggered.connect(self._open_recent)
        if self._recent.isEmpty():
            self._recent.addAction(self.tr("None yet")).setEnabled(False)

    @Slot()
    def _open_recent(self) -> None:
        self._session.open_project(self.sender().data())

    @Slot()
    def open_data_folder(self) -> None:
        """Show the project's folder in the system's file manager."""
        open_folder(self._session.project.root)

    # view

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

    # help

    @Slot()
    def show_keys(self) -> None:
        """The short list of keys."""
        keys = (
            (self.tr("Ctrl+1 … 7"), self.tr("the tabs, in the order of the journey")),
            (self.tr("Ctrl+Enter"), self.tr("do what the tab is for: import, build, train, prune, send, inspect")),
            (self.tr("Space"), self.tr("pause training, or go on")),
            (self.tr("Esc"), self.tr("stop and keep what there is")),
            (self.tr("Ctrl + and −, 0"), self.tr("larger, smaller, normal size")),
            (self.tr("Ctrl+N, Ctrl+O"), self.tr("new project, open a project")),
            (self.tr("F1"), self.tr("this list")),
        )
        row = "<tr><td style='padding:4px 24px 4px 0'><b>{}</b></td><td style='padding:4px 0'>{}</td></tr>"
        rows = "".join(row.format(key, does) for key, does in keys)
        self._tell(self.tr("Keys"), f"<table>{rows}</table>")

    @Slot()
    def show_about(self) -> None:
        """What this is."""
        text = self.tr("<h3>llmstudio {version}</h3><p>Grow a small language model on your own computer, watch it learn, "
                       "prune it, talk to it. Nothing leaves this computer.</p>")  # fmt: skip
        self._tell(self.tr("About llmstudio"), text.format(version=llmstudio.__version__))

    def _tell(self, title: str, text: str) -> None:
        box = QMessageBox(self._window, icon=QMessageBox.Icon.NoIcon)
        box.setWindowTitle(title)
        box.setText(text)
        box.exec()

    @Slot()
    def copy_report(self) -> None:
        """Versions and the last error, for the clipboard."""
        QGuiApplication.clipboard().setText(f"{versions()}\n\n{log_tail(log_folder())}".strip())

    @Slot()
    def open_log_folder(self) -> None:
        """Show the logs in the system's file manager."""
        try:
            log_folder().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            template = "The folder of the logs could not be made ({reason})."
            said = words(template, reason=error.strerror or str(error))
            self.problem.emit(Failed(message=said))
            return
        open_folder(log_folder())


def open_folder(path: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
