"""Writing files whole or not at all, and a manifest that tells whether a folder is as it was written.

A file is written beside its place, flushed to the disk and renamed over it in one step. A folder is staged the same way;
its manifest, sizes and SHA-256, is written last.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import psutil

from llmstudio.core.errors import StudioError
from llmstudio.store.reading import damage_told, read_json

MANIFEST = "manifest.json"
_STAGED = ".staged-"


class ManifestEntry(TypedDict):
    """What a manifest knows of one file."""

    bytes: int
    sha256: str


class Manifest(TypedDict):
    """A manifest: its files by their place in the folder."""

    files: dict[str, ManifestEntry]


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all. Raises StudioError when the disk is full or may not be written."""
    staged = path.with_name(f"{_STAGED}{uuid.uuid4().hex[:8]}-{path.name}")
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
def staged_folder(final: Path) -> Iterator[Path]:
    """A fresh folder beside `final` that takes its place in one step when the block ends, or vanishes if it fails.

    Raises:
        StudioError: `final` exists already, the disk is full, or the place may not be written.
    """
    if final.exists():
        raise StudioError("{name} exists already: choose another name.", name=final.name)
    with explained(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        staged = final.with_name(f"{_STAGED}{os.getpid()}-{uuid.uuid4().hex[:8]}")
        staged.mkdir()
        try:
            yield staged
            for file in staged.rglob("*"):
                if file.is_file():
                    _sync_file(file)
            _sync_folder(staged)
            if final.exists():
                raise StudioError("{name} exists already: choose another name.", name=final.name)
            _replace(staged, final)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        _sync_folder(final.parent)


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
            is_inside = path.resolve().is_relative_to(folder.resolve())
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


def remove_leftovers(folder: Path, *, older_than_s: float = 3600) -> int:
    """Delete what an interrupted write left in `folder`, unless it is young or its program lives. Returns how many."""
    count = 0
    for staged in folder.glob(f"{_STAGED}*"):
        # A folder bears its program's number: filling it may take hours, and only files inside it grow meanwhile.
        owner = staged.name.removeprefix(_STAGED).split("-")[0] if staged.is_dir() else ""
        if owner.isdecimal() and psutil.pid_exists(int(owner)):
            continue
        if time.time() - staged.stat().st_mtime > older_than_s:
            shutil.rmtree(staged, ignore_errors=True) if staged.is_dir() else staged.unlink(missing_ok=True)
            count += 1
    return count


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
