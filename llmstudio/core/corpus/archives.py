"""The members of zip and gzip files, read where they lie: nothing is ever unpacked to the disk.

An archive comes from anywhere, so nothing it says of itself is believed: names that point elsewhere and links are left
out, bytes are counted as they come, and one that swells beyond measure is refused.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

from llmstudio.core.corpus.encodings import CHUNK_BYTES, Bytes
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words

MAX_DEPTH = 2
"""An archive in an archive in an archive is read; deeper ones are refused."""
MAX_RATIO = 200
"""Text packs to a tenth; beyond this ratio, and `FREE_BYTES`, a file is made to fill disks."""
FREE_BYTES = 10 << 20
MAX_MEMBERS = 1_000_000
INNER_BYTES = 48 << 20
"""An archive inside an archive is held in memory, so it may not be larger."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, ValueError, struct.error,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A file to be read: on the disk, or in an archive.

    Attributes:
        name: As people should see it; members of archives as "archive.zip/folder/file.txt".
        num_bytes: Its size, as far as known; an archive's word is not to be trusted.
        open: Opens it for reading.
    """

    name: str
    num_bytes: int
    open: Callable[[], AbstractContextManager[Bytes]]


def is_archive(name: str) -> bool:
    """True for the names of archives that can be read here."""
    return name.lower().endswith((".zip", ".gz"))


def members(entry: Entry) -> Iterator[Entry | Skipped]:
    """The files in an archive, those of archives inside it included. Each must be read before the next is asked for.

    Raises:
        StudioError: The archive is damaged, or too deep, or swells beyond `MAX_RATIO`.
    """
    yield from _members(entry, _Budget(entry.name, max(FREE_BYTES, MAX_RATIO * entry.num_bytes)), 0)


class _Budget:
    """Counts all bytes that come out of one archive, at any depth and however often they are packed in it."""

    def __init__(self, name: str, left: int) -> None:
        self.name, self.limit, self._left = name, left, left

    def spend(self, num_bytes: int) -> None:
        self._left -= num_bytes
        if self._left < 0:
            raise StudioError(
                "{name} unpacks to more than {ratio} times its size: it is refused.", name=self.name, ratio=MAX_RATIO
            )


class _Counted:
    """A member being read: its bytes are charged, and what is wrong with the archive is said in a sentence."""

    def __init__(self, raw: Bytes, name: str, budget: _Budget) -> None:
        self._raw, self._name, self._budget = raw, name, budget

    def read(self, num_bytes: int, /) -> bytes:
        with _explained(self._name):
            block = self._raw.read(num_bytes)
        self._budget.spend(len(block))
        return block


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN:
        raise StudioError("{name} is damaged or packed in an unknown way.", name=name) from None
    except RuntimeError as error:  # zipfile's word for a missing password
        raise StudioError("{name} cannot be unpacked: {reason}.", name=name, reason=str(error)) from None


def _members(entry: Entry, budget: _Budget, depth: int) -> Iterator[Entry | Skipped]:
    if depth > MAX_DEPTH:
        yield Skipped(entry.name, words("{name} is not opened: it lies too deep inside other archives.", name=entry.name))
        return
    with entry.open() as raw, contextlib.ExitStack() as stack:
        if entry.name.lower().endswith(".gz"):
            yield from _inner(_gzip_member(entry, raw, budget), budget, depth)
            return
        with _explained(entry.name):
            archive = stack.enter_context(zipfile.ZipFile(_seekable(raw, entry.name)))
            infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise StudioError("{name} holds too many files.", name=entry.name)
        for info in infos:
            budget.spend(0)  # once it is spent, no further member is opened
            name = f"{entry.name}/{_name(info)}"
            if reason := _refusal(info, name):
                yield Skipped(name, reason)
            elif info.filename and not info.filename.endswith("/") and not is_clutter(_name(info)):
                yield from _inner(_zip_member(archive, info, name, budget), budget, depth)


def _inner(member: Entry, budget: _Budget, depth: int) -> Iterator[Entry | Skipped]:
    if not is_archive(member.name):
        yield member
        return
    try:
        yield from _members(member, budget, depth + 1)
    except StudioError as error:
        budget.spend(0)  # a spent budget ends the whole archive, not just this part of it
        yield Skipped(member.name, error.words)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget) -> Entry:
    @contextlib.contextmanager
    def open_member() -> Iterator[Bytes]:
        with _explained(name):
            raw = archive.open(info)
        with raw:
            yield _Counted(raw, name, budget)

    return Entry(name, min(info.file_size, budget.limit), open_member)


def _gzip_member(entry: Entry, raw: Bytes, budget: _Budget) -> Entry:
    @contextlib.contextmanager
    def open_member() -> Iterator[Bytes]:
        with gzip.GzipFile(fileobj=_seekable(raw, entry.name)) as unpacked:
            yield _Counted(unpacked, entry.name, budget)

    return Entry(entry.name[:-3], 3 * entry.num_bytes, open_member)


def _seekable(raw: Bytes, name: str) -> IO[bytes]:
    """The archive as a file one can move in; one that lies inside another is held in memory."""
    if isinstance(raw, io.BufferedIOBase):
        return raw  # type: ignore[return-value]
    held = io.BytesIO()
    while block := raw.read(CHUNK_BYTES):
        held.write(block)
        if held.tell() > INNER_BYTES:
            raise StudioError("{name} is too large for an archive inside an archive: unpack it first.", name=name)
    held.seek(0)
    return held


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name. Old archives do not say how they spell it: Chinese Windows means GBK where zipfile reads cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    with contextlib.suppress(UnicodeError):
        raw = info.filename.encode("cp437")
        if not raw.isascii():
            for encoding in ("utf-8", "gb18030"):
                with contextlib.suppress(UnicodeError):
                    return raw.decode(encoding)
    return info.filename


def _refusal(info: zipfile.ZipInfo, shown: str) -> Words | None:
    name = info.orig_filename
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
        return words("{name} was left out: its name points outside the archive.", name=shown)
    if stat.S_ISLNK(info.external_attr >> 16):
        return words("{name} was left out: it is a link.", name=shown)
    if info.flag_bits & 1:
        return words("{name} is locked with a password: unpack the archive first.", name=shown)
    return None


def is_clutter(path: str) -> bool:
    """True for what programs leave in folders and nobody means to read: hidden files, caches, fetched code."""
    return any(
        piece.startswith(".") or piece in ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv")
        for piece in re.split(r"[/\\]", path)
        if piece
    )
