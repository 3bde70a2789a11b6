"""The cells of a table, line by line: quotes that hold commas and line ends, and quotes that were never closed.

In: lines and how the table is written. Out: rows of cells with the line they begin in. The standard is RFC 4180; real files
also put backslashes before quotes and spaces before cells, and now and then forget to close a quote, which must not
swallow the rows that follow.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

_ROWS_IN_A_CELL = 20  # so many lines that look like rows are rows, whatever stands before them


@dataclass(frozen=True)
class Dialect:
    """How a table is written.

    Attributes:
        delimiter: Between cells; a sign that no text holds if there is only one column.
        has_quotes: False if quotes are speech and mean nothing.
        has_backslashes: True if a backslash stands before a quote inside quotes.
        width: Cells of most rows.
        quote: The sign around cells, of which two inside stand for one.
    """

    delimiter: str
    has_quotes: bool = True
    has_backslashes: bool = False
    width: int = 1
    quote: str = '"'

    @cached_property
    def quoted(self) -> re.Pattern[str]:
        """A cell in quotes up to the delimiter or the end of the row."""
        end = rf"(?: *(?:{re.escape(self.delimiter)}|\Z))"
        q = self.quote
        inner = rf"[^{q}\\]++|{q}{q}|\\[{q}\\]|\\" if self.has_backslashes else rf"[^{q}\\]++|{q}{q}|\\{q}(?!{end}|{q})|\\"
        return re.compile(rf" *{q}((?:{inner})*+){q}{end}")

    @cached_property
    def loose(self) -> re.Pattern[str]:
        """As `quoted`, for cells with quotes inside that should have been doubled."""
        return re.compile(rf" *{self.quote}(.*?){self.quote} *(?:{re.escape(self.delimiter)}|\Z)", re.DOTALL)

    @cached_property
    def open(self) -> re.Pattern[str]:
        """A cell that begins with a quote and does not end."""
        q = self.quote
        inner = rf"[^{q}\\]++|{q}{q}|\\[{q}\\]|\\" if self.has_backslashes else rf"[^{q}]++|{q}{q}"
        return re.compile(rf"{q}(?:{inner})*+\Z")


@dataclass(frozen=True)
class TableRow:
    """A row: the number of the line it begins in, its cells (None if they are too long), whether a quote stayed open."""

    line: int
    cells: list[str] | None
    is_unclosed: bool = False


def split_row(text: str, dialect: Dialect) -> tuple[list[str], bool]:
    """The cells of a row, and whether its last one begins with a quote that the text does not close."""
    quote = dialect.quote
    if not dialect.has_quotes or quote not in text:
        return text.split(dialect.delimiter), False
    cells: list[str] = []
    at = 0
    while at <= len(text):
        found = None
        if text.startswith(quote, at) or text[at:].lstrip(" ").startswith(quote):
            found = dialect.quoted.match(text, at)
            if not found and dialect.open.match(text, at):
                return [*cells, text[at:]], True
            found = found or dialect.loose.match(text, at)
        if found:
            cells.append(_unescaped(found[1], dialect))
            if found.end() == len(text) and not found[0].endswith(dialect.delimiter):
                return cells, False
            at = found.end()
            continue
        end = text.find(dialect.delimiter, at)
        if end < 0:
            cells.append(text[at:])
            break
        cells.append(text[at:end])
        at = end + len(dialect.delimiter)
    return cells, False


def _unescaped(cell: str, dialect: Dialect) -> str:
    q = dialect.quote
    cell = re.sub(rf"\\([{q}\\])" if dialect.has_backslashes else rf"\\({q})(?!{q})", r"\1", cell) if "\\" in cell else cell
    return cell.replace(q * 2, q)


def table_rows(lines: Iterable[str | None], dialect: Dialect, *, limit: int) -> Iterator[TableRow]:
    """The rows of a table that are not blank.

    Args:
        lines: Its lines without their ends; None for one that was too long.
        dialect: How it is written.
        limit: Characters of a row at most.
    """
    source = enumerate(lines, 1)
    waiting: deque[tuple[int, str | None]] = deque()  # lines that a quote had swallowed
    while True:
        try:
            number, line = waiting.popleft() if waiting else next(source)
        except StopIteration:
            return
        if line is None:
            yield TableRow(number, None)
            continue
        cells, is_open = split_row(line, dialect)
        if is_open:
            held: list[tuple[int, str | None]] = []
            cells, is_open = _closed(line, dialect, waiting, source, held, limit)
            if is_open:  # nobody closes it: the quote is a sign like any other, and what follows are rows again
                waiting.extendleft(reversed(held))
                cells = _literal(line, dialect)
        if any(cell.strip() for cell in cells):
            yield TableRow(number, cells, is_open)


def _literal(line: str, dialect: Dialect) -> list[str]:
    """The cells of a line whose last quote is never closed; those before it keep their meaning."""
    cells, _ = split_row(line, dialect)
    rest = cells.pop()
    return [*cells, *rest.split(dialect.delimiter)]


def _closed(
    line: str,
    dialect: Dialect,
    waiting: deque[tuple[int, str | None]],
    source: Iterator[tuple[int, str | None]],
    held: list[tuple[int, str | None]],
    limit: int,
) -> tuple[list[str], bool]:
    """The row that begins with an open quote, with the lines it takes up; or ([], True) if nothing closes the quote.

    All lines that were looked at are put into `held`.
    """
    texts, length, num_like_rows, most_like_rows = [line], len(line), 0, 0
    while True:
        number, following = waiting.popleft() if waiting else next(source, (0, None))
        if number:
            held.append((number, following))
        if following is None:
            return [], True
        texts.append(following)
        length += len(following) + 1
        if length > limit:
            return [], True
        is_like_row = dialect.width > 1 and following.count(dialect.delimiter) == dialect.width - 1
        num_like_rows = num_like_rows + 1 if is_like_row else 0
        most_like_rows = max(most_like_rows, num_like_rows)
        quote = dialect.quote
        if quote not in following.replace(quote * 2, "").replace(f"\\{quote}", "" if dialect.has_backslashes else quote):
            continue
        cells, is_open = split_row("\n".join(texts), dialect)
        if is_open:
            continue
        alone, is_open_alone = split_row(following, dialect)
        is_row_alone = not is_open_alone and dialect.width > 1 and len(alone) == dialect.width
        # Two stray quotes with rows between them, or the quote of another cell that has its own row.
        is_other = is_row_alone and (len(cells) != dialect.width or not any(quote in cell for cell in alone))
        is_stray = is_other or (most_like_rows >= _ROWS_IN_A_CELL and is_like_row)
        return ([], True) if is_stray else (cells, False)
