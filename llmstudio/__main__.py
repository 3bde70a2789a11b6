"""`python -m llmstudio`: no verb opens the window, else the command line. The one place that knows both faces."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

from llmstudio.core.events import Event


def main() -> int:
    """The program. Returns its exit status."""
    multiprocessing.freeze_support()
    _open_log()
    match sys.argv[1:]:
        case []:
            return open_window()
        case ["--project", folder]:
            return open_window(Path(folder))
        case [word] if word.startswith("--project="):
            return open_window(Path(word.removeprefix("--project=")))
    from llmstudio.cli import main as command_line

    return command_line(sys.argv[1:], window_doctor=_window_doctor)


def open_window(project: Path | None = None) -> int:
    """The window, as double-clicked: on the last project unless one is named."""
    _open_log()
    from llmstudio.gui.application import main as window

    return int(window(project) or 0)


def _window_doctor(arguments: argparse.Namespace) -> Iterator[Event]:
    from llmstudio.gui.doctor import run

    return iter(run(arguments))


def _open_log() -> None:
    """Without a terminal (a double-clicked program on Windows) what is printed goes to a file instead of nowhere."""
    if sys.stdout is not None and sys.stderr is not None:
        return
    from llmstudio.app.places import open_log

    log = open_log()
    sys.stdout, sys.stderr = sys.stdout or log, sys.stderr or log


if __name__ == "__main__":
    sys.exit(main())
