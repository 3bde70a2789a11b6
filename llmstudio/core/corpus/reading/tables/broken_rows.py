"""Rows that a line break inside a text without quotes has cut: their pieces are put together again, or at least counted.

In: the rows of a table as its lines give them. Out: the rows as they were meant. A text in column P of W is cut into a
piece with the cells up to P, lines of the text alone, and a piece with the text's end and the cells after it; together they
have W cells. The cells beside the text must look as they do in whole rows (numbers, known classes), or nothing is joined.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from llmstudio.core.corpus.reading.columns.numbers import is_number
from llmstudio.core.corpus.reading.columns.prose import prose
from llmstudio.core.corpus.reading.tables.column_kinds import are_classes, are_numbers, are_told_apart, columns_of
from llmstudio.core.corpus.reading.tables.dialects import DELIMITERS
from llmstudio.core.corpus.reading.tables.rows import TableRow
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

BREAK = "\x1e"
"""Stands for a line break inside a cell of a table whose rows end otherwise."""
_FEWEST = 5  # rows that are whole, or become so: fewer tell too little
_WORDS_OF_A_CLASS = 2


def with_breaks_in_cells(chunks: Iterable[str]) -> Iterator[str]:
    """The text of a table; where all rows end in CR LF, a lone one of the two belongs to a cell and becomes `BREAK`."""
    source = iter(chunks)
    head = next(source, "")
    if not _has_breaks_in_cells(head):
        yield head
        yield from source
        return
    held = ""
    for chunk in itertools.chain([head], source):
        text = held + chunk
        held = "\r" if text.endswith("\r") else ""  # its \n may follow
        rows = (text.removesuffix("\r") if held else text).split("\r\n")
        yield "\n".join(row.replace("\r", BREAK).replace("\n", BREAK) for row in rows)
    yield "\n" if held else ""


def _has_breaks_in_cells(head: str) -> bool:
    rows = [row for row in head.split("\r\n")[:-1] if row.strip()]
    if len(rows) < _FEWEST or BREAK in head or not any("\r" in row or "\n" in row for row in rows[1:]):
        return False
    return any(rows[0].count(sign) > 0 and len({row.count(sign) for row in rows}) == 1 for sign in DELIMITERS)


class BrokenRows:
    """Joins the pieces of rows, and counts those that stay short.

    Attributes:
        num_joined: Rows that were put together.
        num_short: Rows that lack cells which whole rows have.
    """

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        """`rows` are the first of a table, its header left out; whole ones have `width` cells."""
        self.num_joined = self.num_short = self._first_short = 0
        self._width = width
        whole = [row for row in rows if len(row) == width]
        self._columns = columns_of(whole)
        self._last_filled = max((n for n, cells in enumerate(self._columns) if all(cells)), default=-1)
        self._place = -1
        if width < 2:
            return
        if len(whole) >= _FEWEST:
            scores = [prose([cell for cell in cells if cell], len(cells)) for cells in self._columns]
            self._place = scores.index(max(scores)) if max(scores) else -1
            # A text alone in front of a label may as well be one without a label.
            if self._place == 0 and not (width > 2 and self._last_filled > 0):
                self._place = -1
            if not any(self._tells(n) for n in range(width) if n != self._place):
                self._place = -1
        else:
            self._find_place(rows)

    def mended(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows, with those joined that were one."""
        held: list[TableRow] = []
        for row in rows:
            if held and row.cells and self._goes_on(held, row.cells):
                held.append(row)
                if self._place < self._width - 1 and len(row.cells) == self._width - self._place:
                    yield self._joined(held)
                    held = []
                continue
            yield from self._given_up(held)
            held = [row] if self._begins(row) else []
            if not held:
                self._count(row)
                yield row
        yield from self._given_up(held)

    def remarks(self) -> list[Remark]:
        """What was joined, and what stays short."""
        found = []
        if self.num_joined:
            message = words("Rows that line breaks inside a text had cut were put together again: {n:,}.", n=self.num_joined)
            found.append(Remark(message, "warning"))
        if self.num_short:
            message = words(
                "Rows with fewer cells than the others: {n:,}, the first in line {line:,}. A text with line breaks needs"
                " quotes around it.",
                n=self.num_short,
                line=self._first_short,
            )
            found.append(Remark(message, "warning"))
        return found

    def _begins(self, row: TableRow) -> bool:
        return self._place >= 0 and bool(row.cells) and len(row.cells or ()) == self._place + 1

    def _goes_on(self, held: Sequence[TableRow], cells: Sequence[str]) -> bool:
        """True if a row holds the next piece of the one that is held."""
        if self._place == self._width - 1:
            return len(cells) == 1 and not any(are_classes(known) and cells[0].strip() in known for known in self._columns)
        if len(cells) == self._width - self._place:
            return self._fits(self._cells([*(each.cells or [] for each in held), cells]))
        return len(cells) == 1

    def _given_up(self, held: Sequence[TableRow]) -> Iterator[TableRow]:
        """Rows that wait for an end, when none comes."""
        if held and self._place == self._width - 1:
            yield self._joined(held)
            return
        for row in held:
            self._count(row)
            yield row

    def _count(self, row: TableRow) -> None:
        if row.cells and len(row.cells) <= self._last_filled:
            self.num_short += 1
            self._first_short = self._first_short or row.line

    def _joined(self, held: Sequence[TableRow]) -> TableRow:
        if len(held) == 1:
            return held[0]
        self.num_joined += 1
        gaps = [1, *(max(1, row.line - before.line) for before, row in itertools.pairwise(held))]
        cells = self._cells([row.cells or [] for row in held], gaps)
        return TableRow(held[0].line, cells, any(row.is_unclosed for row in held))

    def _cells(self, pieces: Sequence[Sequence[str]], gaps: Sequence[int] = ()) -> list[str]:
        """The cells of several pieces; between two of them as many line ends as there were lines."""
        text = pieces[0][-1]
        for n, piece in enumerate(pieces[1:], 1):
            text += "\n" * (gaps[n] if gaps else 1) + piece[0]
        return [*pieces[0][:-1], text, *(pieces[-1][1:] if len(pieces) > 1 else [])]

    def _fits(self, cells: Sequence[str]) -> bool:
        """True if the cells beside the text look like those of their columns."""
        return len(cells) == self._width and all(
            not self._tells(n) or self._is_like(n, cell.strip()) for n, cell in enumerate(cells) if n != self._place
        )

    def _tells(self, column: int) -> bool:
        known = self._columns[column] if self._columns else []
        return not known or are_numbers(known) or are_classes(known)

    def _is_like(self, column: int, cell: str) -> bool:
        known = self._columns[column] if self._columns else []
        if not known or are_numbers(known):
            return not known or is_number(cell)
        return cell in known or 0 < len(cell.split()) <= _WORDS_OF_A_CLASS  # all rows of a class may be cut

    def _find_place(self, rows: Sequence[Sequence[str]]) -> None:
        """The column of the text where hardly a row is whole: the one whose joining leaves numbers and classes beside it."""
        self._columns = []
        best = 0.0
        for place in range(1, self._width - 1):
            self._place = place
            mended = [row.cells or [] for row in self.mended(TableRow(n, list(cells)) for n, cells in enumerate(rows, 1))]
            whole = [cells for cells in mended if len(cells) == self._width]
            columns = columns_of(whole)
            if len(whole) >= _FEWEST and are_told_apart(columns, place):
                score = len(whole) * prose([cell for cell in columns[place] if cell], len(whole))
                if score > best:
                    best, found = score, (place, columns)
        self.num_joined = self.num_short = self._first_short = 0
        self._place, self._columns = found if best else (-1, [])
