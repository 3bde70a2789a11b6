"""Which part of a corpus is learned from (train), watched (val) and kept for one last check (test).

Nothing is moved: a rule is kept, and applied whenever records are read.

- given: samples say themselves where each record belongs.
- documents: a document's side follows from its first text and a seed, so equal texts always lie on one side.
- position: when one document is more than a tenth of everything, or documents are too few, the text is cut at a share of
  its characters: train before it, val behind it, no test.
- none: nothing is held out.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.corpus.config import SplitConfig
from llmstudio.core.corpus.duplicates import DIGEST_BYTES, Digests
from llmstudio.store.files import explained

SPLITS = ("train", "val", "test")
SIDES = "splits.bin"
"""A byte a document: its place in `SPLITS`."""
_LARGE = 10  # one document of more than a tenth of everything cannot be dealt out
_ROW = struct.Struct(f"<{DIGEST_BYTES}sQB")
_DTYPE = np.dtype([("digest", f"V{DIGEST_BYTES}"), ("characters", "<u8"), ("side", "u1")])
_ROWS = 1 << 16


@dataclass(frozen=True)
class SplitRule:
    """How a corpus is split.

    Attributes:
        method: given, documents, position or none.
        seed: Seed of the documents' sides.
        val_share: Share asked for; likewise `test_share`.
        at: Share of the characters where a text is cut.
        cut: Where it is cut by position, in characters from the beginning.
        sizes: Documents and characters of each part; the document that the cut goes through is in both.
        overlap: Training documents that begin with a text which is held out as well.
    """

    method: str
    seed: int
    val_share: float
    test_share: float
    at: float
    cut: int = 0
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    overlap: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SplitRule:
        """Inverse of `to_dict`."""
        return cls(**data)


def side_of(digest: bytes, config: SplitConfig) -> int:
    """The place in `SPLITS` of a document whose first text has this digest."""
    drawn = hashlib.blake2b(digest, digest_size=8, key=config.seed.to_bytes(8, "big")).digest()
    share = int.from_bytes(drawn, "big") / 2**64
    return 1 if share < config.val_share else 2 if share < config.val_share + config.test_share else 0


def is_before_cut(start: int, length: int, cut: int) -> bool:
    """The side of a record that cannot be divided: before the cut if it ends there; the first one always is."""
    return start + length <= cut or start == 0


class Documents:
    """A row for each document while a corpus is written, on disk: what a split needs to know of it."""

    def __init__(self, path: Path) -> None:
        """Rows go to the file at `path`, which `close` removes."""
        self._path = path
        with explained(path):
            self._file = open(path, "wb")  # noqa: SIM115 - closed by close()
        self.num_documents = self.num_characters = self.largest = self.num_given = 0

    def add(self, digest: bytes, num_characters: int, config: SplitConfig, given: str = "") -> None:
        """Put a document at the end; `given` is the part it says it belongs to."""
        side = SPLITS.index(given) if given else side_of(digest, config)
        try:
            self._file.write(_ROW.pack(digest, num_characters, side))
        except OSError:
            with explained(self._path):
                raise
        self.num_documents += 1
        self.num_given += bool(given)
        self.num_characters += num_characters
        self.largest = max(self.largest, num_characters)

    def split(self, config: SplitConfig, folder: Path, *, is_text: bool) -> SplitRule:
        """Decide the rule, and leave the documents' sides in `folder` if it needs them.

        `is_text` says that a document can be cut anywhere.
        """
        with explained(self._path):
            self._file.flush()
        rule = SplitRule(self._method(config), config.seed, config.val_share, config.test_share, config.at)
        if rule.method == "position":
            cut = max(1, int(config.at * self.num_characters))
            rule = SplitRule(**rule.to_dict() | {"cut": cut})
        sizes = {name: {"documents": 0, "characters": 0} for name in SPLITS}
        with Digests(folder) as held, explained(folder / SIDES), open(folder / SIDES, "wb") as sides:
            for digests, lengths, at_sides in self._sided(rule, is_text):
                sides.write(at_sides.tobytes())
                for side, name in enumerate(SPLITS):
                    sizes[name]["documents"] += int(np.count_nonzero(at_sides == side))
                    sizes[name]["characters"] += int(lengths[at_sides == side].sum())
                for digest in digests[at_sides > 0]:
                    held.add(digest)
            overlap = sum(
                digest in held for digests, _, at_sides in self._sided(rule, is_text) for digest in digests[at_sides == 0]
            )
        if rule.method == "position":
            (folder / SIDES).unlink()
            if is_text:
                through = sizes["train"]["characters"] > rule.cut  # the document that the cut goes through lies in both
                sizes["train"]["characters"], sizes["val"]["characters"] = rule.cut, self.num_characters - rule.cut
                sizes["val"]["documents"] += through
        return SplitRule(**rule.to_dict() | {"sizes": sizes, "overlap": overlap})

    def close(self) -> None:
        """Remove the rows."""
        try:
            with explained(self._path):
                self._file.close()
        finally:
            self._path.unlink(missing_ok=True)

    def _method(self, config: SplitConfig) -> str:
        if self.num_documents and self.num_given == self.num_documents:
            return "given"
        if not config.val_share and not config.test_share:
            return "none"
        if self.largest * _LARGE > self.num_characters:
            return "position"
        wanted = {side for side, share in ((0, 1.0), (1, config.val_share)) if share}
        drawn: set[int] = set()
        for rows in self._rows():
            drawn |= set(np.unique(rows["side"]).tolist())
        return "documents" if wanted <= drawn else "position"

    def _rows(self) -> Iterator[np.ndarray]:
        with open(self._path, "rb") as file:
            while block := file.read(_ROWS * _DTYPE.itemsize):
                yield np.frombuffer(block, dtype=_DTYPE)

    def _sided(self, rule: SplitRule, is_text: bool) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Digests as an array of bytes objects, lengths in characters and final sides, some documents at a time."""
        start = 0
        for rows in self._rows():
            lengths = rows["characters"].astype(np.int64)
            starts = start + np.cumsum(lengths) - lengths
            start += int(lengths.sum())
            match rule.method:
                case "none":
                    sides = np.zeros(len(rows), dtype=np.uint8)
                case "position" if is_text:
                    sides = (starts >= rule.cut).astype(np.uint8)
                case "position":
                    sides = ((starts + lengths > rule.cut) & (starts > 0)).astype(np.uint8)
                case _:
                    sides = rows["side"]
            digests = np.array([row.tobytes() for row in rows["digest"]], dtype=object)
            yield digests, lengths, sides
