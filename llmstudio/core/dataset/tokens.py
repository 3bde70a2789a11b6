"""A dataset on disk, mapped into memory read-only: opening costs nothing, however many tokens there are.

| file in `train/`, `val/`, `test/` | type            | holds                                                           |
| --------------------------------- | --------------- | --------------------------------------------------------------- |
| ids.bin                           | uint16 / uint32 | all rows one after the other, each ending with END              |
| offsets.bin                       | int64           | where each row begins, and at last where the last one ends      |
| answers.bin                       | uint8           | 1 for tokens of answers; only where rows have answers           |
| marks.bin                         | int32           | a token's mark, -100 where it has none; only where rows have some |
| row_bytes.bin, hidden_bytes.bin   | int64           | UTF-8 bytes of a row's text, and those under its unknown tokens |

`meta.json` beside them says what the dataset was made from, and holds counts and hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.typed import matches
from llmstudio.store.reading import damage_told, read_json

META = "meta.json"
FORMAT = 1
_IDS_LOOKED_AT = 1 << 24  # 10 ms


class SplitFile(TypedDict):
    """What `meta.json` says of one split."""

    rows: int
    tokens: int
    answer_tokens: int | None


class MetaFile(TypedDict):
    """What `meta.json` holds where the dataset itself relies on it."""

    format: int
    vocab_size: int
    dtype: Literal["uint16", "uint32"]
    splits: dict[Literal["train", "val", "test"], SplitFile]


class MarksFile(TypedDict):
    """What `meta.json` says of marks: the names, and which of these each mark stands for."""

    names: list[str]
    sets: list[list[int]]


@dataclass(frozen=True)
class Rows:
    """One split.

    Attributes:
        ids: (tokens,) uint16 or uint32.
        offsets: (rows + 1,) int64; row i is `ids[offsets[i]:offsets[i + 1]]`.
        answer_mask: (tokens,) uint8, 1 for a token of an answer; None if rows have no answers.
        row_bytes: (rows,) int64, UTF-8 bytes of the row's text.
        hidden_bytes: (rows,) int64, those of them that lie under unknown tokens.
        marks: (tokens,) int32, the mark of each token, -100 where it has none; None if rows have no marks.
    """

    ids: NDArray[Any]
    offsets: NDArray[np.int64]
    answer_mask: NDArray[np.uint8] | None
    row_bytes: NDArray[np.int64]
    hidden_bytes: NDArray[np.int64]
    marks: NDArray[np.int32] | None = None

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.offsets) - 1

    @property
    def num_tokens(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.ids)

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return int(np.diff(self.offsets).max(initial=0))

    def row(self, index: int) -> NDArray[Any]:
        """Ids of one row."""
        return self.ids[self.offsets[index] : self.offsets[index + 1]]


@dataclass(frozen=True)
class Dataset:
    """An encoded corpus.

    Attributes:
        folder: Where it lies.
        meta: Its `meta.json`.
        made_up: Rows that are learned beside those of the text, and never measured on; None if there are none.
        made_up_seconds: What making them up took.
    """

    folder: Path
    meta: Mapping[str, Any]
    _splits: Mapping[str, Rows]
    made_up: Rows | None = None
    made_up_seconds: float = 0.0

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Map the dataset in `folder`. Raises StudioError if it is missing, incomplete or damaged."""
        folder = Path(folder)
        meta = read_json(folder / META, dict)
        if isinstance(meta.get("format"), int) and meta["format"] > FORMAT:
            raise StudioError("{name} was made by a newer version of this program: update it.", name=folder.name)
        with damage_told(folder, "The dataset {name} is damaged: encode the corpus again.", name=folder.name):
            if not matches(meta, MetaFile):
                raise TypeError("a value of meta.json is of another type")
            if "marks" in meta:
                _check_marks(meta["marks"])
            splits = {name: _map_rows(folder / name, facts, meta) for name, facts in meta["splits"].items()}
        return cls(folder, meta, splits)

    @property
    def mark_names(self) -> list[str]:
        """The names of classes or tags; empty where rows have no marks."""
        return list(self.meta["marks"]["names"]) if "marks" in self.meta else []

    @property
    def mark_sets(self) -> list[list[int]]:
        """Which names each mark stands for; empty where rows have no marks."""
        return list(self.meta["marks"]["sets"]) if "marks" in self.meta else []

    def split(self, name: str) -> Rows | None:
        """The rows of `train`, `val` or `test`; None if there are none."""
        return self._splits.get(name)

    def held_out(self, name: str) -> Dataset | None:
        """This dataset with the part `name` as all there is, so that a model can be measured on it; None if it is empty."""
        rows = self._splits.get(name)
        if rows is None or rows.num_tokens < 2:
            return None
        return replace(self, _splits={"train": rows, "val": rows}, made_up=None)


def _map_rows(folder: Path, facts: Mapping[str, Any], meta: Mapping[str, Any]) -> Rows:
    num_rows, num_tokens = facts["rows"], facts["tokens"]
    rows = Rows(
        ids=_map(folder / "ids.bin", np.dtype(meta["dtype"]), num_tokens),
        offsets=_map(folder / "offsets.bin", np.dtype(np.int64), num_rows + 1),
        answer_mask=None if facts["answer_tokens"] is None else _map(folder / "answers.bin", np.dtype(np.uint8), num_tokens),
        row_bytes=_map(folder / "row_bytes.bin", np.dtype(np.int64), num_rows),
        hidden_bytes=_map(folder / "hidden_bytes.bin", np.dtype(np.int64), num_rows),
        marks=_map(folder / "marks.bin", np.dtype(np.int32), num_tokens) if "marks" in meta else None,
    )
    if rows.marks is not None and num_tokens and int(rows.marks.max()) >= len(meta["marks"]["sets"]):
        raise ValueError("a token has a mark that is not in the table")
    if rows.offsets[0] != 0 or rows.offsets[-1] != num_tokens or np.any(np.diff(rows.offsets) < 0):
        raise ValueError("offsets do not lead from the first token to the last")
    # A model has no row for an id beyond its vocabulary. Of a very long text the beginning must do.
    if num_tokens and int(rows.ids[:_IDS_LOOKED_AT].max()) >= meta["vocab_size"]:
        raise ValueError("an id lies beyond the vocabulary")
    return rows


def _check_marks(marks: Any) -> None:
    if not matches(marks, MarksFile):
        raise TypeError("the table of marks is of another type")
    if any(not 0 <= number < len(marks["names"]) for chosen in marks["sets"] for number in chosen):
        raise ValueError("a mark stands for a name that is not there")


def _map(path: Path, dtype: np.dtype[Any], length: int) -> NDArray[Any]:
    if path.stat().st_size != length * dtype.itemsize:
        raise ValueError(f"{path.name} has another size than meta.json says")
    return np.memmap(path, dtype, mode="r", shape=(length,))
