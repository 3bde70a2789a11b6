"""Ctrl+C, a polite kill and a closed terminal: the wish to stop."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

from llmstudio.core.work import Stop

_AT_ONCE_S = 1.0  # signals that come sooner after one another than a person would send them


@contextlib.contextmanager
def stopping_on_ctrl_c(stop: Stop) -> Iterator[list[int]]:
    """Inside, the first Ctrl+C (a polite kill, a terminal that is closed) requests `stop`, the second interrupts.

    Yields:
        The signals that have come, a list that grows.
    """
    came: list[int] = []
    last = -_AT_ONCE_S
    hangup = getattr(signal, "SIGHUP", None)

    def asked(number: int, frame: object) -> None:
        nonlocal last
        came.append(number)
        before, last = last, time.monotonic()
        # A closed terminal says so twice, a session that ends sends one kind after the other: nobody there is impatient.
        if stop.requested and number != hangup and (number == signal.SIGINT or last - before >= _AT_ONCE_S):
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
