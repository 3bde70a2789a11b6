"""How a table is written, told from its first lines: what stands between cells, quotes, and what stands above the header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from llmstudio.core.corpus.reading.columns.names import NAMES, folded
from llmstudio.core.corpus.reading.columns.numbers import is_number
from llmstudio.core.corpus.reading.tables.rows import Dialect, split_row, table_rows

DELIMITERS = ",;\t|"
ONE_COLUMN = "\x1f"
"""The delimiter of a table with one column: the unit separator, which no text holds."""
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
_ESCAPED = re.compile(r"[^\"\\]\\\"(?! *(?:[,;\t|\"]|$))")
_ABOVE = 10  # lines of title and date that may stand above the header
_FIT = 0.8  # of the rows have as many cells as most
_FEWEST_ROWS = 4  # with the header; fewer tell nothing of single quotes, which are apostrophes nearly everywhere
_SPACED = 0.9  # of the commas are followed by a space: it is prose


def declared_delimiter(line: str) -> str:
    """The delimiter of a first line that declares one for spreadsheets: "sep=;"."""
    found = _SEP.fullmatch(line.strip("\r\n "))
    return found[1] if found else ""


def find_dialect(head: Sequence[str], *, delimiter: str = "") -> Dialect:
    """How a table is written.

    Args:
        head: Its first lines that are not blank.
        delimiter: If it is known.
    """
    has_backslashes = any(_ESCAPED.search(line) for line in head)

    def dialect(sign: str) -> Dialect:
        has_quotes = sign != "\t" or _quotes_are_borders(head, sign)
        found = Dialect(sign, has_quotes, has_backslashes)
        if _has_single_quotes(head, found):
            found = Dialect(sign, True, any("\\'" in line for line in head), quote="'")
        return replace(found, width=_usual_width(head, found)[0])

    if delimiter:
        return dialect(delimiter)
    best, fit = "", 0.0
    for sign in DELIMITERS:
        width, share = _usual_width(head, tried := dialect(sign))
        if width > 1:
            share += 0.5 * any(names_columns(split_row(line, tried)[0]) for line in head[:_ABOVE])
            if sign in ",;" and (joints := sum(line.count(sign) for line in head)):  # those of sentences, beside bars
                share -= 0.25 * (sum(line.count(sign + " ") for line in head) >= _SPACED * joints)
            best, fit = (sign, share) if share > fit else (best, fit)
    if not best or _is_one_column(head, found := dialect(best)):
        return Dialect(ONE_COLUMN, True, has_backslashes, 1)
    return found


def lines_above(head: Sequence[str], dialect: Dialect) -> int:
    """How many of the first lines may stand above the header: a title, a date, a remark, which have fewer cells."""
    if dialect.width < 2:
        return 0
    for number, line in enumerate(head[:_ABOVE]):
        cells = split_row(line, dialect)[0]
        are_names = len(cells) > 1 and 2 * sum(map(is_name, cells)) >= len(cells)  # of rows that commas have made wider
        is_wide = len(cells) >= dialect.width and sum(bool(cell.strip()) for cell in cells) > 1
        if (is_wide or are_names) and not line.startswith("#"):
            return number
    return 0


def names_columns(cells: Sequence[str]) -> bool:
    """True if one of the cells is a column's usual name."""
    return len(cells) > 1 and any(is_name(cell) for cell in cells)


def is_name(cell: str) -> bool:
    """True for a column's usual name."""
    return cell.strip().casefold() in NAMES or folded(cell) in NAMES


def _has_single_quotes(head: Sequence[str], dialect: Dialect) -> bool:
    """True if cells stand in single quotes: all of a column do, or rows have the header's width only if they count."""
    sign = dialect.delimiter
    if any(line.startswith('"') or f'{sign}"' in line for line in head) or not any("'" in line for line in head):
        return False
    single = replace(dialect, has_quotes=True, quote="'")
    width, share = _usual_width(head, single)
    if width < 2 or len(head) < _FEWEST_ROWS:
        return False
    plain, plain_share = _usual_width(head, dialect)
    if share >= _FIT and share > plain_share and width == len(split_row(head[0], single)[0]):
        return True
    rows = [row for line in head[1:] if len(row := split_row(line, dialect)[0]) == plain == width]
    columns = [[cell.strip() for cell in cells if cell.strip()] for cells in zip(*rows, strict=True)]
    return any(cells and all(len(c) > 1 and c[0] == c[-1] == "'" for c in cells) for cells in columns)


def _usual_width(head: Sequence[str], dialect: Dialect) -> tuple[int, float]:
    """How many cells most rows have, and the share of the rows that do."""
    rows = list(table_rows(head, dialect, limit=1 << 20))
    cut = next((n for n, row in enumerate(rows) if row.is_unclosed), len(rows))  # a cell that goes on below the head
    widths = [len(row.cells) for row in rows[: cut if cut > 1 else None] if row.cells]
    if not widths:
        return 1, 0.0
    width, count = Counter(widths).most_common(1)[0]
    return width, count / len(widths)


def _is_one_column(head: Sequence[str], dialect: Dialect) -> bool:
    """True if the commas are those of sentences: one column without quotes, or under a header of one name."""
    rows = [split_row(line, dialect)[0] for line in head]
    if len(rows[0]) == 1 and is_name(rows[0][0]) and not any(names_columns(row) for row in rows[1:_ABOVE]):
        return True
    if dialect.delimiter == "\t" or names_columns(rows[0]) or any(line.lstrip().startswith('"') for line in head):
        return False
    if any(f'{dialect.delimiter}"' in line or f'{dialect.delimiter} "' in line for line in head):
        return False
    width, share = _usual_width(head, dialect)
    whole = [row for row in rows if len(row) == width]
    if any(_tells_rows_apart([row[n].strip() for row in whole]) for n in range(width)):
        return False
    joints = sum(line.count(dialect.delimiter) for line in head)
    spaced = sum(line.count(dialect.delimiter + " ") for line in head)
    return share < _FIT or spaced >= _SPACED * joints


def _tells_rows_apart(cells: Sequence[str]) -> bool:
    """True for a column of numbers or of few classes, which no sentence has between its commas."""
    if not cells or all(not cell for cell in cells):
        return False
    if all(is_number(cell) for cell in cells if cell):
        return True
    return len(cells) >= 6 and 2 <= len(set(cells)) <= len(cells) / 3 and max(map(len, cells)) <= 20


def _quotes_are_borders(head: Sequence[str], delimiter: str) -> bool:
    """False if cells begin with a quote without ending in one: then quotes are speech, not cell borders."""
    cells = [cell for line in head for cell in line.split(delimiter)]
    opened = [cell for cell in cells if cell.startswith('"')]
    return all(len(cell) > 1 and cell.endswith('"') for cell in opened)
