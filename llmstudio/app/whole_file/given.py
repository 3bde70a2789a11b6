"""The file whose texts a model is given: one alone, also out of an archive, and what it holds by its beginning."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.contents import content_format
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.file_reader import format_of
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.sources import entries, name_of
from llmstudio.core.corpus.reading.formats.foreign_texts import foreign_kind
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.row_formats import rows_of
from llmstudio.core.corpus.reading.tables.dialects import find_dialect
from llmstudio.core.corpus.reading.tables.headers import is_header
from llmstudio.core.corpus.reading.tables.rows import split_row
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

LOOKED_AT = 200
"""Lines or rows from which it is found out what a file holds."""
_ROWS = ("csv", "tsv", "json", "jsonl", "fasttext", "lines")  # a chat in a .txt is lines like any others


class GivenFile:
    """A file with a text a line, or a table, or JSON.

    Attributes:
        entry: What can be opened.
        config: How it is read; `format` is set where it has rows.
        is_table: Whether it has rows.
        first_lines: The first lines of a file without rows.
    """

    def __init__(self, path: Path, *, header: str = "") -> None:
        """Raises StudioError if there is no such file, several lie in an archive, or it is no plain text."""
        self.entry = _only_file(path)
        self.config = replace(ReadingConfig(), header=header)
        self.first_lines: list[str] = []
        with self.entry.open() as raw:
            file = TextFile(raw, self.entry.name)
            head = file.head_text()
            is_page = format_of(file.name, self.config) == "html"
            if foreign := foreign_kind(file.name, head) or ("html" if is_page else ""):
                raise StudioError(
                    "{name} is no plain text ({kind}): save its texts one a line, or as a table.",
                    name=file.name,
                    kind=foreign,
                )
            format, _ = content_format(file.name, format_of(file.name, self.config), head)
            self.is_table = format in _ROWS
            if self.is_table:
                self.config = replace(self.config, format=format)
            else:
                first = itertools.islice(lines(file.chunks()), LOOKED_AT)
                self.first_lines = [line for line in first if line and line.strip()]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.entry.name

    def table_remarks(self) -> list[Remark]:
        """A warning for a file that is read line by line, though it has rows or its first line seems to name columns."""
        if not self.is_table and not _has_header(self.first_lines):
            return []
        message = words(
            "{name} seems to hold a table or JSON: if its lines are no sentences, save these alone, one a line.",
            name=self.name,
        )
        return [Remark(message, "warning")]

    def first_rows(self) -> list[Row]:
        """The first rows that are whole. Raises StudioError if there is none."""
        with self.entry.open() as raw:
            file = TextFile(raw, self.entry.name)
            rows = rows_of(self.config.format, file, Told(), [], header=self.config.header)
            found = list(itertools.islice((row for row in rows if not isinstance(row, Skipped)), LOOKED_AT))
        if not found:
            raise self.no_row()
        return found

    def no_row(self) -> StudioError:
        """What is said of a file without a row that can be read."""
        return StudioError(
            "{name} has no row that can be read: put texts below the names of its columns, or mend its rows.", name=self.name
        )


class Remarks(list[Remark]):
    """How a file was read, each thing said once."""

    def tell(self, remarks: Sequence[Remark]) -> None:
        """Add those that were not said yet."""
        known = {str(remark.message) for remark in self}
        self += [remark for remark in remarks if str(remark.message) not in known]


def _has_header(told: Sequence[str]) -> bool:
    """True if lines have as many cells as one another and the first one holds names: a table too short, or called
    otherwise, to be read as one unasked.
    """
    if len(told) < 2:
        return False
    dialect = find_dialect(told)
    rows = [[cell.strip() for cell in split_row(line, dialect)[0]] for line in told]
    return dialect.width > 1 and all(len(row) == dialect.width and all(row) for row in rows) and is_header(rows)


def no_columns(name: str) -> StudioError:
    """What is said where a column is named of a file that has none."""
    return StudioError("{name} holds one text a line and has no columns.", name=name)


def texts_from(column: str) -> Remark:
    """What is said of the column that the texts are read from."""
    return Remark(words("Texts are read from {text}.", text=column))


def too_long_a_line(number: int, name: str) -> StudioError:
    """What is said of a line that no text of a line has."""
    return StudioError(
        "Line {number:,} of {name} is as long as a book: it is hardly one text. Put one text on each line.",
        number=number,
        name=name,
    )


def _only_file(path: Path) -> Entry:
    """The file at a path, or the one in an archive. Raises StudioError if there is none, or several."""
    found = list(itertools.islice(entries([path]), 2))
    if path.is_dir() or len(found) != 1:
        raise StudioError("{name} holds several files or none: give one file.", name=name_of(path))
    if isinstance(found[0], Skipped):
        raise StudioError("{reason}", reason=found[0].reason)
    return found[0]
