"""The Help menu: keys, what this is, and what to send when something went wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox

import llmstudio
from llmstudio.app.computer.places import log_folder
from llmstudio.app.help_texts import help_text
from llmstudio.core.events import Failed
from llmstudio.core.words import words
from llmstudio.gui.shared.layout.help_text import HelpText
from llmstudio.gui.shared.layout.problems import versions
from llmstudio.gui.window.crash_log import log_tail
from llmstudio.gui.window.menu_entry import add_entry, open_folder


class HelpMenu(QMenu):
    """What tells a person something.

    Signals:
        problem: A `Failed` that belongs to no job.
    """

    problem = Signal(object)

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(self.tr("&Help"), window.menuBar())
        self._window = window
        add_entry(self, self.tr("Keys"), self.show_keys, "F1")
        add_entry(self, self.tr("How a sparse model lies in its file"), self.show_sparse_file)
        add_entry(self, self.tr("About llmstudio"), self.show_about)
        self.addSeparator()
        add_entry(self, self.tr("Copy report"), self.copy_report)
        add_entry(self, self.tr("Open log folder"), self.open_log_folder)

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
    def show_sparse_file(self) -> None:
        """The layout of a pruned model's file, for whoever asks where the bytes go or reads it elsewhere."""
        HelpText(self.tr("How a sparse model lies in its file"), help_text("sparse_file"), self._window).show()

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
