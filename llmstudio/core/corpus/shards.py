"""Records on disk: numbered files of one JSON object a line, written in order and read in order.

The writer can take back the document it is in the middle of, which lets a document of any size be written before it is
known whether it is wanted.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from llmstudio.core.corpus.records import Record, is_record, texts_of
from llmstudio.core.errors import StudioError
from llmstudio.store.files import explained
from llmstudio.store.reading import regular_only

FOLDER = "shards"
SHARD_BYTES = 64 << 20
_NAME = r"\d{5,}\.jsonl"
# Every read lets go of Python's lock for an instant, and a thread that waits for it begins to wait anew: with the usual 8 kB
# a window was kept waiting for as long as the whole reading took.
_READ_BYTES = 1 << 20
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_encode_ascii = json.JSONEncoder(
    separators=(",", ":"), check_circular=False
).encode  # twice as fast where nothing is escaped


@dataclass
class Shard:
    """One file of records: its name, and how much is in it."""

    name: str
    num_records: int = 0
    num_characters: int = 0
    num_bytes: int = 0


@dataclass(frozen=True)
class Mark:
    """A place to go back to."""

    num_shards: int
    shard: Shard


class ShardWriter:
    """Writes records to `folder`, beginning a new file every `shard_bytes` (`SHARD_BYTES` if 0)."""

    def __init__(self, folder: Path, *, shard_bytes: int = 0) -> None:
        self._folder, self._limit = folder, shard_bytes or SHARD_BYTES
        self.shards: list[Shard] = []
        self._file: IO[bytes] | None = None
        with explained(folder / "x"):
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, record: Record, num_characters: int) -> None:
        """Put a record at the end. Raises StudioError if the disk is full."""
        encode = _encode_ascii if all(map(str.isascii, texts_of(record))) else _encode
        line = encode(record).encode() + b"\n"
        if self._file is None or self.shards[-1].num_bytes + len(line) > self._limit:
            self._begin()
        assert self._file is not None
        try:
            self._file.write(line)
        except OSError:
            with explained(self._folder / "x"):
                raise
        shard = self.shards[-1]
        shard.num_records += 1
        shard.num_characters += num_characters
        shard.num_bytes += len(line)

    def mark(self) -> Mark:
        """The place where the next record will go."""
        return Mark(len(self.shards), Shard(**asdict(self.shards[-1])) if self.shards else Shard(""))

    def go_back(self, mark: Mark) -> None:
        """Take back everything written since `mark`."""
        self.close()
        while len(self.shards) > mark.num_shards:
            (self._folder / self.shards.pop().name).unlink(missing_ok=True)
        if self.shards:
            self.shards[-1] = mark.shard
            with explained(self._folder / "x"):
                os.truncate(self._folder / mark.shard.name, mark.shard.num_bytes)
                self._file = open(self._folder / mark.shard.name, "ab")  # noqa: SIM115 - closed by close()

    def close(self) -> None:
        """Flush and close the last file."""
        if self._file:
            with explained(self._folder / "x"):
                self._file.close()
            self._file = None

    def _begin(self) -> None:
        self.close()
        self.shards.append(Shard(f"{len(self.shards):05}.jsonl"))
        with explained(self._folder / "x"):
            self._file = open(self._folder / self.shards[-1].name, "wb")  # noqa: SIM115 - closed by close()


def read_shards(folder: Path, shards: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines of the shards in order. Raises StudioError if one is missing, or longer or shorter than it was."""
    for shard in shards:
        damaged = StudioError("{path} is missing or damaged: import the corpus again.", path=str(folder / shard["name"]))
        if not re.fullmatch(_NAME, shard["name"]):
            raise damaged
        try:
            with open(folder / shard["name"], "rb", buffering=_READ_BYTES, opener=regular_only) as file:
                if os.fstat(file.fileno()).st_size != shard["num_bytes"]:
                    raise damaged
                yield from file
        except OSError:
            raise damaged from None


def parse(line: bytes) -> Record:
    """The record in a line. Raises StudioError if it is damaged."""
    try:
        record: Record = json.loads(line)
        if is_record(record):
            return record
    except (ValueError, RecursionError):
        pass
    raise StudioError("A record of this corpus is damaged: import the corpus again.")


def doc_of(line: bytes) -> int:
    """A line's document number, found without parsing the line: it always stands first."""
    return int(line[len(b'{"doc":') : line.index(b",")])
