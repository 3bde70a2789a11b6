"""The texts of a file that are to be rewritten, each in its place, with the targets that they have.

A text a line; a text and its target with a tab between them; or rows of a table or of JSON, whose columns are found as an
import finds them. Nothing is dropped: a row without a text keeps its place as an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llmstudio.app.whole_file.given import GivenFile, Remarks, no_columns, too_long_a_line
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Row, cell_text, no_such_column, parts_of
from llmstudio.core.corpus.reading.columns.columns import guess, keys_of, to_record
from llmstudio.core.corpus.reading.columns.names import named
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.row_formats import rows_of
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_NAMED = 3  # rows that cannot be read, which are named


@dataclass(frozen=True)
class Source:
    """A text as a file has it; empty where a line or row holds none. `target` is None where none is given."""

    text: str
    target: str | None = None


class SourcesOfFile:
    """A file's texts, which can be gone through any number of times.

    Attributes:
        remarks: How the file was read, complete once its texts have been gone through.
        has_targets: Whether targets stand beside the texts.
    """

    def __init__(self, path: Path, reading: ReadingConfig, *, source_column: str = "", target_column: str = "") -> None:
        """Look at the beginning of a file and find its columns; `reading` is how the pairs of the corpus were read.

        Raises:
            StudioError: There is no such file, it holds no texts, or which column holds them is not clear.
        """
        self.remarks = Remarks()
        self._file = file = GivenFile(path, header=reading.header)
        self._has_tab = False
        if file.is_table:
            rows, asked = file.first_rows(), {*filter(None, (source_column, target_column))}
            if asked - {*keys_of(rows)} and file.config.format in ("csv", "tsv"):  # who names a column has seen a header
                file.config = replace(file.config, header="yes")
                rows = file.first_rows()
            self._find_columns(rows, reading, source_column, target_column)
            self.has_targets = bool(file.config.target_key)
        elif source_column or target_column:
            raise no_columns(file.name)
        else:
            self._has_tab = self.has_targets = _all_have_a_tab(file.first_lines)
            remark = words("Each line was read as a text.")
            if self._has_tab:
                remark = words("Each line was read as a text and its target, with a tab between them.")
            self.remarks += [Remark(remark), *file.table_remarks()]

    def read(self, stop: Stop) -> Iterator[Source]:
        """Every text in order.

        Raises:
            StudioError: The file cannot be read to its end.
            Halted: Somebody asked to stop.
        """
        meter = Meter(stop)
        try:
            with self._file.entry.open() as raw:
                file = TextFile(raw, self._file.name, on_bytes=meter.add)
                yield from self._of_table(file) if self._file.is_table else self._of_lines(file)
                self.remarks.tell([remark] if (remark := file.remark()) else [])
        except OSError as error:
            raise StudioError(
                "{name} could not be read to its end ({reason}).", name=self._file.name, reason=str(error.strerror)
            ) from error

    def _of_lines(self, file: TextFile) -> Iterator[Source]:
        for number, line in enumerate(lines(file.chunks()), 1):
            if line is None:
                raise too_long_a_line(number, file.name)
            text, tab, target = line.partition("\t") if self._has_tab else (line, "", "")
            yield Source(text, target if tab and target.strip() else None)

    def _of_table(self, file: TextFile) -> Iterator[Source]:
        config, told, said, num_named = self._file.config, Told(), list[Remark](), 0
        for row in rows_of(config.format, file, told, said, header=config.header):
            if isinstance(row, Skipped) and not row.is_row:
                raise StudioError("{reason}", reason=row.reason)
            if isinstance(row, Skipped):
                num_named += 1
                remark = Remark(words("{place}: {reason}.", place=row.place, reason=row.reason), "warning")
                self.remarks.tell([remark] if num_named <= _NAMED else [])
                yield Source("")
                continue
            record = to_record(row, config, told) if config.target_key else None
            target = str(record["target"]) if record is not None else None  # of several answers the first
            yield Source(cell_text(row, config.source_key), target)
        self.remarks.tell(said)
        self.remarks.tell([Remark(sentence) for sentence in told.sentences()])

    def _find_columns(self, rows: Sequence[Row], reading: ReadingConfig, source_column: str, target_column: str) -> None:
        """Fill in which column holds the text and which the target: as named, as the corpus' were, or by what they hold."""
        keys, name = keys_of(rows), self._file.name
        for column, setting in ((source_column, "reading.source_key"), (target_column, "reading.target_key")):
            for part in parts_of(column, keys) if column else ():
                if part not in keys:
                    raise no_such_column(part, name, keys, setting)
        source = source_column or _if_there(reading.source_key, keys) or named(keys, ("source",))
        target = target_column or _if_there(reading.target_key, keys) or named(keys, ("target",))
        if not source:
            rest = [key for key in keys if key != target]
            source = rest[0] if len(rest) == 1 else ""
        if not source:
            try:
                found = guess(rows, replace(self._file.config, target_key=target), name, self.remarks)
            except StudioError:
                found = ReadingConfig()
            source, target = found.source_key or found.text_key, target or found.target_key
        if not source or target == source:
            raise StudioError(
                "Which column of {name} holds the texts to rewrite is not clear: choose the source column, or call it source"
                " in the file. There are: {keys}.",
                name=name,
                keys=", ".join(keys) or "–",
            )
        self._file.config = replace(self._file.config, source_key=source, target_key=target)
        remark = words("Texts are read from {source}.", source=source)
        if target:
            remark = words("Texts are read from {source}, targets from {target}.", source=source, target=target)
        self.remarks.append(Remark(remark))


def _if_there(column: str, keys: Sequence[str]) -> str:
    """A column that the corpus was read from, if this file has it, too."""
    return column if column and all(part in keys for part in parts_of(column, keys)) else ""


def _all_have_a_tab(found: Sequence[str]) -> bool:
    """Whether lines are two texts with a tab between them."""
    return bool(found) and all(line.count("\t") == 1 and all(map(str.strip, line.split("\t"))) for line in found)
