"""Which documents have been there before, told by 16-byte digests in bounded memory.

A million digests lie in memory, sorted into buckets by their first two bytes; when they are full they go to a temporary
file, bucket by bucket, and looking one up costs a single short read for each such file.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import IO

import numpy as np

from llmstudio.store.files import explained

DIGEST_BYTES = 16
IN_MEMORY = 1_000_000
_KEY = 2  # bytes that choose the bucket
_REST = DIGEST_BYTES - _KEY


def digest(data: bytes) -> bytes:
    """What stands for a document's content: equal for equal content, and for no other that will ever be met."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


class Digests:
    """A set of digests that may grow without end. Close it, or use it in a `with` block, to let go of its files."""

    def __init__(self, folder: Path | None = None, *, in_memory: int = IN_MEMORY) -> None:
        """Temporary files go to `folder` (the system's own if None) once there are more than `in_memory` digests."""
        self._folder, self._limit = folder, in_memory
        self._buckets: dict[bytes, bytearray] = {}
        self._num_in_memory = 0
        self._files: list[tuple[IO[bytes], np.ndarray]] = []  # with the place where each bucket begins, (65537,)

    def __enter__(self) -> Digests:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, value: bytes) -> bool:
        """Put a digest in; True if it is new."""
        if value in self:
            return False
        self._buckets.setdefault(value[:_KEY], bytearray()).extend(value[_KEY:])
        self._num_in_memory += 1
        if self._num_in_memory >= self._limit:
            self._write_out()
        return True

    def __contains__(self, value: bytes) -> bool:
        key, rest = value[:_KEY], value[_KEY:]
        if (bucket := self._buckets.get(key)) is not None and _holds(bucket, rest):
            return True
        number = int.from_bytes(key, "big")
        for file, starts in self._files:
            begin, end = int(starts[number]), int(starts[number + 1])
            file.seek(begin)
            if begin < end and _holds(file.read(end - begin), rest):
                return True
        return False

    def close(self) -> None:
        """Forget everything."""
        for file, _ in self._files:
            file.close()
        self._files.clear()
        self._buckets.clear()
        self._num_in_memory = 0

    def _write_out(self) -> None:
        with explained(Path(self._folder or tempfile.gettempdir()) / "x"):
            self._move_to_disk()

    def _move_to_disk(self) -> None:
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by close()
        starts = np.zeros((1 << 8 * _KEY) + 1, dtype=np.int64)
        for number in range(1 << 8 * _KEY):
            bucket = self._buckets.get(number.to_bytes(_KEY, "big"), b"")
            file.write(bucket)
            starts[number + 1] = starts[number] + len(bucket)
        file.flush()
        self._files.append((file, starts))
        self._buckets.clear()
        self._num_in_memory = 0


def _holds(bucket: bytes | bytearray, rest: bytes) -> bool:
    at = bucket.find(rest)
    while at >= 0:
        if at % _REST == 0:
            return True
        at = bucket.find(rest, at + 1)  # found across the border of two digests, which means nothing
    return False
