"""The log of the window, and what a crash of the interpreter leaves: it outlives the program and is told at the next start.

A crash can write nothing but plain text to a file that is open already. Each program has one of its own, whose name says
whose it is; the next start moves what it holds into the log, so that it is neither lost nor told twice.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from llmstudio.store.files import lives, owner

LOG = "llmstudio.log"
_FOUND = "crash*.log"
_MINE = re.compile(r"crash-([0-9a-f]{8})\.(\d+)\.([0-9a-f]+)\.log")
_FATAL = ("Fatal Python error", "Windows fatal exception")  # how such a text begins; libraries may have printed there too
_LONGEST = 64_000  # characters that are read of one
_TAIL = 16_000  # characters of the log in a report: room for the trace of a crash

log = logging.getLogger("llmstudio")


@dataclass(frozen=True)
class LogFiles:
    """The files that are written to now.

    Attributes:
        crash: What a crash of the interpreter writes to: keep it open.
        earlier: What a crash of an earlier program wrote; empty if there was none.
    """

    crash: IO[str]
    earlier: str = ""


def start_log(folder: Path) -> LogFiles | None:
    """Send warnings and crashes to files in `folder`; a place that cannot be written costs the log and nothing else.

    A windowed program has no standard streams; libraries that print would fall over, so both are given a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / LOG, maxBytes=500_000, backupCount=3, encoding="utf-8", delay=True
        )
        own = folder / f"crash-{owner(os.getpid())}.log"
        crash = open(own, "w", encoding="utf-8")  # noqa: SIM115 (open as long as the program runs)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    faulthandler.enable(crash)
    qInstallMessageHandler(_on_qt_message)
    sys.stdout = sys.stdout or crash
    sys.stderr = sys.stderr or crash
    return LogFiles(crash, _take_over(folder))


def log_tail(folder: Path) -> str:
    """The newest of the log, for a report; why there is nothing to read where it cannot be read."""
    path = folder / LOG
    try:
        return path.read_text(encoding="utf-8", errors="replace")[-_TAIL:] if path.is_file() else ""
    except OSError as error:
        return f"{path}: {error.strerror or error}"


def _take_over(folder: Path) -> str:
    """Move what programs that are gone left here into the log. Returns the crashes among it."""
    crashes = []
    for path in sorted(folder.glob(_FOUND)):
        if not _is_left(path):
            continue
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(_LONGEST).strip()
        except OSError as error:
            log.warning("%s could not be read: %s", path.name, error)
            continue
        if text:
            is_crash = any(line.startswith(_FATAL) for line in text.splitlines())
            log.error("%s:\n%s", "An earlier program crashed" if is_crash else "An earlier program printed", text)
            crashes += [text] if is_crash else []
        with contextlib.suppress(OSError):  # another window was first, or holds it
            path.unlink()
    return "\n\n".join(crashes)


def _is_left(path: Path) -> bool:
    """True if the program that wrote there is gone. One on another computer that shares this folder cannot be asked."""
    found = _MINE.fullmatch(path.name)
    if found is None:
        return path.name == "crash.log"  # what early versions called it
    host, pid, born = found[1], int(found[2]), int(found[3], 16)
    mine = owner(os.getpid())
    return host == mine.split(".")[0] and path.name != f"crash-{mine}.log" and not lives(pid, born)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's own warnings go to the log: on a person's terminal they would only worry."""
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        logging.getLogger("qt").warning(text)
