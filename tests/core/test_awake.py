"""A clock that stands while nothing of the program ran, and goes on while the computer is merely busy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from llmstudio.core.awake import AwakeClock, awake_s


class Hands:
    """A clock's two sources, moved by hand."""

    def __init__(self) -> None:
        self.wall = self.busy = 0.0
        self.clock = AwakeClock(lambda: self.wall, lambda: self.busy)

    def go(self, seconds: float, *, share: float) -> None:
        """Let time go on, with the processor working for the program for a share of it."""
        self.wall += seconds
        self.busy += share * seconds


def test_that_a_gap_in_which_nothing_ran_is_left_out_once() -> None:
    hands = Hands()
    begin = hands.clock.now()
    for seconds, share in ((0.5, 1.0), (60.0, 0.0), (0.5, 1.0), (0.5, 0.0)):
        hands.go(seconds, share=share)
        last = hands.clock.now()
    assert last - begin == pytest.approx(1.5)
    assert hands.clock.gaps() == pytest.approx(60.0)


@pytest.mark.parametrize(("seconds", "share"), [(60.0, 1.0), (60.0, 0.1), (1.9, 0.0)])
def test_that_long_work_a_busy_computer_and_a_short_wait_all_count(seconds: float, share: float) -> None:
    hands = Hands()
    hands.go(seconds, share=share)
    assert hands.clock.now() == pytest.approx(seconds)
    assert hands.clock.gaps() == 0


def test_that_waiting_for_something_counts_because_the_clock_is_looked_at_meanwhile() -> None:
    begin = awake_s()
    time.sleep(2.6)
    assert awake_s() - begin > 2.5


_COUNTING = """
import time
from llmstudio.core.awake import awake_clock
began = time.perf_counter()
clock = awake_clock()
print("ready", flush=True)
while time.perf_counter() - began < 4.0:
    sum(range(1000))
print(clock.now() - clock._wall() + clock.gaps() < 1e-3, clock.gaps())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="programs are held by signals elsewhere")
def test_that_a_program_that_was_held_leaves_the_gap_out() -> None:
    with subprocess.Popen([sys.executable, "-c", _COUNTING], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(3.0)
        os.kill(child.pid, signal.SIGCONT)
        said = child.stdout.readline().split()
    assert said[0] == "True"
    assert 2.5 < float(said[1]) < 4.5
