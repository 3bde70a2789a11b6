"""What comes in through standard input, in the place of a file."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from llmstudio.core.events import Event
from llmstudio.core.work import Stop

STANDARD_INPUT = "-"
MakeJob = Callable[[Path, Stop], Iterator[Event]]


def job_over(file: Path, make: MakeJob) -> Callable[[Stop], Iterator[Event]]:
    """A job over a file; `-` is what comes in, which is kept in a file that is thrown away: it is read twice."""
    if str(file) != STANDARD_INPUT:
        return lambda stop: make(file, stop)

    def job(stop: Stop) -> Iterator[Event]:
        with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
            kept = Path(folder) / "standard input"
            with open(kept, "wb") as taken:
                shutil.copyfileobj(sys.stdin.buffer, taken)
            yield from make(kept, stop)

    return job
