"""How long work is asked to stop, and where native work runs that cannot be asked."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.shortage import is_shortage
from llmstudio.core.standstill import Standstill

if sys.platform == "linux":
    import resource

_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8
STANDSTILL_S = 60.0
"""How long a child may say nothing and do nothing. Work that computes may be silent for hours."""
_ROOM_BYTES, _ROOM_A_THREAD_BYTES = 2 << 30, 128 << 20  # with so many addresses there is a place for each thread
_starting = threading.Lock()


class Stop:
    """A flag that anyone may raise and a job reads between steps. `keep` says whether the work so far is wanted.

    It holds no lock: a signal may come while another one is being heard, and would wait for ever for what it interrupts.
    """

    def __init__(self) -> None:
        self._is_requested = False
        self.keep = True

    def request(self, *, keep: bool = True) -> None:
        """Ask the job to end soon; `keep=False` also asks it to throw away what this run made."""
        self.keep = keep
        self._is_requested = True

    @property
    def requested(self) -> bool:
        """True once somebody has asked."""
        return self._is_requested


class WasStopped(StudioError):
    """Somebody asked to stop what has nothing to keep: a look-up, or a job in the middle of one."""

    def __init__(self) -> None:
        super().__init__("This was stopped.")

    def __reduce__(self) -> tuple[object, ...]:
        return WasStopped, ()


def check(stop: Stop | None) -> None:
    """For look-ups, which have nothing to keep: raise WasStopped if somebody has asked to stop."""
    if stop is not None and stop.requested:
        raise WasStopped


def in_child(function: Callable[..., Iterator[Any]], *arguments: Any, stop: Stop, poll_s: float = 0.05) -> Iterator[Any]:
    """Pull `function(*arguments)` in a child process and yield what it yields, until it ends or `stop` is raised.

    For native work that cannot be interrupted from inside (building a tokenizer): the child is ended at once.
    `function` must be importable by name, its arguments and values picklable (they only travel between our own processes).

    Yields:
        None about every `poll_s` seconds while the child is silent, so that the puller stays in command.

    Raises:
        StudioError: The child raised one, died, or came to a stand.
        MemoryError: There was not enough memory in there.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(theirs, function, arguments), daemon=True)
    with contextlib.nullcontext() if function.__module__ == "__main__" else _main_left_alone():
        child.start()
    theirs.close()
    watched = Standstill(child.pid or 0, STANDSTILL_S)
    try:
        while not stop.requested:
            if not ours.poll(poll_s):
                if watched.waited(poll_s):
                    raise StudioError(
                        "The work came to a stand and was ended (the computer may be short of memory). Close other "
                        "programs, or try a smaller size."
                    )
                yield None
                continue
            watched.heard()
            try:
                kind, value = ours.recv()
            except (EOFError, OSError):  # it died between two values, or in the middle of one
                raise StudioError(
                    "The work ended without a result (the computer may be short of memory). Try a smaller size."
                ) from None
            if kind == "value":
                yield value
            elif kind == "error":
                raise value
            else:
                return
    finally:
        if child.is_alive():
            child.terminate()
        child.join(5)
        if child.is_alive():
            child.kill()
        ours.close()


@contextlib.contextmanager
def _main_left_alone() -> Iterator[None]:
    """A child started inside does not run the program's main file again: a script that says nothing of `__main__` would do
    all of its work anew in there, and fail. What a child is to do is found by its own module's name.
    """
    main: Any = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__spec__", "__file__") if hasattr(main, name)}
    with _starting:
        for name in kept:
            setattr(main, name, None)
        try:
            yield
        finally:
            for name, value in kept.items():
                setattr(main, name, value)


def _die_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however it went: nobody waits for its work any more."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":  # also while native work keeps every thread of ours waiting
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # gone before we asked
            os._exit(1)


def _share_one_heap() -> None:
    """Under a tight limit of addresses let all threads of this process take memory from one place.

    The C library of Linux reserves 64 MB of addresses for each thread. Where the limit refuses that, it asks the system for
    every single string, which makes native work a hundred times slower: it seems to hang.
    """
    if sys.platform == "linux":
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY and limit < _ROOM_BYTES + (os.cpu_count() or 1) * _ROOM_A_THREAD_BYTES:
            with contextlib.suppress(OSError, AttributeError):  # another C library
                ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _run(pipe: Connection, function: Callable[..., Iterator[Any]], arguments: tuple[Any, ...]) -> None:
    _die_with_parent()
    _share_one_heap()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides what it means
    try:
        for value in function(*arguments):
            pipe.send(("value", value))
        pipe.send(("end", None))
    except StudioError as error:
        pipe.send(("error", error))
    except Exception as error:
        if is_shortage(error):  # whoever waits for this knows what would help
            pipe.send(("error", MemoryError(str(error))))
            return
        pipe.send(("error", StudioError("The work failed: {reason}", reason=f"{type(error).__name__}: {error}")))
