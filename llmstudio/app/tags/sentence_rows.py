"""The sentences of a table or of JSON one by one: their words in a list, with a list of tags, as an import would read them;
or their text alone. Nothing is dropped: a row without words keeps its place as an empty sentence.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from llmstudio.app.whole_file.given import LOOKED_AT, GivenFile, Remarks, texts_from
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Row, as_text, cell_text, no_such_column
from llmstudio.core.corpus.reading.columns.columns import guess, keys_of
from llmstudio.core.corpus.reading.columns.names import named
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.json.inner_lists import opened
from llmstudio.core.corpus.reading.row_formats import rows_of
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES
from llmstudio.core.corpus.reading.tagged.lists import with_lists
from llmstudio.core.corpus.reading.tagged.tagged_rows import SPACES, TAGS, WORDS, tagged_record
from llmstudio.core.corpus.records import Record, Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

NO_TAG = "_"
"""The tag of a word that has none."""
_NAMED = 3  # rows that cannot be read and are named; the others are empty sentences, which are counted
_OWN = "\0tags"  # where the tags of a row are put for `tagged_record`; no column is called so


class SentenceRows:
    """The rows of a file, which can be gone through any number of times.

    Attributes:
        has_tags: Whether lists of tags stand beside the words.
    """

    def __init__(
        self,
        file: GivenFile,
        reading: ReadingConfig,
        known: Collection[str],
        remarks: Remarks,
        *,
        parts_words: bool,
        tag_column: str = "",
    ) -> None:
        """Find the columns of a file with rows; all else as for `SentencesOfFile`.

        Raises:
            StudioError: There is no row, no such column, or which column holds the sentences is not clear.
        """
        self._file, self._remarks = file, remarks
        with file.entry.open() as raw:
            rows = self._rows(TextFile(raw, file.name))
            found = list(itertools.islice((row for row in rows if not isinstance(row, Skipped)), LOOKED_AT))
        if not found:
            raise file.no_row()
        lists = [key for key in keys_of(found) if _holds_lists(found, key)]
        self._words = reading.text_key if reading.text_key in lists else ""
        self._words = self._words or named([key for key in lists if _holds_words(found, key)], WORDS)
        if not self._words and lists == ["1", "2"] == list(keys_of(found)):
            self._words = "1"
        beside = [key for key in lists if key not in (self._words, SPACES) and _fit(found, self._words, key)]
        if tag_column and tag_column not in beside:
            raise no_such_column(tag_column, file.name, beside, "reading.tags")
        self._tags = tag_column or _known_column(found, beside, reading, known)
        if self._words and not self._tags and not _are_single(found, self._words):
            self._words = ""  # a list of texts
        self.has_tags = bool(self._words and (self._tags or parts_words))
        self._text = self._text_column(found, reading)
        if self.has_tags:
            message = words(
                "Words are read from {words}, tags from {tags}.",
                words=self._words,
                tags=BOUNDARIES if parts_words else self._tags,
            )
            remarks.tell([Remark(message)])
        else:
            remarks.tell([texts_from(self._words or self._text)])

    def read(self, file: TextFile) -> Iterator[Record | str]:
        """Every row in order: {"words", "tags", "spaces"} with NO_TAG where a word has no tag, or a text, maybe empty.

        Raises:
            StudioError: The file cannot be read to its end.
        """
        num_named = 0
        for row in self._rows(file):
            if not isinstance(row, Skipped):
                yield self._sentence(row)
                continue
            if not row.is_row:
                raise StudioError("{reason}", reason=row.reason)
            num_named += 1
            remark = Remark(words("{place}: {reason}.", place=row.place, reason=row.reason), "warning")
            self._remarks.tell([remark] if num_named <= _NAMED else [])
            yield ""

    def _rows(self, file: TextFile) -> Iterator[Row | Skipped]:
        config, told, said = self._file.config, Told(), list[Remark]()
        rows = rows_of(config.format, file, told, said, header=config.header)
        yield from opened(with_lists(rows, config.format, config, said), told, said)
        self._remarks.tell(said)

    def _sentence(self, row: Row) -> Record | str:
        found = row.get(self._words)
        if not isinstance(found, list) or not found:
            return cell_text(row, self._text) if self._text else ""
        tags: Any = row.get(self._tags)
        tags = tags if isinstance(tags, list) and len(tags) == len(found) else [NO_TAG] * len(found)
        filled = row | {_OWN: [as_text(tag).strip() or NO_TAG for tag in tags]}
        return tagged_record(filled, ReadingConfig(text_key=self._words, tags=_OWN)) or ""

    def _text_column(self, rows: Sequence[Row], reading: ReadingConfig) -> str:
        """The column with texts; beside one with lists of words only one that is called so."""
        keys = [key for key in keys_of(rows) if any(isinstance(row.get(key), str) for row in rows)]
        if self._words:
            return named(keys, WORDS)
        if reading.text_key in keys:
            return reading.text_key
        try:
            config = guess(rows, self._file.config, self._file.name)
        except StudioError:
            config = ReadingConfig()
        if not config.text_key or config.source_key or config.turns_key:
            raise StudioError(
                "Which column of {name} holds the sentences is not clear: call it text in the file. There are: {keys}.",
                name=self._file.name,
                keys=", ".join(keys_of(rows)) or "–",
            )
        return config.text_key


def _holds_lists(rows: Sequence[Row], key: str) -> bool:
    """True if no cell is anything but a list of texts or numbers, or empty, and some list holds any."""
    cells = [cell for row in rows if (cell := row.get(key)) not in (None, "")]
    are_lists = all(isinstance(cell, list) and all(isinstance(item, str | int) for item in cell) for cell in cells)
    return are_lists and any(cells)


def _holds_words(rows: Sequence[Row], key: str) -> bool:
    return all(isinstance(item, str) for row in rows for item in row.get(key) or ())


def _are_single(rows: Sequence[Row], key: str) -> bool:
    return all(len(item.split()) <= 1 for row in rows for item in row.get(key) or ())


def _fit(rows: Sequence[Row], word: str, tag: str) -> bool:
    """True if most of the lists of tags are as long as those of the words beside them."""
    pairs = [(row[word], row[tag]) for row in rows if row.get(word) and row.get(tag)]
    return 2 * sum(len(found) == len(tags) for found, tags in pairs) > len(pairs)


def _known_column(rows: Sequence[Row], columns: Sequence[str], reading: ReadingConfig, known: Collection[str]) -> str:
    """The column whose tags the model knows: of equals that of its corpus, or one that is called so; else none."""
    usual = named(columns, TAGS)
    order = [*(key for key in columns if key == reading.tags), *filter(None, [usual]), *columns]
    fits = {key: sum(as_text(tag) in known for row in rows for tag in row.get(key) or ()) for key in order}
    best = max(order, key=lambda key: fits[key], default="")
    return best if fits.get(best) else usual
