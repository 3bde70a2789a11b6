from __future__ import annotations

import faulthandler
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.gui.window.crash_log import LogFiles, log_tail, start_log

CRASHES = """
import faulthandler, sys
from pathlib import Path
from llmstudio.gui.window.crash_log import start_log
files = start_log(Path(sys.argv[1]))
print(files.earlier[:18], flush=True)
if sys.argv[2] == "waits":
    sys.stdin.read()
faulthandler._sigsegv()
"""


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """A folder for logs; what logging was before is so again afterwards."""
    handlers = list(logging.getLogger().handlers)
    was_enabled = faulthandler.is_enabled()
    yield tmp_path / "logs"
    for handler in [handler for handler in logging.getLogger().handlers if handler not in handlers]:
        handler.close()
        logging.getLogger().removeHandler(handler)
    faulthandler.disable()
    if was_enabled:
        faulthandler.enable(sys.__stderr__)
    qInstallMessageHandler(None)


def started(logs: Path) -> LogFiles:
    made = start_log(logs)
    assert made is not None
    return made


def crash(logs: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASHES, str(logs), "now"], capture_output=True, check=False)
    assert done.returncode != 0


def test_that_the_trace_of_a_crash_outlives_two_starts_and_is_told_once(logs: Path) -> None:
    crash(logs)
    first = started(logs)
    first.crash.close()
    second = started(logs)
    second.crash.close()
    assert first.earlier.startswith("Fatal Python error: Segmentation fault")
    assert second.earlier == ""
    assert log_tail(logs).count("Fatal Python error: Segmentation fault") == 1


def test_that_the_trace_of_an_early_version_is_kept_too(logs: Path) -> None:
    logs.mkdir()
    (logs / "crash.log").write_text("Fatal Python error: Aborted\n")
    files = started(logs)
    files.crash.close()
    assert files.earlier == "Fatal Python error: Aborted"
    assert "Fatal Python error: Aborted" in log_tail(logs)


def test_that_a_second_window_leaves_the_first_ones_file_alone(logs: Path) -> None:
    program = [sys.executable, "-c", CRASHES, str(logs), "waits"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        files = started(logs)
        files.crash.close()
        assert len(list(logs.glob("crash-*.log"))) == 2
        other.stdin.close()
    assert files.earlier == ""
    later = started(logs)
    later.crash.close()
    assert "Segmentation fault" in later.earlier


def test_that_what_a_library_printed_is_kept_and_called_no_crash(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    files = started(logs)
    sys.stdout.write("a library prints")
    logging.getLogger("llmstudio").warning("a warning")
    qWarning("a warning of Qt")
    files.crash.close()
    own = next(logs.glob("crash-*.log"))
    own.rename(own.with_name(own.name.replace(f".{os.getpid()}.", ".999999999.")))  # as of a program that is gone
    later = started(logs)
    later.crash.close()
    assert later.earlier == ""
    tail = log_tail(logs)
    assert all(text in tail for text in ("a warning\n", "a warning of Qt", "a library prints"))


def test_that_a_log_folder_that_cannot_be_made_costs_only_the_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert start_log(tmp_path / "file" / "logs") is None


def test_that_a_log_that_cannot_be_read_is_named_with_the_reason(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.mkdir()
    (logs / "llmstudio.log").write_text("lines")

    def refuse(*_arguments: object, **_options: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    assert log_tail(logs) == f"{logs / 'llmstudio.log'}: Permission denied"


def test_that_the_window_says_at_its_start_that_the_last_one_crashed(
    logs: Path, home: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmstudio.gui.window.application import open_window

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", lambda *_: None)
    crash(home / "logs")
    _, window = open_window(tmp_path / "project")
    try:
        assert "crashed" in window.messages.text
        assert any(button.text() == "Copy report" for button in window.messages.findChildren(QPushButton))
    finally:
        window.close_unasked()
        window.log_files.crash.close()
        window.deleteLater()
