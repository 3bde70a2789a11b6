"""Loading torch so gently that a window stays alive: the slow parts run without Python's lock, the rest in small portions.

Importing torch costs seconds. Most of them go into reading its libraries from disk and into the linker's relocations, and
both can be had beforehand without the lock: a file read and a `dlopen` through ctypes release it. What is left for `import`
is Python's own work.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from llmstudio.core.events import Event, Progress
from llmstudio.core.words import words
from llmstudio.core.work import Stop

JOB = "engine"
_LIBRARIES = (
    "libc10.so",
    "libtorch_cpu.so",
    "libtorch_python.so",
    "libc10.dylib",
    "libtorch_cpu.dylib",
    "libtorch_python.dylib",
)
_STAGES = ("torch",)


def is_loaded() -> bool:
    """True once torch is in memory, whole."""
    return "torch" in sys.modules and hasattr(sys.modules["torch"], "compile")


def load_engine() -> Iterator[Event]:
    """Load torch in the calling thread; yields `Progress` between the parts, and says nothing if it is there already.

    The last event has `done == total`. It is a part of a job, not a job: it has no Started and no Finished.
    """
    if is_loaded():
        return
    what = words("Loading the engine…")
    libraries = _libraries()
    total = 2 * len(libraries) + len(_STAGES)
    done = 0
    for path in libraries:
        yield Progress(job=JOB, what=what, done=done, total=total)
        _read_ahead(path)
        done += 1
    for path in libraries:
        yield Progress(job=JOB, what=what, done=done, total=total)
        _preload(path)
        done += 1
    for name in _STAGES:
        yield Progress(job=JOB, what=what, done=done, total=total)
        importlib.import_module(name)
        done += 1
    yield Progress(job=JOB, what=what, done=total, total=total)


def with_engine(job_factory: Callable[[Stop], Iterator[Event]]) -> Callable[[Stop], Iterator[Event]]:
    """The same job with the loading of torch before it."""

    def job(stop: Stop) -> Iterator[Event]:
        yield from load_engine()
        yield from job_factory(stop)

    return job


def _libraries() -> list[Path]:
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations))) / "lib"
    return [folder / name for name in _LIBRARIES if (folder / name).exists()]


def _read_ahead(path: Path) -> None:
    """Bring a file into the system's page cache, a few megabytes at a time."""
    with open(path, "rb", buffering=0) as file:
        buffer = bytearray(4 * 2**20)
        while file.readinto(buffer):
            pass


def _preload(path: Path) -> None:
    """Let the linker do its work on a library without Python's lock. A library that refuses is left to `import`."""
    # `ctypes.CDLL(path)` would keep the lock while it loads; a foreign call of the loader itself lets go of it.
    loader = getattr(ctypes.CDLL(None), "dlopen", None)
    if loader is not None:
        loader.restype = ctypes.c_void_p
        loader(ctypes.c_char_p(str(path).encode()), ctypes.c_int(os.RTLD_NOW | os.RTLD_GLOBAL))
