"""Staying off a processor that others use too.

torch's threads share every operation and wait for the last of them. If another program takes turns with one, all wait for
it, hundreds of times a step: beside a single busy program, steps of 50 ms were measured to take more than a second on two
cores, and 90 ms with one thread, which waits for nobody. So a run whose steps become far too slow steps back to one thread
and tries again later.

The number of threads changes only the last bits of a result; a run that never steps back repeats itself exactly. So a run
with a chosen number of threads never steps back, and one that steps back says so.
"""

from __future__ import annotations

import statistics
from collections import deque

_FAR = 4.0  # times as slow as usual
_LEAST_S = 0.05  # below this a step is slow for reasons that have nothing to do with threads
_IN_A_ROW = 2
_FIRST_REST, _LONGEST_REST = 30, 480  # steps


class Crowding:
    """Watches how long steps take and says how many threads the next one should use.

    Attributes:
        threads: For the next step.
    """

    def __init__(self, threads: int, *, may_step_back: bool = True) -> None:
        self.threads = self._all = threads
        self._may_step_back = may_step_back
        self._usual: deque[float] = deque(maxlen=40)
        self._slow = 0
        self._rest = _FIRST_REST
        self._left = 0

    @property
    def is_crowded(self) -> bool:
        """True while the run has stepped back."""
        return self.threads < self._all

    def note(self, seconds: float) -> bool:
        """A step has taken so long; True if the number of threads changes with it."""
        if self._all == 1 or not self._may_step_back:
            return False
        if self.is_crowded:
            self._left -= 1
            if self._left:
                return False
            self.threads, self._slow = self._all, 0
            return True
        usual = statistics.median(self._usual) if len(self._usual) >= 5 else None
        if usual is None or seconds < max(_FAR * usual, _LEAST_S):
            self._usual.append(seconds)
            self._slow = 0
            if len(self._usual) == self._usual.maxlen:
                self._rest = max(_FIRST_REST, self._rest - 1)  # quiet for long: the next rest may be short again
            return False
        self._slow += 1
        if self._slow < _IN_A_ROW:
            return False
        self.threads, self._left = 1, self._rest
        self._rest = min(2 * self._rest, _LONGEST_REST)
        return True
