"""`python -m llmstudio`: no verb opens the window, else the command line. The one place that knows both faces."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # everything else is loaded where an impatient Ctrl+C is heard
    import argparse
    from collections.abc import Iterator
    from types import FrameType

    from llmstudio.core.events import Event

_AT_ONCE_S = 0.3


def main() -> int:
    """The program. Returns its exit status: 130 whenever it was told to end, be it before or after its work."""
    if getattr(sys, "frozen", False):  # a child process of the bundled program begins here too
        import multiprocessing

        multiprocessing.freeze_support()
    match sys.argv[1:]:
        case []:
            return open_window()
        case ["--project", folder]:
            return open_window(Path(folder))
        case [word] if word.startswith("--project="):
            return open_window(Path(word.removeprefix("--project=")))
    signals = _interruptible()
    try:
        status = _in_terminal()
        _deaf(signals)
    except KeyboardInterrupt:
        _deaf(signals)
        return 130
    return status


def _in_terminal() -> int:
    from llmstudio.core.shortage import KINDS, shortage_of

    _open_log()
    try:
        from llmstudio.cli import main as command_line

        return command_line(sys.argv[1:], window_doctor=_window_doctor)
    except KINDS as error:
        if (short := shortage_of(error)) is None:
            raise
        return _refused(str(short))


def open_window(project: Path | None = None) -> int:
    """The window, as double-clicked: on the last project unless one is named."""
    _open_log()
    from llmstudio.gui.window.application import main as window

    return int(window(project) or 0)


def _window_doctor(arguments: argparse.Namespace) -> Iterator[Event]:
    from llmstudio.gui.doctor.self_test import run

    return iter(run(arguments))


def _interruptible() -> list[int]:
    """Let whatever tells this program to end raise KeyboardInterrupt, also before a job listens and after one has ended.

    Returns:
        The signals that do so: not those that a person asked not to be told of, as `nohup` does.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    last = [-_AT_ONCE_S]

    def ends(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - last[0] >= _AT_ONCE_S:  # a closed terminal sends two, and one is enough
            last[0] = now
            raise KeyboardInterrupt

    for number in heard:
        signal.signal(number, ends)
    return heard


def _deaf(signals: list[int]) -> None:
    """The status is known: nothing may change it while the interpreter closes."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)


def _refused(sentence: str) -> int:
    """Say why not even the command line could be loaded, which says everything else."""
    if "--json" in sys.argv:
        import json

        said = {"event": "failed", "job": "", "step": 0, "time": time.time(), "message": sentence, "remedies": []}
        sys.stdout.write(json.dumps(said) + "\n")
    sys.stderr.write(sentence + "\n")
    return 1


def _open_log() -> None:
    """Without a terminal (a double-clicked program on Windows) what is printed goes to a file instead of nowhere."""
    if sys.stdout is not None and sys.stderr is not None:
        return
    from llmstudio.app.computer.places import open_log

    log = open_log()
    sys.stdout, sys.stderr = sys.stdout or log, sys.stderr or log


if __name__ == "__main__":
    sys.exit(main())
