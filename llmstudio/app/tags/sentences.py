"""The sentences of a file one by one: a line each, words with their tags, a word a line (CoNLL and its kin), or rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llmstudio.app.tags.sentence_rows import NO_TAG, SentenceRows
from llmstudio.app.whole_file.given import GivenFile, Remarks, too_long_a_line
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.meter import Meter
from llmstudio.core.corpus.reading.tagged.boundaries import word_boundaries
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES, Layout, find_layout
from llmstudio.core.corpus.reading.tagged.lists import OF_COLUMNS
from llmstudio.core.corpus.reading.tagged.sentences import Sentences
from llmstudio.core.corpus.records import Record, Skipped, tagged_text
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_LOOKED_AT = 5_000  # lines from which the column with the tags is found
_NAMED = 3  # sentences that are left out and named; the others are counted


@dataclass(frozen=True)
class Sentence:
    """A sentence as a file has it.

    Attributes:
        text: What it says; empty where a line holds nothing.
        spans: From where to where each of its words stands; None where the file does not say it.
        tags: The tag of each word; None where the file has none.
    """

    text: str
    spans: tuple[tuple[int, int], ...] | None = None
    tags: tuple[str, ...] | None = None


class SentencesOfFile:
    """A file's sentences, which can be gone through any number of times.

    Attributes:
        remarks: How the file was read, complete once its sentences have been gone through.
        has_tags: Whether tags stand beside the words.
    """

    def __init__(
        self, path: Path, reading: ReadingConfig, known: Collection[str], *, parts_words: bool, tag_column: str = ""
    ) -> None:
        """Look at the beginning of a file and find its columns.

        Args:
            path: The file.
            reading: How the sentences were read that the model learned from.
            known: The tags that the model knows.
            parts_words: Whether they say of each character if a word begins there.
            tag_column: The column with the tags; empty to find it.

        Raises:
            StudioError: There is no such file, it holds no sentences, or no such column.
        """
        self.remarks = Remarks()
        self._file, self._of_characters = GivenFile(path), parts_words
        self._layout: Layout | None = None
        self._of_rows: SentenceRows | None = None
        if self._file.config.format in OF_COLUMNS:
            self._of_rows = SentenceRows(
                self._file, reading, known, self.remarks, parts_words=parts_words, tag_column=tag_column
            )
            self.has_tags = self._of_rows.has_tags
            return
        with self._file.entry.open() as raw:
            head = TextFile(raw, self._file.name).head_text()
        layout = None if self._file.is_table else find_layout(self._file.name, head)
        self._layout = layout and self._with_column(layout, head, reading, known, tag_column)
        self.has_tags = self._layout is not None
        if self._layout is not None:
            column = BOUNDARIES if parts_words else self._layout.columns[self._layout.tag]
            message = words("Each line was read as a word and its tag, the tag from column {column}.", column=column)
            self.remarks.tell([Remark(message)])
        elif tag_column:
            raise StudioError("{name} holds one sentence a line and has no columns.", name=self._file.name)
        else:
            self.remarks.tell([Remark(words("Each line was read as a sentence."))])
            self.remarks.tell(self._file.table_remarks())

    def read(self, stop: Stop) -> Iterator[Sentence]:
        """Every sentence in order.

        Raises:
            StudioError: The file cannot be read to its end.
            Halted: Somebody asked to stop.
        """
        with self._file.entry.open() as raw:
            file = TextFile(raw, self._file.name, on_bytes=Meter(stop).add)
            if self._of_rows is not None:
                for row in self._of_rows.read(file):
                    yield Sentence(row) if isinstance(row, str) else self._as_sentence(row)
            else:
                yield from self._of_words(file) if self._layout else self._of_lines(file)
            self.remarks.tell([remark] if (remark := file.remark()) else [])

    def _of_lines(self, file: TextFile) -> Iterator[Sentence]:
        for number, line in enumerate(lines(file.chunks()), 1):
            if line is None:
                raise too_long_a_line(number, file.name)
            yield Sentence(line)

    def _of_words(self, file: TextFile) -> Iterator[Sentence]:
        assert self._layout is not None
        num_left_out = 0
        for item in Sentences(self._layout, file.name).read(lines(file.chunks())):
            if not isinstance(item, Skipped):
                yield self._as_sentence(item)
                continue
            num_left_out += 1
            if num_left_out <= _NAMED:
                message = words("{place}: {reason}.", place=item.place, reason=item.reason)
                self.remarks.tell([Remark(message, "warning")])
        if num_left_out > _NAMED:
            message = words("{n|sentence|sentences} with a bad line left out in all.", n=num_left_out)
            self.remarks.tell([Remark(message, "warning")])

    def _as_sentence(self, record: Record) -> Sentence:
        record = word_boundaries(record) if self._of_characters else record
        text, spans = tagged_text(record)
        tags = tuple(tag for _, _, tag in spans)
        return Sentence(text, tuple((start, end) for start, end, _ in spans), None if NO_TAG in tags else tags)

    def _with_column(
        self, layout: Layout, head: str, reading: ReadingConfig, known: Collection[str], tag_column: str
    ) -> Layout:
        """The layout with the column whose tags the model knows: as named, as its corpus' was, or by what they are."""
        layout = replace(layout, missing="")  # what has no tag can be tagged all the same
        if self._of_characters:
            return layout
        if tag_column:
            return layout.chosen("", tag_column, self._file.name)
        columns = range(len(layout.columns))
        own = [at for at in columns if reading.tags and layout.columns[at].casefold() == reading.tags.casefold()]
        order = [*own, layout.tag, *(at for at in reversed(columns) if at != layout.word)]
        rows = self._first_rows(layout, head)
        fits = {at: sum(row[at] in known for row in rows) for at in order}
        best = max(order, key=lambda at: fits[at])  # of equals the first
        return replace(layout, tag=best, is_bio=layout.is_bio and best == layout.tag)

    def _first_rows(self, layout: Layout, head: str) -> Sequence[Sequence[str]]:
        told = itertools.islice(
            (line for line in head.splitlines() if line.strip() and not layout.is_comment(line)), _LOOKED_AT
        )
        rows = [layout.cells(line) for line in told]
        return [row for row in rows if len(row) == len(layout.columns)]
