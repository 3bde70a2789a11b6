"""Rows with more cells than the header has names, because nobody put quotes around a text with commas.

In: the first rows. Out: how a row that does not fit can be put together again, if it can. Only the column of prose may have
been cut; every other cell must look as it does in the rows that fit, or the row stays as it is. Where hardly a row fits,
the column is the one whose joining leaves nothing but numbers and classes beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.reading.columns.numbers import is_number
from llmstudio.core.corpus.reading.columns.prose import prose
from llmstudio.core.corpus.reading.tables.column_kinds import are_classes, are_numbers, are_told_apart, columns_of
from llmstudio.core.corpus.reading.tables.wide_rows import fit

_FEWEST = 5  # rows that fit: fewer tell too little


class LooseRows:
    """Joins what commas have cut in a table's column of prose."""

    def __init__(self, rows: Sequence[Sequence[str]], names: Sequence[str], delimiter: str) -> None:
        """`rows` are the first of the table, its header left out; `names` are those of its columns."""
        self._width, self._delimiter = len(names), delimiter
        fitting = [row for row in rows if len(row) == len(names)]
        self._columns: list[list[str]] = []
        self._place = 0
        if len(fitting) >= max(_FEWEST, len(rows) / 10):
            self._columns = columns_of(fitting)
            scores = [prose([cell for cell in cells if cell], len(cells)) for cells in self._columns]
            self._place = scores.index(max(scores))
        elif len(wide := [row for row in rows if len(row) >= len(names)]) >= _FEWEST:
            self._find_place(wide, names)

    def joined(self, cells: Sequence[str]) -> list[str] | None:
        """The cells of a row that fits, or None if there is no telling."""
        if not self._columns or len(cells) <= self._width:
            return None
        found = self._joined_at(self._place, cells)
        others = (n for n in range(self._width) if n != self._place)
        return found if self._width > 1 and all(self._fits(n, found[n].strip()) for n in others) else None

    def _joined_at(self, place: int, cells: Sequence[str]) -> list[str]:
        end = place + len(cells) - self._width + 1
        return [*cells[:place], self._delimiter.join(cells[place:end]), *cells[end:]]

    def _find_place(self, rows: Sequence[Sequence[str]], names: Sequence[str]) -> None:
        best = 0
        for place in range(self._width):
            whole = [self._joined_at(place, row) for row in rows]
            columns = columns_of(whole)
            pieces = [piece for row in rows for piece in row[place : place + len(row) - self._width + 1]]
            if sum(map(is_number, pieces)) > len(pieces) / 4 or not prose(columns[place], len(rows)):
                continue  # numbers stand in columns of their own
            if are_told_apart(columns, place):
                agreement = fit(names, whole) + 1
                if agreement > best:
                    best, self._place, self._columns = agreement, place, columns

    def _fits(self, column: int, cell: str) -> bool:
        """True if a cell looks like those of its column: a number among numbers, a class among its kind."""
        known = self._columns[column]
        if are_numbers(known):
            return is_number(cell)
        return cell in known and are_classes(known)
