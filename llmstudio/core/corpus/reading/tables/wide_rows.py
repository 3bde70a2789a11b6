"""Rows with a cell more than the header has names: an index that nobody named, a comma at each row's end, or a cut text.

In: the names and the first rows. Out: how well each way of laying the names over the cells agrees with what such names
usually mean. A way that calls prose an id, or a number a text, is a wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.names import ANSWERS, ASKS, LABELS, TEXTS, TITLES, folded
from llmstudio.core.corpus.reading.columns.numbers import is_number

_COUNTS = frozenset(
    ("id", "idx", "index", "no", "nr", "num", "number", "row", "line", "year", "month", "day", "age", "count")
)
_WORDS = frozenset((*TEXTS, *TITLES, *ASKS, *ANSWERS))
_CLASSES = frozenset(LABELS)
_LONGEST_CLASS = 40


def fit(names: Sequence[str], rows: Sequence[Sequence[str]], *, offset: int = 0) -> int:
    """How many names agree with the cells from place `offset` on, less those that do not."""
    columns = ([row[n].strip() for row in rows if n < len(row)] for n in range(offset, offset + len(names)))
    return sum(_agrees(name, [cell for cell in cells if cell]) for name, cells in zip(names, columns, strict=True))


def has_index(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """True if most rows begin with a number that the header does not name, and the other cells agree with its names."""
    width = len(names) + 1
    wide = [row for row in rows if len(row) >= width]
    if 2 * len(wide) <= len(rows) or len(rows) < 3 or not all(row[0].strip().isdigit() for row in rows):
        return False
    shifted = fit(names, wide, offset=1)
    if not any(cell.strip() for row in wide for cell in row[width - 1 :]):  # a comma ends each row
        return shifted > fit(names, wide)
    return not any(_agrees(name, [row[n] for row in wide if row[n].strip()]) < 0 for n, name in enumerate(names, 1))


def _agrees(name: str, cells: Sequence[str]) -> int:
    """1 if cells look as those of a column of this name do, -1 if they do not, 0 if it says nothing."""
    key = folded(name)
    end = key.rsplit("_", 1)[-1]
    is_class, is_text = key in _CLASSES or end in _CLASSES, key in _WORDS or end in _WORDS
    if not cells:
        return -1 if is_class or is_text else 0
    are_numbers = all(map(is_number, cells))
    if key in _COUNTS or end in _COUNTS:
        return -1 if sum(" " in cell.strip() for cell in cells) > len(cells) / 2 else 1
    if is_class:
        are_classes = are_numbers or (len(set(cells)) <= max(2, len(cells) / 2) and max(map(len, cells)) <= _LONGEST_CLASS)
        return 1 if are_classes else 0 if is_text else -1
    if is_text:
        return -1 if are_numbers or (len(cells) > 5 and len(set(cells)) <= len(cells) / 4) else 1
    return 0
