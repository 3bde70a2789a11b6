"""Start of the window: what has to happen before Qt is loaded, then the application, then the event loop.

The order matters and is kept here alone: the log first, so that nothing vanishes; on Windows torch's `c10.dll` before Qt;
then Qt with our looks; then one paint of Home, and everything slower than that only afterwards.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from llmstudio.core.words import Words
    from llmstudio.gui.window.main_window import MainWindow
    from llmstudio.store.project import Project

# How long a thread that works may keep the interpreter while the window waits for it: Python's own 5 ms, met several times
# in one visit, add up to a freeze that can be seen.
_SWITCH_S = 0.0005


def main(project: Path | None = None) -> int:
    """Open the window on a project (the last one if none is named) and stay until it is closed."""
    preload_c10()
    application, window = open_window(project)
    from llmstudio.gui.window.closing import leave
    from llmstudio.gui.window.polite_end import PoliteEnd

    PoliteEnd(window)
    status = application.exec()
    leave(window.session, status)
    del window
    return status


def open_window(project: Path | None = None) -> tuple[QApplication, MainWindow]:
    """The application and its window, shown; what is slow begins by itself once Home has been painted."""
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from llmstudio.app import preferences as tastes
    from llmstudio.app.computer.places import log_folder
    from llmstudio.gui.look.theme import theme
    from llmstudio.gui.session.session import Session
    from llmstudio.gui.shared.layout.problems import Net, crash_told
    from llmstudio.gui.window.crash_log import start_log
    from llmstudio.gui.window.main_window import MainWindow
    from llmstudio.store.resources import resource

    log_files = start_log(log_folder())
    sys.setswitchinterval(_SWITCH_S)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("llmstudio")
    application.setDesktopFileName("llmstudio")
    application.setWindowIcon(QIcon(str(resource("icons/llmstudio.svg"))))
    preferences, remark = tastes.load()
    theme.start(application, wish=os.environ.get("LLMSTUDIO_THEME", preferences.theme), scale=preferences.scale)
    opened, refusal = _open_project(project, preferences)
    window = MainWindow(Session(opened, preferences))
    net = Net(window)
    net.caught.connect(window.show_problem)
    net.spread()
    window.log_files = log_files
    if log_files is not None and log_files.earlier:
        window.show_problem(crash_told(log_files.earlier))
    home = window.tabs.tab("home")
    home.first_painted.connect(window.begin_idle)
    window.tabs_built.connect(window.session.look_for_damage)
    for message in (remark, refusal):
        if message is not None:
            home.messages.show_message(message, level="warning")
    window.show()
    return application, window


def preload_c10() -> None:
    """On Windows torch 2.9 and newer may fail to load after Qt unless its first library is there before (pytorch#166628)."""
    if sys.platform != "win32":
        return
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return
    library = Path(next(iter(found.submodule_search_locations))) / "lib" / "c10.dll"
    if library.is_file():
        os.add_dll_directory(str(library.parent))
        ctypes.CDLL(str(library))


def _open_project(wish: Path | None, preferences: object) -> tuple[Project, Words | None]:
    """The project to begin with, and why it is not the one that was wished for."""
    from llmstudio.app.computer.places import default_project
    from llmstudio.core.errors import StudioError
    from llmstudio.store.project import PROJECT, Project

    recent = [Path(path) for path in getattr(preferences, "recent", ()) if (Path(path) / PROJECT).is_file()]
    refusal: Words | None = None
    for path in [wish] if wish is not None else recent[:1]:
        try:
            return Project(path), refusal
        except StudioError as error:
            refusal = error.words
    home, number = default_project(), 1
    while True:
        try:
            return Project(home if number == 1 else home.with_name(f"{home.name} {number}")), refusal
        except StudioError as error:
            refusal, number = error.words, number + 1
