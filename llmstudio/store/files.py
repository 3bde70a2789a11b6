"""Writing files whole or not at all, and a manifest that tells whether a folder is as it was written.

A file is written beside its place, flushed to the disk and renamed over it in one step. A folder is staged the same way;
its manifest, sizes and SHA-256, is written last. What is to go is renamed first and removed then, so that nothing that is
half gone bears a name. What a killed program leaves behind is for `sweeping` to find.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import shutil
import time
import uuid
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import psutil

from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words
from llmstudio.store.reading import damage_told, read_json

MANIFEST = "manifest.json"
STAGED, ASIDE = ".staged-", ".aside-"
"""How a name begins that no person gave: of what is being written or removed, and of what is about to be replaced. After it
stands who is at work (`owner`), a dash, and for what was put aside its own name.
"""


class ManifestEntry(TypedDict):
    """What a manifest knows of one file."""

    bytes: int
    sha256: str


class Manifest(TypedDict):
    """A manifest: its files by their place in the folder."""

    files: dict[str, ManifestEntry]


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all. Raises StudioError when the disk is full or may not be written."""
    staged = _staged(path)
    with explained(path):
        try:
            with open(staged, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _replace(staged, path)
        finally:
            staged.unlink(missing_ok=True)
        _sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Put `value` at `path` as readable JSON, whole or not at all."""
    write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


@contextlib.contextmanager
def staged_folder(final: Path, *, replace: bool = False) -> Iterator[Path]:
    """A fresh folder beside `final` that takes its place in one step when the block ends, or vanishes if it fails.

    Args:
        final: Where it will lie.
        replace: Put what lies there aside, and remove it once the new folder has its place; else that is refused.

    Raises:
        StudioError: `final` exists already, the disk is full, or the place may not be written.
    """
    if final.exists() and not replace:
        raise taken(final.name)
    staged = _staged(final)
    with _under_its_own_name(staged, final), explained(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        staged.mkdir()
        try:
            yield staged
            for file in staged.rglob("*"):
                if file.is_file():
                    _sync_file(file)
            _sync_folder(staged)
            if final.exists() and not replace:
                raise taken(final.name)
            _take_place(staged, final)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        _sync_folder(final.parent)


@contextlib.contextmanager
def staged_file(final: Path) -> Iterator[Path]:
    """A place beside `final` to write a file that is too large to hold; it takes its place when the block ends, or is gone.

    Raises:
        StudioError: `final` exists already, the disk is full, or the place may not be written.
    """
    if final.exists():
        raise taken(final.name)
    staged = _staged(final)
    with _under_its_own_name(staged, final), explained(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield staged
            _sync_file(staged)
            if final.exists():
                raise taken(final.name)
            _replace(staged, final)
        finally:
            staged.unlink(missing_ok=True)
        _sync_folder(final.parent)


def remove_folder(folder: Path) -> None:
    """Take away a folder and all that is in it: its name is free in one step, whatever happens meanwhile.

    Of a link only the link goes: what it leads to may be used from elsewhere.

    Raises:
        StudioError: It may not be removed; it is then whole.
    """
    gone = _staged(folder)
    with explained(folder):
        _replace(folder, gone)
        _sync_folder(folder.parent)
    _clear_away(gone)  # what a scanner still holds is swept away later


def is_link(path: Path) -> bool:
    """True if this leads to something elsewhere: a symbolic link, or on Windows a junction."""
    return path.is_symlink() or bool(getattr(os.path, "isjunction", lambda _: False)(path))


def write_manifest(folder: Path, **extra: Any) -> None:
    """Record size and SHA-256 of every file in `folder`, and `extra` facts; to be the last file written there."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    entries = {p.relative_to(folder).as_posix(): {"bytes": p.stat().st_size, "sha256": sha256(p)} for p in files}
    write_json(folder / MANIFEST, {"files": entries} | extra)


def verify_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of `folder`, after every file has been compared with it.

    Raises:
        StudioError: A file is missing, cut short or altered.
    """
    manifest: dict[str, Any] = dict(read_json(folder / MANIFEST, Manifest))
    for name, entry in manifest["files"].items():
        path = folder / name
        with damage_told(path):
            # A link that leads to itself is an error to `Path.resolve`, of a kind of its own.
            is_inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
            if (
                not is_inside
                or not path.is_file()
                or path.stat().st_size != entry["bytes"]
                or sha256(path) != entry["sha256"]
            ):
                raise StudioError("{name} in {folder} is damaged.", name=name, folder=folder.name)
    return manifest


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into sentences: full disk, read-only place, missing folder."""
    try:
        yield
    except OSError as error:
        where = str(path.parent)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StudioError(
                "The disk that holds {where} is full: free some space and try again. What was saved before is whole.",
                where=where,
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StudioError("{where} may not be written to: choose another folder.", where=where) from error
        raise StudioError(
            "{where} could not be written ({reason}).", where=where, reason=error.strerror or str(error)
        ) from error


def taken(name: str) -> StudioError:
    """What is said where something would be written in the place of something else."""
    return StudioError("{name} exists already: choose another name.", name=name)


@lru_cache(maxsize=2)
def owner(pid: int) -> str:
    """Who is at work, as it stands in names: computer, process and its moment of birth, since numbers are given again."""
    host = zlib.crc32(platform.node().encode())
    return f"{host:08x}.{pid}.{int(psutil.Process(pid).create_time()):x}"


def lives(pid: int, born: float, *, within_s: float = 5.0) -> bool:
    """True if the process of this number that was born then still runs here. One that nobody has buried yet does not."""
    try:
        process = psutil.Process(pid)
        # A number is given again after a while; the moment of birth tells one program from the next.
        return bool(abs(process.create_time() - born) <= within_s) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _clear_away(folder: Path) -> None:
    if is_link(folder):
        with contextlib.suppress(OSError):
            folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _staged(final: Path) -> Path:
    return final.with_name(f"{STAGED}{owner(os.getpid())}-{uuid.uuid4().hex[:8]}")


def _take_place(staged: Path, final: Path) -> None:
    """Let `staged` lie where `final` lay; at every moment one of the two can be found, if need be by `sweeping`."""
    if not final.exists():
        _replace(staged, final)
        return
    aside = final.with_name(f"{ASIDE}{owner(os.getpid())}-{final.name}")
    _clear_away(aside)  # of an earlier time, and superseded since
    _replace(final, aside)
    try:
        _replace(staged, final)
    except OSError:
        _replace(aside, final)
        raise
    _clear_away(aside)


@contextlib.contextmanager
def _under_its_own_name(staged: Path, final: Path) -> Iterator[None]:
    """Let refusals speak of the folder that is made, never of where it is staged."""
    try:
        yield
    except StudioError as error:
        if staged.name not in str(error):
            raise
        named = {name: _renamed(value, staged, final) for name, value in error.words.values.items()}
        raise StudioError(error.words.template, remedies=error.remedies, **named) from error


def _renamed(value: Any, staged: Path, final: Path) -> Any:
    if isinstance(value, Words):
        return Words(value.template, {name: _renamed(inner, staged, final) for name, inner in value.values.items()})
    return value.replace(staged.name, final.name) if isinstance(value, str) else value


def _replace(source: Path, target: Path) -> None:
    # A virus scanner on Windows may hold a fresh file for a moment; a second of patience is enough.
    for attempt in range(10):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if os.name != "nt" or attempt == 9:
                raise
            time.sleep(0.1)


def _sync_file(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder for syncing
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
