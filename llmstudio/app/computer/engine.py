"""Loading torch so gently that a window stays alive: the slow parts run without Python's lock, the rest in small portions.

Importing torch costs seconds. Most of them go into reading its libraries from disk and into the linker's relocations, and
both can be had beforehand without the lock: a file read and a `dlopen` through ctypes release it. What is left for `import`
is Python's own work.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil

from llmstudio.core.events import Event, Progress, Started
from llmstudio.core.loading import preload, read_ahead
from llmstudio.core.words import words
from llmstudio.core.work import Stop

if sys.platform == "linux":
    import resource

JOB = "engine"
_LIBRARIES = (
    "libc10.so",
    "libtorch_cpu.so",
    "libtorch_python.so",
    "libc10.dylib",
    "libtorch_cpu.dylib",
    "libtorch_python.dylib",
)
_BESIDE_BYTES = 80 << 20  # with less than its libraries and so much, a first answer of the smallest model fails, or aborts
_loading = threading.Lock()


def is_loaded() -> bool:
    """True once torch is in memory, whole."""
    return "torch" in sys.modules and hasattr(sys.modules["torch"], "compile")


def is_loading() -> bool:
    """True while some thread is at it."""
    return _loading.locked()


def check_room() -> None:
    """Refuse where a limit of addresses leaves no room for torch: its libraries would end the program in the middle.

    Raises:
        MemoryError: There is not enough room.
    """
    if is_loaded() or sys.platform != "linux":
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    needed = sum(path.stat().st_size for path in _libraries()) + _BESIDE_BYTES
    if psutil.Process().memory_info().vms + needed > limit:
        raise MemoryError("not enough memory for torch")


def load_engine() -> Iterator[Event]:
    """Load torch in the calling thread; yields `Progress` between the parts, and says nothing if it is there already.

    The last event has `done == total`. It is a part of a job, not a job: it has no Started and no Finished.

    Raises:
        MemoryError: As `check_room`.
    """
    if is_loaded():
        return
    check_room()
    what = words("Loading the engine…")
    libraries = _libraries()
    total = 2 * len(libraries) + 1
    steps = [partial(read_ahead, path) for path in libraries] + [partial(preload, path) for path in libraries]
    for done, step in enumerate([*steps, partial(import_quietly, "torch")]):
        yield Progress(job=JOB, what=what, done=done, total=total)
        step()
    yield Progress(job=JOB, what=what, done=total, total=total)


def with_engine(
    job_factory: Callable[[Stop], Iterator[Event]], *, at: tuple[str, ...] = ()
) -> Callable[[Stop], Iterator[Event]]:
    """The same job with torch loaded first, or, if only its part `at` needs torch, when that part has started."""

    def job(stop: Stop) -> Iterator[Event]:
        if not at:
            yield from load_engine()
        for event in job_factory(stop):
            yield event
            if at and isinstance(event, Started) and event.path == at:
                yield from load_engine()

    return job


def import_quietly(*names: str) -> None:
    """Import modules with the garbage collector at rest: its rounds over the many new objects hold the lock for 150 ms each.

    What an import made lives as long as the program, so it is taken out of later rounds for good.
    """
    with _loading:
        was_on = gc.isenabled()
        gc.disable()
        try:
            for name in names:
                importlib.import_module(name)
            gc.freeze()
        finally:
            if was_on:
                gc.enable()


def _libraries() -> list[Path]:
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations))) / "lib"
    return [folder / name for name in _LIBRARIES if (folder / name).exists()]
