"""Tables with commas, semicolons or tabs (csv, tsv), row by row."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.cells import Row
from llmstudio.core.corpus.column_names import NAMES
from llmstudio.core.corpus.plain_text import LINE_CHARACTERS, lines
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.words import words

_LOOKED_AT = 50  # rows that tell the delimiter, the quoting and whether there is a header


def read_table(
    chunks: Iterable[str], name: str, *, is_tab_separated: bool = False, header: str = ""
) -> Iterator[Row | Skipped]:
    """The rows of a table as dicts of text; without a header the columns are called "1", "2" ...

    A line that is too long or a quote that is never closed costs that row, which is told, and nothing else.

    Args:
        chunks: The text.
        name: The file's name, for what is skipped.
        is_tab_separated: True for tsv; else the delimiter is found out.
        header: "yes", "no", or empty to find out.
    """
    csv.field_size_limit(LINE_CHARACTERS)  # the module's own limit is 128 KB; ours keeps memory bounded
    all_lines = lines(chunks)
    first_lines = list(itertools.islice(all_lines, _LOOKED_AT))
    told = [line for line in first_lines if line]
    delimiter = "\t" if is_tab_separated else _find_delimiter(told)
    source = _Lines(itertools.chain(first_lines, all_lines))
    if _uses_quotes(told, delimiter):
        rows = _rows(csv.reader(source, delimiter=delimiter), source)
    else:
        rows = _rows(csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE), source)

    first_rows = list(itertools.islice(rows, _LOOKED_AT))
    good = [cells for _, cells in first_rows if cells]
    has_header = bool(good) and _is_header(good, header)
    names = _names(good, has_header)
    for line, cells in itertools.chain(first_rows, rows):
        yield from source.take_skipped(name)
        if cells is None:
            yield Skipped(name, words("this row cannot be read: a quote is not closed, or a cell is too long"), line)
        elif has_header and any(cell.strip() for cell in cells[len(names) :]):
            yield Skipped(name, words("this row has more cells than the header: put quotes around text with commas"), line)
        elif not (has_header and cells is good[0]):
            yield dict(zip(names, cells, strict=False))
    yield from source.take_skipped(name)


class _Lines:
    """Lines for the csv module, which wants their ends; counts them and sets aside the numbers of those too long."""

    def __init__(self, source: Iterable[str | None]) -> None:
        self._source = iter(source)
        self._too_long: list[int] = []
        self.num_lines = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._source:
            self.num_lines += 1
            if line is None:
                self._too_long.append(self.num_lines)
            else:
                yield line + "\n"

    def take_skipped(self, name: str) -> Iterator[Skipped]:
        """What was too long since the last call."""
        for line in self._too_long:
            yield Skipped(name, words("this line is too long"), line)
        self._too_long.clear()


def _rows(reader: Iterator[list[str]], source: _Lines) -> Iterator[tuple[int, list[str] | None]]:
    """Line number and cells of each row that is not blank; None for one that cannot be read."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield source.num_lines, None
            continue
        if any(cell.strip() for cell in cells):
            yield source.num_lines, cells


def _names(rows: list[list[str]], has_header: bool) -> list[str]:
    if has_header:
        return [cell.strip().lstrip("\ufeff") or str(n) for n, cell in enumerate(rows[0], 1)]
    return [str(n) for n in range(1, max(map(len, rows), default=0) + 1)]


def _is_header(rows: list[list[str]], header: str) -> bool:
    """True if the first row names the columns: by known names, or by being short and unlike what stands below it."""
    if header:
        return header == "yes"
    first = [cell.strip() for cell in rows[0]]
    if any(cell.casefold() in NAMES for cell in first):
        return True
    if len(rows) < 3 or len(set(first)) < len(first) or not all(first) or any(len(cell) > 40 for cell in first):
        return False
    if any(_is_number(cell) for cell in first):
        return False
    below = [[row[n].strip() for row in rows[1:] if n < len(row)] for n in range(len(first))]
    return any(
        cells and (all(map(_is_number, cells)) or sum(map(len, cells)) / len(cells) >= 3 * len(first[n]))
        for n, cells in enumerate(below)
    )


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()


def _find_delimiter(head: list[str]) -> str:
    """The sign that cuts the most rows into as many cells as the first one, more than one."""

    def fit(delimiter: str) -> float:
        widths = [len(row) for row in csv.reader((line + "\n" for line in head), delimiter=delimiter) if row]
        return widths.count(widths[0]) / len(widths) if widths and widths[0] > 1 else 0.0

    try:
        return max(",;\t|", key=fit)
    except csv.Error:
        return ","


def _uses_quotes(head: list[str], delimiter: str) -> bool:
    """False if cells begin with a quote without ending in one: then quotes are speech, not cell borders."""
    if delimiter != "\t":
        return True
    cells = [cell for line in head for cell in line.split(delimiter)]
    opened = [cell for cell in cells if cell.startswith('"')]
    return all(len(cell) > 1 and cell.endswith('"') for cell in opened)
