"""Which files lie at a place, and whether one of them has changed since: by size and time, and in doubt by content.

A file whose size and time are as they were is taken for the same, as all programs do that ask so often; one with another
time but the same bytes (copied, fetched anew) is the same as well.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from llmstudio.core.corpus.reading.files.archives import is_clutter
from llmstudio.core.corpus.reading.files.sources import as_text
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.work import Stop

_UNREADABLE = ""


@dataclass(frozen=True)
class FileState:
    """What is remembered of a file: bytes, when it was changed (nanoseconds), and a digest of its content."""

    size: int
    changed_ns: int
    digest: str


State = Mapping[str, FileState]


def state_of(source: Path, *, known: State | None = None, without: Path | None = None, stop: Stop) -> dict[str, FileState]:
    """The state of every file at a place, by its path below it. What is no file has none: a pipe would be waited for.

    Args:
        source: A folder or a file.
        known: What it was before: of files that look the same, the content is not read again.
        without: A folder inside that is passed over.
        stop: Looked at between files.

    Raises:
        Halted: Somebody asked to stop.
    """
    found: dict[str, FileState] = {}
    for path in _files(source, without):
        if stop.requested:
            raise Halted
        name = as_text(path.relative_to(source).as_posix() if path != source else path.name)
        try:
            facts = path.stat()
            before = (known or {}).get(name)
            if before is not None and (before.size, before.changed_ns) == (facts.st_size, facts.st_mtime_ns):
                found[name] = before
                continue
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:  # the reader says so; once it can be read it is another file
            found[name] = FileState(0, 0, _UNREADABLE)
            continue
        found[name] = FileState(facts.st_size, facts.st_mtime_ns, digest)
    return found


def num_changed(before: State, now: State) -> int:
    """How many files were added, removed or altered."""
    digests = {name: state.digest for name, state in before.items()}
    return len(digests.keys() ^ now.keys()) + sum(
        digests[name] != state.digest for name, state in now.items() if name in digests
    )


def _files(source: Path, without: Path | None) -> Iterator[Path]:
    if not source.is_dir():
        if os.path.isfile(source):
            yield source
        return
    passed_over = without and os.path.realpath(without)
    for parent, folders, names in os.walk(source):
        folders[:] = sorted(
            name for name in folders if not is_clutter(name) and os.path.realpath(Path(parent, name)) != passed_over
        )
        for name in sorted(names):
            if not is_clutter(name) and os.path.isfile(path := Path(parent, name)):
                yield path
