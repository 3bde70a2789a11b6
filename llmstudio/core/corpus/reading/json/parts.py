"""Parts of a split inside one JSON document: {"train": [...], "test": [...]}, also below another key, as in {"data": {...}}.

Each row is marked with the part that it stands in, and nothing else changes: what is read of a row is what its part holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.files.given_parts import is_split, named_part
from llmstudio.core.corpus.reading.json.shapes import framed
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

BY_KEYS = Remark(words("What is for training, for validation and for the test is as the lists in the file are named."))
"""Said of a file that names its parts so."""
_DEPTH = 4  # objects around the parts


class PartRow(dict[str, Any]):
    """A row that stands under the name of a part.

    Attributes:
        part: train, val or test.
    """

    def __init__(self, row: Mapping[str, Any], part: str) -> None:
        """A copy of `row` in `part`."""
        super().__init__(row)
        self.part = part


def in_part(rows: Iterable[Row], key: str) -> Iterator[Row]:
    """The rows that stand under `key`, marked if it is the name of a part."""
    part = named_part(key)
    return (row if not part or isinstance(row, PartRow) else PartRow(row, part) for row in rows)


def parts_of_row(value: Any) -> Mapping[str, list[Any]] | None:
    """The lists of a row that is a document in itself: all of its lists stand under the names of parts.

    A row with another list is a record of its own, whatever its columns are called.
    """
    if not isinstance(value, Mapping):
        return None
    inner = {str(key): item for key, item in value.items() if isinstance(item, list | Mapping) and item}
    inner = {key: item for key, item in inner.items() if isinstance(item, list) or named_part(key)}
    if len(inner) < 2 or not is_split({named_part(key) for key in inner}) or not all(map(named_part, inner)):
        return None
    lists = {key: item if isinstance(item, list) else _rows_of_table(item) for key, item in inner.items()}
    return lists if all(lists.values()) else None


def _rows_of_table(value: Mapping[str, Any]) -> list[Any]:
    """The rows of a part that is a table by columns; none if it is no table."""
    return list(framed(value) or ())


def parted(value: Any, depth: int = _DEPTH) -> Mapping[str, Any] | None:
    """The object in `value`, or itself, whose keys are the names of parts; None if there is none."""
    if not isinstance(value, Mapping):
        return None
    inner = {key: item for key, item in value.items() if isinstance(item, list | Mapping) and item}
    parts = {named_part(str(key)) for key in inner}
    if is_split(parts - {""}):
        return inner
    found = [below for item in inner.values() if depth and (below := parted(item, depth - 1)) is not None]
    return found[0] if len(found) == 1 else None
