"""Turns at one file or folder: between reading it and writing it anew nobody else may write, in this program or another.

For what is short (a chat is read, joined and written in milliseconds) and may go on beside long work; long work holds the
project itself. The lock is the operating system's, so that it is gone with whoever held it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from llmstudio.core.errors import StudioError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PATIENCE_S, _PAUSE_S = 2.0, 0.01
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Hold `folder`, which exists, while the block lasts; whoever comes meanwhile waits. Not to be nested.

    Where the disk knows no locks (some network drives), nobody waits: it is as if each came alone.

    Raises:
        StudioError: Somebody else has held it for two seconds.
    """
    until = time.monotonic() + _PATIENCE_S
    with contextlib.ExitStack() as at_the_end:
        try:
            handle = _open(folder)
            at_the_end.callback(os.close, handle)
            while not _take(handle):
                if time.monotonic() > until:
                    raise StudioError("Another llmstudio is writing in {folder}: try again in a moment.", folder=str(folder))
                time.sleep(_PAUSE_S)
        except OSError:  # no locks here; whether anything can be written is for the writer to say
            pass
        yield


if sys.platform == "win32":

    def _open(folder: Path) -> int:
        return os.open(folder / ".turn", os.O_RDWR | os.O_CREAT)  # a folder itself cannot be opened there

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            return False
        return True

else:

    def _open(folder: Path) -> int:
        return os.open(folder, os.O_RDONLY)

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            return False
        return True
