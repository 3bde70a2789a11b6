from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop, in_child


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "resource_tracker" not in " ".join(p.cmdline())]


def test_that_stop_is_raised_once_and_says_whether_the_work_is_wanted() -> None:
    stop = Stop()
    assert not stop.requested
    stop.request(keep=False)
    assert stop.requested
    assert not stop.keep


def test_that_a_stop_from_another_thread_is_seen() -> None:
    stop = Stop()
    thread = threading.Thread(target=stop.request)
    thread.start()
    thread.join()
    assert stop.requested


def test_that_a_child_yields_what_the_function_yields() -> None:
    found = [value for value in in_child(map, int, ["1", "2", "3"], stop=Stop()) if value is not None]
    assert found == [1, 2, 3]


def test_that_a_silent_child_is_ended_at_once_when_asked_to_stop() -> None:
    stop = Stop()
    work = in_child(map, time.sleep, [0.0, 600.0], stop=stop)
    for _ in range(3):
        assert next(work) is None
    began = time.monotonic()
    stop.request()
    assert list(work) == []
    took = time.monotonic() - began
    assert took < 3, f"{took:.1f} s"
    assert children() == []


def test_that_closing_ends_the_child() -> None:
    work = in_child(map, time.sleep, [0.0, 600.0], stop=Stop())
    next(work)
    work.close()  # type: ignore[attr-defined]
    assert children() == []


def test_that_a_talkative_child_is_stopped_between_two_values() -> None:
    stop = Stop()
    work = in_child(itertools.count, stop=stop)
    assert next(value for value in work if value is not None) == 0
    stop.request()
    assert list(work) == []


def test_that_an_error_in_a_child_becomes_a_sentence() -> None:
    with pytest.raises(StudioError, match="ValueError"):
        list(in_child(map, int, ["one"], stop=Stop()))


def test_that_a_child_that_dies_is_reported_in_a_sentence() -> None:
    with pytest.raises(StudioError, match="without a result"):
        list(in_child(map, os._exit, [3], stop=Stop()))


def killed_while_it_hands_over() -> Iterator[bytes]:
    threading.Timer(0.2, os._exit, [1]).start()
    yield b"x" * (1 << 24)  # more than a pipe holds


def test_that_a_child_that_dies_in_the_middle_of_its_result_is_reported_in_the_same_sentence() -> None:
    work = in_child(killed_while_it_hands_over, stop=Stop())
    assert next(work) is None
    (child,) = children()
    while child.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)
    with pytest.raises(StudioError, match="without a result"):
        list(work)


PARENT = """
import os, time
from llmstudio.core.work import Stop, in_child

def sleepy():
    yield os.getpid()
    time.sleep(120)  # far longer than any test waits

if __name__ == "__main__":
    for value in in_child(sleepy, stop=Stop()):
        if value is not None:
            print(value, flush=True)
"""


def test_that_a_child_dies_with_its_parent_however_that_went(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, str(tmp_path / "parent.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": paths}) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=10)[1] == []


def test_that_a_script_without_a_guard_may_start_a_child(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from llmstudio.core.work import Stop, in_child\n"
        "print([value for value in in_child(map, int, ['1', '2'], stop=Stop()) if value is not None])\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.splitlines() == ["[1, 2]"], done.stderr


LIMITED = """
import resource, threading
import psutil
from llmstudio.core.work import Stop, in_child

def growth():
    before, held = psutil.Process().memory_info().vms, []
    gate = threading.Barrier(5)
    def take():
        held.append(bytearray(5000))  # more than Python serves from its own stock
        gate.wait()
    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield psutil.Process().memory_info().vms - before
    gate.wait()

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, resource.RLIM_INFINITY))
    print(max(value for value in in_child(growth, stop=Stop()) if value is not None))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="its C library alone keeps a heap for each thread")
def test_that_a_child_with_few_addresses_does_not_reserve_many_for_each_thread(tmp_path: Path) -> None:
    script = tmp_path / "limited.py"
    script.write_text(LIMITED)
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 4 * (64 << 20), "only the threads' stacks"


def test_that_a_wish_to_stop_that_comes_while_another_is_heard_does_not_wait_for_it() -> None:
    stop = Stop()

    def again_at_every_line(frame: FrameType, event: str, _argument: object) -> Any:
        """What a second signal does: its handler runs between any two lines of the first one's."""
        sys.settrace(None)
        stop.request()
        sys.settrace(again_at_every_line)
        return again_at_every_line

    def ask() -> None:
        sys.settrace(again_at_every_line)
        try:
            stop.request()
        finally:
            sys.settrace(None)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout=20)
    assert not asking.is_alive()
    assert stop.requested
