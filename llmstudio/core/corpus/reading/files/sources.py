"""What a person points at, file by file: files, folders, archives."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from llmstudio.core.corpus.config import SAMPLE
from llmstudio.core.corpus.reading.encodings.encodings import Bytes
from llmstudio.core.corpus.reading.files.archives import Entry, is_archive, is_clutter, members
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words
from llmstudio.store.reading import no_file


def entries(sources: Sequence[str | Path], *, without: Sequence[Path] = ()) -> Iterator[Entry | Skipped]:
    """Every file that the sources hold, folders in the order of their names. Samples are left out.

    Folders and files `without` that lie inside a source, or are one, are passed over: what is being written is not read.

    Raises:
        StudioError: A source does not exist or may not be opened.
    """
    apart = frozenset(map(os.path.realpath, without))
    for source in sources:
        if is_sample(source) or (apart and os.path.realpath(source) in apart):
            continue
        path = Path(source)
        if os.path.isdir(path):
            yield from _files(path, apart)
        elif os.path.isfile(path):
            yield from _opened(path, as_text(path.name))
        elif os.path.exists(path):
            raise StudioError(
                "{name} is no file but a pipe or a device: save what comes out of it in a file, and give that.",
                name=as_text(str(source)),
            )
        else:
            raise no_file(as_text(str(source)))


def is_sample(source: str | Path) -> bool:
    """True if a source names a built-in sample."""
    return isinstance(source, str) and source.startswith(SAMPLE)


def name_of(place: Path) -> str:
    """What a place is called, also where only dots were typed."""
    return as_text(Path(os.path.abspath(place)).name or str(place))


def as_text(name: str) -> str:
    """A file's name as it can be written and read; Linux allows names that are no text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _files(folder: Path, apart: frozenset[str]) -> Iterator[Entry | Skipped]:
    def refuse(error: OSError) -> None:
        refused.append(
            Skipped(name := as_text(str(error.filename)), words("The folder {name} may not be opened.", name=name))
        )

    refused: list[Skipped] = []
    top = Path(os.path.realpath(folder)).name
    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(
            name for name in folders if not is_clutter(name) and os.path.realpath(Path(parent, name)) not in apart
        )
        for name in folders:
            if os.path.islink(place := Path(parent, name)):  # it may lead to where it lies
                shown = as_text(f"{top}/{place.relative_to(folder).as_posix()}")
                yield Skipped(shown, words("{name} is a link to a folder: choose that folder itself.", name=shown))
        for name in sorted(files):
            path = Path(parent, name)
            if is_clutter(name) or (apart and os.path.realpath(path) in apart):
                continue
            shown = as_text(f"{top}/{path.relative_to(folder).as_posix()}")
            if os.path.isfile(path):
                yield from _opened(path, shown)
            else:
                yield Skipped(shown, words("{name} is no file: a pipe, a device, or a link to nothing.", name=shown))
        yield from refused
        refused.clear()


def _opened(path: Path, name: str) -> Iterator[Entry | Skipped]:
    @contextlib.contextmanager
    def open_file() -> Iterator[Bytes]:
        try:
            file = open(path, "rb")  # noqa: SIM115 - closed below; the message is for opening alone
        except OSError as error:
            raise StudioError("{name} cannot be opened ({reason}).", name=name, reason=error.strerror or "?") from None
        with file:
            yield file

    try:
        num_bytes = path.stat().st_size
    except OSError as error:
        yield Skipped(name, words("{name} cannot be opened ({reason}).", name=name, reason=error.strerror or "?"))
        return
    entry = Entry(name, num_bytes, open_file)
    if not is_archive(name):
        yield entry
        return
    try:
        yield from members(entry)
    except StudioError as error:
        yield Skipped(name, error.words)
