"""Bringing a library of machine code into memory without holding Python's lock, so that a window stays alive meanwhile."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path


def read_ahead(path: Path) -> None:
    """Bring a file into the system's page cache, a few megabytes at a time."""
    with open(path, "rb", buffering=0) as file:
        buffer = bytearray(4 * 2**20)
        while file.readinto(buffer):
            pass


def preload(path: Path, *, names_for_all: bool = True) -> None:
    """Let the linker do its work on a library. One that refuses is left to `import`, and so are all on Windows.

    Args:
        path: The library.
        names_for_all: Whether libraries that are loaded later find its names.
    """
    # `ctypes.CDLL(path)` would keep the lock while it loads; a foreign call of the loader itself lets go of it.
    loader = getattr(ctypes.CDLL(None), "dlopen", None)
    if loader is not None:
        loader.restype = ctypes.c_void_p
        loader(ctypes.c_char_p(str(path).encode()), ctypes.c_int(os.RTLD_NOW | (os.RTLD_GLOBAL if names_for_all else 0)))
