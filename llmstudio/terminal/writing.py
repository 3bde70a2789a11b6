"""What goes to the terminal goes through here: in UTF-8, and without a control character that is not ours."""

from __future__ import annotations

import io
import sys
from typing import TextIO

from llmstudio.app.computer.places import keep_report
from llmstudio.core.errors import Remedy
from llmstudio.terminal.printable import printable
from llmstudio.terminal.remedies import commands


def write(stream: TextIO | None, text: str, *, before: str = "") -> None:
    """The one door to a terminal: of control characters, only our own `before` gets through."""
    if stream is not None:  # a program without a terminal has none
        stream.write(before + printable(text))
        stream.flush()


def speak_utf8() -> None:
    """Any script may be printed, whatever the terminal was set to; what it cannot show is replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def complain(sentence: str, report: str = "", remedies: tuple[Remedy, ...] = ()) -> None:
    """One plain sentence on standard error, and what may be typed; a report goes to a file, and the sentence says where."""
    place = keep_report(report) if report else None
    write(sys.stderr, sentence + (f" ({place})" if place else "") + "\n")
    for line in commands(remedies):
        write(sys.stderr, f"  {line}\n")
