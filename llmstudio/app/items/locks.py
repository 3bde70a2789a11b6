"""Two programs, one project: only one may write at a time; reading is always free.

While a writing job runs, `project.lock` holds who is at work. A lock whose program is gone is taken over.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from llmstudio.core.errors import StudioError
from llmstudio.store.files import explained, lives
from llmstudio.store.project import Project
from llmstudio.store.reading import read_bytes

LOCK = "project.lock"
_guard = threading.Lock()
_held: dict[Path, int] = {}


@contextlib.contextmanager
def writing(project: Project, *, frees_space: bool = False) -> Iterator[None]:
    """Hold the project for writing. Jobs of this program share it; another program's is refused.

    What only frees space may go on where the disk is too full to say whose the lock is: an empty one holds for some seconds.

    Raises:
        StudioError: Another program is writing, or the folder may not be written to.
    """
    path = Path(os.path.realpath(project.root)) / LOCK
    with _guard:
        if not _held.get(path):
            project.prepare()
            _take(path, may_be_empty=frees_space)
        _held[path] = _held.get(path, 0) + 1
    try:
        yield
    finally:
        with _guard:
            _held[path] -= 1
            if not _held[path]:
                del _held[path]
                if (found := _read(path)) is None or found.get("pid") == os.getpid():  # an empty one may be another's by now
                    _give_back(path)


def writer(project: Project) -> dict[str, Any] | None:
    """Who is writing there now (pid, host, since); None if nobody is."""
    found = _read(project.root / LOCK)
    return found if found and _lives(found) else None


def other_writer(project: Project) -> dict[str, Any] | None:
    """As `writer`, if that is another program."""
    found = writer(project)
    is_ours = found is not None and (found.get("pid"), found.get("host")) == (os.getpid(), platform.node())
    return None if is_ours else found


def _take(path: Path, *, may_be_empty: bool) -> None:
    for _ in range(3):
        try:
            with explained(path):
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except StudioError as error:
            if not isinstance(error.__cause__, FileExistsError):
                raise
        else:
            _sign(handle, path, may_be_empty=may_be_empty)
            _clear_aside(path)
            return
        _sweep(path)
    raise _refusal(_read(path) or {})


def _sign(handle: int, path: Path, *, may_be_empty: bool) -> None:
    """Write into the lock whose it is; if that fails it is given back, unless the disk is full and it `may_be_empty`."""
    try:
        with explained(path), os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(_myself(), file)
    except StudioError as error:
        if may_be_empty and isinstance(error.__cause__, OSError) and error.__cause__.errno in (errno.ENOSPC, errno.EDQUOT):
            return
        _give_back(path)
        raise


def _give_back(path: Path) -> None:
    with contextlib.suppress(OSError):  # it says whose it is, and nobody holds it any longer than that program lives
        path.unlink(missing_ok=True)


def _clear_aside(path: Path) -> None:
    """Remove dead locks that somebody moved aside and was killed over."""
    for aside in path.parent.glob(f"{LOCK}.*"):
        found = _read(aside)
        if found is None or not _lives(found):
            _give_back(aside)


def _sweep(path: Path) -> None:
    """Remove a lock that nobody holds; raises StudioError if somebody does."""
    found = _read(path)
    if found is None and path.exists() and time.time() - _changed(path) < 5:
        time.sleep(0.2)  # just being written
        found = _read(path)
    if found is not None and _lives(found):
        raise _refusal(found)
    # Moved aside before it is judged dead for good: another program may have swept and taken it a moment ago.
    aside = path.with_name(f"{LOCK}.{uuid.uuid4().hex[:8]}")
    with contextlib.suppress(FileNotFoundError), _told(path):
        os.rename(path, aside)
        if _read(aside) != found:
            with contextlib.suppress(OSError):
                os.rename(aside, path)
            return
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """As `explained`, but whoever finds nothing there may say so."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError:
        with explained(path):
            raise


def _lives(found: dict[str, Any]) -> bool:
    if found.get("host") != platform.node():
        return True  # cannot be asked from here
    try:
        return lives(int(found["pid"]), float(found["born"]), within_s=2.0)
    except (KeyError, TypeError, ValueError):
        return False


def _refusal(found: dict[str, Any]) -> StudioError:
    host = str(found.get("host", ""))
    if host and host != platform.node():
        return StudioError(
            "The computer {host} is working in this project: wait until it is done. If it no longer is, delete {file}.",
            host=host,
            file=LOCK,
        )
    return StudioError(
        "Another llmstudio (process {pid}) is working in this project: wait until it is done or stop it there.",
        pid=found.get("pid", "?"),
    )


def _myself() -> dict[str, Any]:
    me = psutil.Process()
    return {"pid": me.pid, "host": platform.node(), "born": me.create_time(), "since": time.time()}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(read_bytes(path))
    except (StudioError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
