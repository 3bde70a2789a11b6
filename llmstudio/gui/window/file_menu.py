"""The File menu: projects, a model for other programs, the way out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.label import caption, plain
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.menu_entry import add_entry, open_folder


class FileMenu(QMenu):
    """What is done with projects.

    Signals:
        export_wanted: A model is to be written for other programs.
    """

    export_wanted = Signal()

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(self.tr("&File"), window.menuBar())
        self._window, self._session = window, session
        add_entry(self, self.tr("New project…"), self.new_project, QKeySequence.StandardKey.New)
        add_entry(self, self.tr("Open project…"), self.open_project, QKeySequence.StandardKey.Open)
        self._recent = self.addMenu(self.tr("Recent projects"))
        self._recent.aboutToShow.connect(self._fill_recent)
        add_entry(self, self.tr("Open data folder"), self.open_data_folder)
        self.addSeparator()
        add_entry(self, self.tr("Export model…"), self.export_wanted)
        self.addSeparator()
        add_entry(self, self.tr("Quit"), window.close, QKeySequence.StandardKey.Quit)

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
