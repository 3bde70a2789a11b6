"""Tables with commas, semicolons or tabs (csv, tsv), row by row."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.formats.plain_text import LINE_CHARACTERS, lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.reading.tables.broken_rows import BREAK, BrokenRows, with_breaks_in_cells
from llmstudio.core.corpus.reading.tables.dialects import declared_delimiter, find_dialect, lines_above
from llmstudio.core.corpus.reading.tables.headers import is_header
from llmstudio.core.corpus.reading.tables.loose_rows import LooseRows
from llmstudio.core.corpus.reading.tables.rows import Dialect, split_row, table_rows
from llmstudio.core.corpus.reading.tables.wide_rows import has_index
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_LOOKED_AT = 100  # lines that tell the delimiter, the quoting and whether there is a header
_ROW_NUMBER = "row number"
_SHOWN = 60  # characters of a title that are quoted


def read_table(
    chunks: Iterable[str],
    name: str,
    *,
    is_tab_separated: bool = False,
    header: str = "",
    remarks: list[Remark] | None = None,
) -> Iterator[Row | Skipped]:
    """The rows of a table as dicts of text; without a header the columns are called "1", "2" ...

    A line that is too long costs that row, and a quote that is never closed only its meaning; both are told.

    Args:
        chunks: The text.
        name: The file's name, for what is skipped.
        is_tab_separated: True for tsv; else the delimiter is found out.
        header: "yes", "no", or empty to find out.
        remarks: Takes what was guessed.
    """
    said = remarks if remarks is not None else []
    all_lines = lines(with_breaks_in_cells(chunks))
    first_lines = list(itertools.islice(all_lines, _LOOKED_AT))
    source = itertools.chain(first_lines, all_lines)
    num_above, delimiter = 0, ""
    if first_lines and (delimiter := declared_delimiter(first_lines[0] or "")):
        num_above = 1
    told = [line for line in first_lines[num_above:] if line and line.strip()]
    is_tab_separated = is_tab_separated and any("\t" in line for line in told)
    dialect = find_dialect(told, delimiter=delimiter or ("\t" if is_tab_separated else ""))
    if (above := lines_above(told, dialect)) and header != "no" and is_header(_split(told[above:], dialect), header):
        said.append(_title_remark(told[0], above))
        num_above = first_lines.index(told[above])
    if dialect.quote == "'":
        said.append(Remark(words("Single quotes were taken as part of how the table is written.")))
    if dialect.has_backslashes:
        said.append(Remark(words("A backslash before a quote was taken as part of how the table is written.")))

    rows = table_rows(_blanked(source, num_above), dialect, limit=LINE_CHARACTERS)
    first_rows = list(itertools.islice(rows, _LOOKED_AT))
    good = [row.cells for row in first_rows if row.cells]
    has_header = bool(good) and is_header(good, header, said)
    names = _names(good, has_header, said)
    loose = LooseRows(good[has_header:], names, dialect.delimiter)
    broken = BrokenRows(good[has_header:], len(names))
    num_headers = num_joined = num_unclosed = first_unclosed = 0
    head, following = first_rows[: int(has_header)], itertools.chain(first_rows[int(has_header) :], rows)
    for row in itertools.chain(head, broken.mended(following)):
        cells = [cell.replace(BREAK, "\n") for cell in row.cells] if row.cells else row.cells
        if row.is_unclosed:
            num_unclosed += 1
            first_unclosed = first_unclosed or row.line
        if cells is None:
            yield Skipped(name, words("this line is too long"), row.line)
        elif has_header and any(cell.strip() for cell in cells[len(names) :]) and (whole := loose.joined(cells)):
            num_joined += 1
            yield PlacedRow(dict(zip(names, whole, strict=True)), row.line)
        elif has_header and any(cell.strip() for cell in cells[len(names) :]):
            yield Skipped(
                name, words("this row has more cells than the header: put quotes around text with commas"), row.line
            )
        elif has_header and cells == good[0]:
            num_headers += 1  # tables put one below the other
        else:
            found = {key: cell for key, cell in zip(names, cells, strict=False) if cell.strip() or not key.isdigit()}
            yield PlacedRow(found, row.line)
    said += broken.remarks()
    if num_headers > 1:
        said.append(Remark(words("The header comes {n|time|times}: it was never taken as a row.", n=num_headers)))
    if num_joined:
        message = words("Rows whose text has commas but no quotes were put together again: {n:,}.", n=num_joined)
        said.append(Remark(message, "warning"))
    if num_unclosed:
        said.append(_unclosed_remark(num_unclosed, first_unclosed))


def _split(told: list[str], dialect: Dialect) -> list[list[str]]:
    return [split_row(line, dialect)[0] for line in told]


def _blanked(source: Iterable[str | None], num_above: int) -> Iterator[str | None]:
    """The lines with the first `num_above` blank, so that line numbers stay true; files put together keep their marks."""
    for number, line in enumerate(source):
        yield "" if number < num_above else line and line.removeprefix("\ufeff")


def _title_remark(title: str, count: int) -> Remark:
    title = title.strip() if len(title) <= _SHOWN else title[:_SHOWN].rstrip() + "…"
    if count == 1:
        return Remark(words("The line above the header was left out: {title}", title=title))
    return Remark(
        words(
            "{n|line above the header was|lines above the header were} left out, beginning with: {title}",
            n=count,
            title=title,
        )
    )


def _unclosed_remark(count: int, line: int) -> Remark:
    if count == 1:
        message = words("A quote in line {line} is never closed: it was taken as part of the text.", line=line)
        return Remark(message, "warning")
    message = words(
        "Quotes that are never closed: {n:,}, the first in line {line:,}. They were taken as part of the text.",
        n=count,
        line=line,
    )
    return Remark(message, "warning")


def _names(rows: list[list[str]], has_header: bool, said: list[Remark]) -> list[str]:
    """The columns' names, each only once."""
    if not has_header:
        return [str(n) for n in range(1, max(map(len, rows), default=0) + 1)]
    found = [cell.strip().lstrip("\ufeff") or str(n) for n, cell in enumerate(rows[0], 1)]
    if has_index(found, rows[1:]):
        said.append(Remark(words("The rows begin with a number that the header does not name.")))
        found.insert(0, _ROW_NUMBER)
    names: list[str] = []
    for name in found:
        own = next(spelled for n in itertools.count(1) if (spelled := name if n == 1 else f"{name} ({n})") not in names)
        if own != name:
            message = words("Two columns are called {name}: the second is read as {own}.", name=name, own=own)
            said.append(Remark(message, "warning"))
        names.append(own)
    return names
