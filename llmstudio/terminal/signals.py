"""Ctrl+C, a polite kill and a closed terminal: the wish to stop."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from llmstudio.core.work import Stop


@contextlib.contextmanager
def stopping_on_ctrl_c(stop: Stop) -> Iterator[list[int]]:
    """Inside, the first Ctrl+C (a polite kill, a terminal that is closed) requests `stop`, the second interrupts.

    Yields:
        The signals that have come, a list that grows.
    """
    came: list[int] = []
    hangup = getattr(signal, "SIGHUP", None)

    def asked(number: int, frame: object) -> None:
        came.append(number)
        if stop.requested and number != hangup:  # a closed terminal says so twice, and nobody there is impatient
            raise KeyboardInterrupt
        stop.request()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:  # ignored where a person asked for that: nohup
        numbers.append(hangup)
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
