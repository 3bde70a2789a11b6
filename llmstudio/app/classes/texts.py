"""The texts of a file one by one, each in its place: lines, or rows of a table or of JSON, with the labels that they have.

A table is read as an import would read it, but nothing is dropped: a row without a text keeps its place as an empty one.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llmstudio.app.whole_file.given import GivenFile, Remarks, no_columns, texts_from, too_long_a_line
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row, no_such_column
from llmstudio.core.corpus.reading.columns.columns import guess, keys_of
from llmstudio.core.corpus.reading.columns.one_hot import label_of
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.file_reader import FileReader
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.label_spelling import one_spelling
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.records import FileRead, Skipped, labels_of
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

_NAMED = 3  # rows without a text that are named; the others are counted by whoever reads the results
_LABELLED = 0.5  # share of the cells that are classes of the model, in a column that holds labels


@dataclass(frozen=True)
class Given:
    """A text as a file has it; empty where a line or row holds none. `labels` are None where none are given."""

    text: str
    labels: tuple[str, ...] | None = None


class TextsOfFile:
    """A file's texts, which can be gone through any number of times.

    Attributes:
        remarks: How the file was read, complete once its texts have been gone through.
        has_labels: Whether labels stand beside the texts.
    """

    def __init__(
        self, path: Path, reading: ReadingConfig, known: Collection[str], *, text_column: str = "", label_column: str = ""
    ) -> None:
        """Look at the beginning of a file and find its columns; `known` are the classes that a label may be.

        Raises:
            StudioError: There is no such file, it holds no texts, or which column holds them is not clear.
        """
        self.remarks = Remarks()
        self.has_labels = False
        self._label_first: bool | None = None
        self._file = file = GivenFile(path, header=reading.header)
        if file.is_table:
            found = file.first_rows()
            is_free = file.config.format in ("csv", "tsv") and not file.config.header
            if is_free and any(key.strip() in known for key in keys_of(found)):  # no header: a text with its class
                file.config = replace(file.config, header="no")
                found = file.first_rows()
            self._find_columns(found, reading, known, text_column, label_column)
            self.has_labels = bool(file.config.label_key)
        elif text_column or label_column:
            raise no_columns(file.name)
        else:
            self._look_at_lines(file.first_lines, known)

    def read(self, stop: Stop) -> Iterator[Given]:
        """Every text in order.

        Raises:
            StudioError: The file cannot be read to its end.
            Halted: Somebody asked to stop.
        """
        yield from self._of_table(Meter(stop)) if self._file.is_table else self._of_lines(Meter(stop))

    def _of_lines(self, meter: Meter) -> Iterator[Given]:
        with self._file.entry.open() as raw:
            file = TextFile(raw, self._file.name, on_bytes=meter.add)
            for number, line in enumerate(lines(file.chunks()), 1):
                if line is None:
                    raise too_long_a_line(number, file.name)
                if self._label_first is None or line.count("\t") != 1:
                    yield Given(line)
                    continue
                first, second = line.split("\t")
                text, label = (second, first) if self._label_first else (first, second)
                yield Given(text, (label.strip(),) if label.strip() else None)
            self.remarks.tell([remark] if (remark := file.remark()) else [])

    def _of_table(self, meter: Meter) -> Iterator[Given]:
        file = FileReader(self._file.entry, self._file.config, "", meter)
        num_named = 0
        for item in file.read(itertools.count()):
            match item:
                case Skipped() if item.is_row:
                    num_named += 1
                    told = Remark(words("{place}: {reason}.", place=item.place, reason=item.reason), "warning")
                    self.remarks.tell([told] if num_named <= _NAMED else [])
                    yield Given("")
                case Skipped():
                    raise StudioError("{reason}", reason=item.reason)
                case FileRead():
                    self.remarks.tell(item.taken.remarks)
                case dict() if not item.get("part"):  # of a very long text its beginning says all
                    yield Given(str(item["text"]), tuple(labels_of(item)) if "label" in item else None)

    def _look_at_lines(self, found: Sequence[str], known: Collection[str]) -> None:
        """Find out whether lines are texts alone, or have a tab with the label before or behind it."""
        cells = [line.split("\t") for line in found]
        self._label_first = _label_side(cells, known)
        self.has_labels = self._label_first is not None
        remark = Remark(words("Each line was read as a text."))
        if self.has_labels:
            remark = Remark(words("Each line was read as a text and its label, with a tab between them."))
        elif cells and all(len(row) == 2 for row in cells):
            message = words(
                "Each line was read as a text, though all have a tab: neither side of it holds classes that the model knows."
                " If it is a table, let its name end in .tsv."
            )
            remark = Remark(message, "warning")
        is_text = self._label_first is not None and cells[0][0 if self._label_first else 1].strip() in known
        self.remarks += [remark, *(() if is_text else self._file.table_remarks())]

    def _find_columns(
        self, rows: Sequence[Row], reading: ReadingConfig, known: Collection[str], text_column: str, label_column: str
    ) -> None:
        """Fill in which column holds the text and which the label: as named, as the corpus' were, or by what they hold."""
        keys, name = keys_of(rows), self._file.name
        for column, setting in ((text_column, "reading.text_key"), (label_column, "reading.label_key")):
            if column and column not in keys:
                raise no_such_column(column, name, keys, setting)
        label = label_column or (reading.label_key if reading.label_key in keys else "") or _column_of(rows, keys, known)
        text = text_column or (reading.text_key if reading.text_key in keys else "")
        rest = [key for key in keys if key != label]
        text = text or (rest[0] if len(rest) == 1 else "")
        label = label if label != text else ""
        config = replace(self._file.config, text_key=text, label_key=label, label_capitals=reading.label_capitals)
        if not text:
            try:
                config = guess(rows, config, name, self.remarks)
            except StudioError:
                config = replace(config, text_key="")
        if not config.text_key or config.source_key or config.turns_key:
            raise StudioError(
                "Which column of {name} holds the texts is not clear: choose the text column, or call it text in the"
                " file. There are: {keys}.",
                name=name,
                keys=", ".join(keys) or "–",
            )
        self._file.config = config
        if config.label_key:
            message = words("Texts are read from {text}, labels from {label}.", text=config.text_key, label=config.label_key)
            self.remarks.append(Remark(message))
        else:
            self.remarks.append(texts_from(config.text_key))


def _column_of(rows: Sequence[Row], keys: Sequence[str], known: Collection[str]) -> str:
    """The column whose cells are classes; empty if none is."""
    for key in keys:
        found = [label_of(row, key) for row in rows]
        cells = [name for cell in found for name in (cell if isinstance(cell, list) else [cell]) if name]
        if cells and sum(cell in known or one_spelling(cell) in known for cell in cells) >= _LABELLED * len(cells):
            return key
    return ""


def _label_side(cells: Sequence[Sequence[str]], known: Collection[str]) -> bool | None:
    """Whether labels stand before (True) or behind the tab of lines; None if lines are texts alone."""
    if not cells or any(len(row) != 2 for row in cells):
        return None
    for side, is_first in ((1, False), (0, True)):
        if sum(row[side].strip() in known for row in cells) >= _LABELLED * len(cells):
            return is_first
    return None


def not_read(empty: int) -> Words:
    """What is said of lines and rows without a text."""
    return words("{n|place holds|places hold} no text: each keeps its place in the result, with no class.", n=empty)
