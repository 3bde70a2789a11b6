"""The members of zip and tar files and of packed ones (gzip, bzip2, xz), read where they lie: nothing is ever unpacked to
the disk.

An archive comes from anywhere, so nothing it says of itself is believed: names that point elsewhere and links are left
out, bytes are counted as they come, and one that swells beyond measure is refused.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import itertools
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any, cast

from llmstudio.core.corpus.reading.encodings.encodings import CHUNK_BYTES, Bytes
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words

MAX_DEPTH = 2
"""An archive in an archive in an archive is read; deeper ones are refused."""
MAX_RATIO = 200
"""Text packs to a tenth; beyond this ratio, and `FREE_BYTES`, a file is made to fill disks."""
FREE_BYTES = 10 << 20
MAX_MEMBERS = 1_000_000
HEADER_BYTES = 1 << 20
"""What stands between the members of a tar file may not be longer: it is held in memory."""
_XZ_MEMORY = 128 << 20
_PACKED = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": ""}
"""Endings of files that hold one packed file, and the ending that this one has."""
INNER_BYTES = 48 << 20
"""An archive inside an archive is held in memory, so it may not be larger."""
_CLUTTER = frozenset((
    "__macosx", "__pycache__", "node_modules", "site-packages", "venv", "desktop.ini", "thumbs.db", "ehthumbs.db",
    "icon\r", "$recycle.bin", "system volume information",
))  # fmt: skip
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, ValueError,
    struct.error,
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
    return name.lower().endswith((".zip", ".tar", *_PACKED))


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
        if ending := next((ending for ending in _PACKED if entry.name.lower().endswith(ending)), ""):
            yield from _inner(_packed_member(entry, raw, budget, ending), budget, depth)
            return
        if entry.name.lower().endswith(".tar"):
            yield from _tar_members(entry, raw, budget, depth)
            return
        with _explained(entry.name):
            archive = stack.enter_context(zipfile.ZipFile(_seekable(raw, entry.name)))
            infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise StudioError("{name} holds too many files.", name=entry.name)
        for info in infos:
            budget.spend(0)  # once it is spent, no further member is opened
            name = f"{entry.name}/{_name(info)}"
            if reason := _zip_refusal(info, name):
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


def _packed_member(entry: Entry, raw: Bytes, budget: _Budget, ending: str) -> Entry:
    @contextlib.contextmanager
    def open_member() -> Iterator[Bytes]:
        if ending in (".xz", ".txz"):
            yield _Counted(_Xz(raw), entry.name, budget)
        elif ending in (".bz2", ".tbz2", ".tbz"):
            with bz2.BZ2File(_seekable(raw, entry.name)) as unpacked:
                yield _Counted(unpacked, entry.name, budget)
        else:
            with gzip.GzipFile(fileobj=_seekable(raw, entry.name)) as unpacked:
                yield _Counted(unpacked, entry.name, budget)

    return Entry(entry.name[: -len(ending)] + _PACKED[ending], 3 * entry.num_bytes, open_member)


class _Xz:
    """An xz file being unpacked in bounded memory; `lzma.LZMAFile` takes as much as the file says it needs."""

    def __init__(self, raw: Bytes) -> None:
        self._raw, self._rest, self._begun = raw, b"", False
        self._unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, num_bytes: int, /) -> bytes:
        while True:
            if self._unpacker.eof:  # one file may hold several streams
                self._rest = self._unpacker.unused_data.lstrip(b"\x00") or self._raw.read(CHUNK_BYTES)
                if not self._rest:
                    return b""
                self._unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            elif self._unpacker.needs_input and not self._rest:
                self._rest = self._raw.read(CHUNK_BYTES)
                if not self._rest and self._begun:
                    raise EOFError
                if not self._rest:
                    return b""
            self._begun = True
            block = self._unpacker.decompress(self._rest, num_bytes)
            self._rest = b""
            if block:
                return block


class _TarSource:
    """A tar file being read from its beginning to its end; what is no member's content may not be long."""

    def __init__(self, raw: Bytes) -> None:
        self._raw, self.allowance = raw, HEADER_BYTES

    def read(self, num_bytes: int, /) -> bytes:
        block = self._raw.read(num_bytes)
        self.allowance -= len(block)
        if self.allowance < 0:
            raise tarfile.ReadError("a header without end")
        return block


def _tar_members(entry: Entry, raw: Bytes, budget: _Budget, depth: int) -> Iterator[Entry | Skipped]:
    source = _TarSource(raw)
    with contextlib.ExitStack() as stack:
        with _explained(entry.name):
            archive = stack.enter_context(tarfile.open(fileobj=cast(IO[bytes], source), mode="r|"))
        for number in itertools.count(1):
            budget.spend(0)
            with _explained(entry.name):
                info = archive.next()
            if info is None:
                return
            if number > MAX_MEMBERS:
                raise StudioError("{name} holds too many files.", name=entry.name)
            cast(Any, archive).members.clear()  # it keeps them all, and there may be a million
            source.allowance = info.size + HEADER_BYTES
            path = _spelled(info.name.encode("utf-8", "surrogateescape"), info.name)
            name = f"{entry.name}/{path}"
            if points_outside(info.name):
                yield Skipped(name, words("{name} was left out: its name points outside the archive.", name=name))
            elif info.isdir() or is_clutter(path):
                continue
            elif not info.isfile():
                yield Skipped(name, words("{name} was left out: it is a link or no plain file.", name=name))
            else:
                yield from _inner(_tar_member(archive, info, name, budget), budget, depth)


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, budget: _Budget) -> Entry:
    @contextlib.contextmanager
    def open_member() -> Iterator[Bytes]:
        with _explained(name):
            raw = archive.extractfile(info)
        assert raw is not None, "a regular file has content"
        with raw:
            yield _Counted(raw, name, budget)

    return Entry(name, min(info.size, budget.limit), open_member)


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
        return _spelled(info.filename.encode("cp437"), info.filename)
    return info.filename


def _spelled(raw: bytes, otherwise: str) -> str:
    if not raw.isascii():
        for encoding in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeError):
                return raw.decode(encoding)
    return otherwise.encode("utf-8", "replace").decode()


def points_outside(name: str) -> bool:
    """True for a member's name that leads out of the folder it would be unpacked to."""
    return name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name)) or ".." in re.split(r"[/\\]", name)


def _zip_refusal(info: zipfile.ZipInfo, shown: str) -> Words | None:
    name = info.orig_filename
    if points_outside(name):
        return words("{name} was left out: its name points outside the archive.", name=shown)
    if stat.S_ISLNK(info.external_attr >> 16):
        return words("{name} was left out: it is a link.", name=shown)
    if info.flag_bits & 1:
        return words("{name} is locked with a password: unpack the archive first.", name=shown)
    return None


def is_clutter(path: str) -> bool:
    """True for what programs leave in folders and nobody means to read: hidden files, caches, fetched code."""
    return any(piece.startswith(".") or piece.lower() in _CLUTTER for piece in re.split(r"[/\\]", path) if piece)
