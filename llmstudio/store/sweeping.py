"""What a program that was killed leaves in a project: staged files and folders go, and what was put aside comes back.

Names say whose they are (`files.owner`), so that only what belongs to nobody any more is touched.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path

import psutil

from llmstudio.store.files import ASIDE, STAGED, is_link, lives, owner

_MINE = re.compile(r"([0-9a-f]{8})\.(\d+)\.([0-9a-f]+)-(.+)", re.DOTALL)
_PATIENCE_S, _PATIENCE_ELSEWHERE_S = 3600.0, 86400.0


def sweep(folder: Path, *, deep: bool = True) -> int:
    """Clear away what dead programs left in `folder`, and, if `deep`, anywhere below it. Returns how many things."""
    count = 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if not name.startswith((STAGED, ASIDE)):
                continue
            if name in folders:
                folders.remove(name)  # nothing in it is anyone's own
            path = Path(place) / name
            if _belongs_to_nobody(path):
                with contextlib.suppress(OSError):  # held by a scanner, or not ours to touch: the next time will do
                    _clear(path)
                    count += 1
        if not deep:
            break
    return count


def name_put_aside(path: Path) -> str:
    """The name that a folder had before it was put aside; empty if it is no such folder."""
    found = _MINE.fullmatch(path.name.removeprefix(ASIDE)) if path.name.startswith(ASIDE) else None
    return found[4] if found else ""


def _clear(path: Path) -> None:
    own = name_put_aside(path)
    if own and not path.with_name(own).exists():
        path.rename(path.with_name(own))
    elif path.is_dir() and not is_link(path):
        shutil.rmtree(path)
    else:
        path.unlink()


def _belongs_to_nobody(path: Path) -> bool:
    found = _MINE.fullmatch(path.name.removeprefix(STAGED).removeprefix(ASIDE))
    if found is None:  # of an earlier version: a folder bears its program's number, and files are written at once
        number = path.name.removeprefix(STAGED).split("-")[0]
        return not (path.is_dir() and number.isdecimal() and psutil.pid_exists(int(number))) and _is_older(path, _PATIENCE_S)
    host, pid, born = found[1], int(found[2]), int(found[3], 16)
    mine = owner(os.getpid())
    if f"{host}.{pid}.{born:x}" == mine:
        return False
    if host != mine.split(".")[0]:
        return _is_older(path, _PATIENCE_ELSEWHERE_S)  # its program cannot be asked from here
    return not lives(pid, born)


def _is_older(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime > seconds
    except OSError:
        return False
