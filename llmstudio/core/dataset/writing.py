"""Writing a split of a dataset: segments of rows become ids, offsets and byte counts at the end of growing files.

Counterpart of `tokens`, which maps the files. It knows nothing of corpora or of what a row means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.tokenizer.config import UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.store.files import explained

NO_MARK = -100
"""Stands where a token has no mark."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a row: text or one special id, part of an answer or not, the last of its row or not.

    `gap_bytes` of the row's text were left out before it, where a long document was cut. `mark` is what a model is to say
    of it: the names of its classes, or its tag.
    """

    text: str = ""
    gap_bytes: int = 0
    special: int | None = None
    is_answer: bool = False
    ends_row: bool = False
    mark: tuple[str, ...] | None = None


@dataclass
class Marks:
    """The marks of a dataset, numbered as they come; each is a set of names, mostly of one.

    Attributes:
        names: The names of classes or tags.
        sets: What each mark stands for: numbers of names, ascending.
    """

    names: list[str] = field(default_factory=list)
    sets: list[tuple[int, ...]] = field(default_factory=list)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def number(self, mark: tuple[str, ...]) -> int:
        """The number of a mark; a new one gets the next."""
        if mark not in self._numbers:
            for name in mark:
                if name not in self.names:
                    self.names.append(name)
            chosen = tuple(sorted({self.names.index(name) for name in mark}))
            if chosen not in self.sets:
                self.sets.append(chosen)
            self._numbers[mark] = self.sets.index(chosen)
        return self._numbers[mark]

    def facts(self) -> dict[str, Any]:
        """As `meta.json` keeps them."""
        return {"names": list(self.names), "sets": [list(chosen) for chosen in self.sets]}


def dtype_for(tokenizer: Tokenizer) -> np.dtype[Any]:
    """The smallest type that holds every id."""
    return np.dtype(np.uint16 if tokenizer.vocab_size <= 65536 else np.uint32)


@dataclass
class _Row:
    """What is known of a row that is not finished."""

    num_bytes: int = 0
    hidden_bytes: int = 0


@dataclass
class RowWriter:
    """Appends segments to the files of one split."""

    folder: Path
    tokenizer: Tokenizer
    has_answers: bool
    marks: Marks | None = None
    num_rows: int = 0
    num_tokens: int = 0
    num_bytes: int = 0
    num_hidden_bytes: int = 0
    num_answer_tokens: int = 0
    _row: _Row = field(default_factory=_Row)
    _files: dict[str, BinaryIO] = field(default_factory=dict)

    def __enter__(self) -> RowWriter:
        names = (
            ["ids", "offsets", "row_bytes", "hidden_bytes"]
            + ["answers"] * self.has_answers
            + ["marks"] * (self.marks is not None)
        )
        with explained(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._files = {name: (self.folder / f"{name}.bin").open("wb") for name in names}
        self._hashes = {name: hashlib.sha256() for name in names}
        self._append("offsets", np.zeros(1, np.int64))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with explained(self.folder):
            for file in self._files.values():
                file.close()

    def write(self, batch: Sequence[Segment]) -> None:
        """Encode the batch's texts on all cores and append everything it brings; a row may go on in the next batch."""
        encoded = iter(self.tokenizer.encode_batch([s.text for s in batch if s.special is None]))
        ids: list[int] = []
        lengths: list[int] = []
        ends: list[tuple[int, int, int]] = []  # (offset, row bytes, hidden bytes) of the rows that end in this batch
        for segment in batch:
            if segment.special is None:
                own = next(encoded)
                num_bytes = len(segment.text.encode("utf-8", "replace")) + segment.gap_bytes
                self._row.num_bytes += num_bytes
                self.num_bytes += num_bytes
                if UNKNOWN in own:
                    self._row.hidden_bytes += self.tokenizer.hidden_bytes(segment.text)
                    self._row.hidden_bytes += segment.gap_bytes * (own[0] == UNKNOWN)
                ids += own
                lengths.append(len(own))
            else:
                ids.append(segment.special)
                lengths.append(1)
            if segment.ends_row:
                ends.append((self.num_tokens + len(ids), self._row.num_bytes, self._row.hidden_bytes))
                self._row = _Row()
        self.num_tokens += len(ids)
        self.num_rows += len(ends)
        self.num_hidden_bytes += sum(hidden for _, _, hidden in ends)
        self._append("ids", np.array(ids, dtype_for(self.tokenizer)))
        table = np.array(ends, np.int64).reshape(-1, 3)
        for column, name in enumerate(("offsets", "row_bytes", "hidden_bytes")):
            self._append(name, table[:, column])
        if self.has_answers:
            marks = np.repeat(np.array([s.is_answer for s in batch], np.uint8), lengths)
            self.num_answer_tokens += int(marks.sum())
            self._append("answers", marks)
        if self.marks is not None:
            self._append("marks", self._numbered(batch, lengths))

    def _numbered(self, batch: Sequence[Segment], lengths: Sequence[int]) -> NDArray[np.int32]:
        """(tokens,) the mark of each segment at its first token, NO_MARK elsewhere."""
        assert self.marks is not None
        numbered = np.full(sum(lengths), NO_MARK, np.int32)
        at = 0
        for segment, length in zip(batch, lengths, strict=True):
            if segment.mark is not None and length:
                numbered[at] = self.marks.number(segment.mark)
            at += length
        return numbered

    def facts(self) -> dict[str, Any]:
        """Counts and the hash of the content, for `meta.json`."""
        return {
            "rows": self.num_rows,
            "tokens": self.num_tokens,
            "bytes": self.num_bytes,
            "hidden_bytes": self.num_hidden_bytes,
            "answer_tokens": self.num_answer_tokens if self.has_answers else None,
            "hash": hashlib.sha256(b"".join(self._hashes[name].digest() for name in sorted(self._hashes))).hexdigest(),
        }

    def _append(self, name: str, values: NDArray[Any]) -> None:
        data = values.tobytes()
        self._hashes[name].update(data)
        with explained(self.folder):
            self._files[name].write(data)
