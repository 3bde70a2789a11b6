from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from llmstudio.core import work
from llmstudio.core.errors import StudioError
from llmstudio.core.standstill import Standstill
from llmstudio.core.work import Stop, in_child


def _waits_for_itself() -> Iterator[int]:
    yield 1
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    yield 2


def _computes(seconds: float) -> Iterator[int]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(10_000))
    yield 3


def test_that_a_child_that_came_to_a_stand_is_ended_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STANDSTILL_S", 1.0)
    heard: list[Any] = []
    with pytest.raises(StudioError, match="came to a stand"):
        _hear(in_child(_waits_for_itself, stop=Stop()), heard)
    assert heard == [1]
    assert not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def _hear(values: Iterator[Any], heard: list[Any]) -> None:
    for value in values:
        if value is not None:
            heard.append(value)


def test_that_a_child_that_computes_in_silence_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "STANDSTILL_S", 0.3)
    assert [value for value in in_child(_computes, 1.0, stop=Stop()) if value is not None] == [3]


@pytest.mark.skipif(sys.platform == "win32", reason="nobody holds a program there")
def test_that_a_process_that_is_held_or_gone_has_not_come_to_a_stand() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    try:
        child.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 10
        while psutil.Process(child.pid).status() != psutil.STATUS_STOPPED and time.monotonic() < until:
            time.sleep(0.01)
        watched = Standstill(child.pid, limit_s=60)
        assert not any(watched.waited(25) for _ in range(10))
    finally:
        child.kill()
        child.wait()
    assert not any(Standstill(child.pid, limit_s=1).waited(1) for _ in range(10))


def test_that_only_waiting_without_a_word_counts() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    try:
        time.sleep(0.5)  # it has begun, which takes processor time
        watched = Standstill(child.pid, limit_s=60)
        for _ in range(5):
            assert not watched.waited(59)
            watched.heard()
        assert [watched.waited(25) for _ in range(3)] == [False, False, True]
    finally:
        child.kill()
        child.wait()
