"""Whether another process still works: one that says nothing for long and takes no processor time has come to a stand.

It says nothing of why: threads that wait for each other (a library that ran out of memory while it reported just that keeps
its own lock), or a pipe that nobody reads. A process that is held by somebody, or waits for a disk, is given its time.
"""

from __future__ import annotations

import psutil

_SHARE = 0.01
"""Of a processor: a child that waits and looks 20 times a second takes a tenth of it on a slow computer."""
_WAITS = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP, psutil.STATUS_DISK_SLEEP)


class Standstill:
    """Watches the process `pid`, which somebody waits for.

    Args:
        pid: The process.
        limit_s: Seconds of waiting for a word, after which its processor time is looked at.
    """

    def __init__(self, pid: int, limit_s: float) -> None:
        self._pid, self._limit_s = pid, limit_s
        self._waited_s, self._before_s = 0.0, 0.0

    def heard(self) -> None:
        """It said something."""
        self._waited_s = 0.0

    def waited(self, seconds: float) -> bool:
        """True if it has come to a stand, after `seconds` more in which it was waited for and said nothing.

        Only waiting counts: neither a night with a closed lid nor the time in which nobody asked.
        """
        try:
            if not self._waited_s:
                self._before_s = self._worked_s()
            self._waited_s += seconds
            if self._waited_s < self._limit_s:
                return False
            stands = self._worked_s() - self._before_s < _SHARE * self._waited_s
            self._waited_s = 0.0
            return stands and psutil.Process(self._pid).status() not in _WAITS
        except psutil.Error:  # it has just ended, which its pipe tells
            return False

    def _worked_s(self) -> float:
        used = psutil.Process(self._pid).cpu_times()
        return float(used.user + used.system)
