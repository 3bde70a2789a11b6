"""Rows with more cells than the header has names, because nobody put quotes around a text with commas.

In: the rows that fit. Out: how a row that does not fit can be put together again, if it can. Only the column of prose
may have been cut; every other cell must look as it does in the rows that fit, or the row stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.numbers import is_number
from llmstudio.core.corpus.prose import prose

_FEWEST = 5  # rows that fit: fewer tell too little
_CLASSES = 1 / 2  # different values a row, at most, in a column of classes


class LooseRows:
    """Joins what commas have cut in a table's column of prose."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int, delimiter: str) -> None:
        """`rows` are the first of the table, its header left out; `width` is the number of its columns."""
        fitting = [row for row in rows if len(row) == width]
        self._width, self._delimiter = width, delimiter
        self._columns = [[row[n].strip() for row in fitting] for n in range(width)] if len(fitting) >= _FEWEST else []
        scores = [prose([cell for cell in cells if cell], len(cells)) for cells in self._columns]
        self._place = scores.index(max(scores)) if scores else 0

    def joined(self, cells: Sequence[str]) -> list[str] | None:
        """The cells of a row that fits, or None if there is no telling."""
        surplus = len(cells) - self._width
        if not self._columns or surplus < 1:
            return None
        end = self._place + surplus + 1
        found = [*cells[: self._place], self._delimiter.join(cells[self._place : end]), *cells[end:]]
        others = (n for n in range(self._width) if n != self._place)
        return found if self._width > 1 and all(self._fits(n, found[n].strip()) for n in others) else None

    def _fits(self, column: int, cell: str) -> bool:
        """True if a cell looks like those of its column: a number among numbers, a class among its kind."""
        known = self._columns[column]
        if all(is_number(value) for value in known if value):
            return is_number(cell)
        return cell in known and len(set(known)) <= _CLASSES * len(known)
