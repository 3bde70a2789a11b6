"""Seconds in which this program was awake: a clock that stands while the computer sleeps or the program is held.

A closed lid, a paused virtual machine or Ctrl+Z stop a program without asking it. Some system clocks go on meanwhile: one
that counts sleep does so on Windows, and no clock stands for a program that alone is held. A run of so many seconds that
trusts them ends as soon as it wakes, its learning rate never brought down; in a race somebody pays for the night.

So a thread looks at the clock several times a second. Where nobody looked for long and the processor did nothing for us
meanwhile, the program was not awake, and that gap is left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from llmstudio.core.words import Words, words

_BEAT_S = 0.25
# A computer that is merely busy lets a waiting thread run well within two seconds, and gives it more than a twentieth.
_LEAST_GAP_S, _ASLEEP_SHARE = 2.0, 0.05


class AwakeClock:
    """Counts seconds, without the gaps in which nothing of this program ran. Any thread may ask it.

    Args:
        wall: Seconds that go on by themselves.
        busy: Seconds that processors have worked for this program.
    """

    def __init__(self, wall: Callable[[], float] = time.perf_counter, busy: Callable[[], float] = time.process_time) -> None:
        self._wall, self._busy = wall, busy
        self._guard = threading.Lock()
        self._seen, self._worked = wall(), busy()
        self._gaps = 0.0

    def now(self) -> float:
        """Seconds awake, from an arbitrary beginning."""
        return self._read()[0]

    def gaps(self) -> float:
        """Seconds left out so far."""
        return self._read()[1]

    def _read(self) -> tuple[float, float]:
        with self._guard:
            now, worked = self._wall(), self._busy()
            silence = now - self._seen
            if silence > _LEAST_GAP_S and worked - self._worked < _ASLEEP_SHARE * silence:
                self._gaps += silence
            self._seen, self._worked = now, worked
            return now - self._gaps, self._gaps


_clock: AwakeClock | None = None
_guard = threading.Lock()


def awake_clock() -> AwakeClock:
    """The program's own clock, looked at regularly from the first call on."""
    global _clock
    with _guard:
        if _clock is None:
            _clock = AwakeClock()
            threading.Thread(target=_look, args=(_clock,), name="awake clock", daemon=True).start()
        return _clock


def awake_s() -> float:
    """Seconds in which this program was awake, from an arbitrary beginning; for differences."""
    return awake_clock().now()


def gap_note(seconds: float) -> Words:
    """What a job says of a gap that it left out."""
    return words("The program was asleep or held for {seconds} s: this time is not counted.", seconds=round(seconds))


def _look(clock: AwakeClock) -> None:
    while True:
        time.sleep(_BEAT_S)
        clock.now()
