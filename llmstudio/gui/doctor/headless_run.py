"""A run of the command line beside the window, that can be held and let go: what the window's own pace is compared with."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from threading import Thread
from types import TracebackType

import psutil

from llmstudio.core.errors import StudioError

Moment = tuple[float, int]
"""When a step ended (`time.time`), and the tokens read by then."""

Turn = tuple[float, float]
"""Its begin and its end (`time.time`)."""


class HeadlessRun:
    """`llmstudio train` in a process of its own; ended with the block it is used in.

    Attributes:
        steps: A moment for every step so far.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "llmstudio"]
        self.steps: list[Moment] = []
        self._reason = "?"
        self._process = subprocess.Popen(
            [*program, "train", *arguments, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> HeadlessRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes():
            process.kill()
        self._process.wait()
        self._reader.join()

    def wait_for(self, num_steps: int, patience_s: float) -> None:
        """Return after so many steps. Raises StudioError if they do not come."""
        until = time.monotonic() + patience_s
        while len(self.steps) < num_steps:
            if self._process.poll() is not None or time.monotonic() > until:
                self._reader.join(timeout=1)
                raise StudioError("Training without a window failed: {reason}", reason=self._reason)
            time.sleep(0.05)

    def hold(self) -> None:
        """Give it no time on the processor."""
        for process in self._processes():
            process.suspend()

    def let_go(self) -> None:
        """Let it go on where it was held."""
        for process in self._processes():
            process.resume()

    def _processes(self) -> list[psutil.Process]:
        """None once it has ended. More than one on Windows, where the Python of an environment only starts the real one."""
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                event = json.loads(line)
                if event["event"] == "train_step":
                    self.steps.append((event["time"], event["tokens"]))
                elif event["event"] == "failed":
                    self._reason = event["message"]


def pace(steps: Sequence[Moment], turns: Sequence[Turn]) -> float:
    """Tokens a second over all turns, in each from the first step that ended in it to the last; 0 where none saw two."""
    tokens, seconds = 0, 0.0
    for begin, end in turns:
        within = [step for step in steps if begin <= step[0] <= end]
        if len(within) > 1:
            tokens += within[-1][1] - within[0][1]
            seconds += within[-1][0] - within[0][0]
    return tokens / seconds if seconds else 0.0
