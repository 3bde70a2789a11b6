"""Marks around and between documents inside the texts of a column: {"text": "<s>One.</s> <s>Two.</s>"} is two documents.

A text that stands alone is parted at them. Of a pair, or beside a label, they are only taken off where they enclose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import JOINT, Row
from llmstudio.core.corpus.reading.formats.separators import documents, opening_in, shared_mark
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words


class FieldMarks:
    """The marks in a file's columns, known from its first rows.

    Attributes:
        remarks: What to say of them.
    """

    def __init__(self, rows: Sequence[Row] = (), config: ReadingConfig | None = None) -> None:
        """`config` has its columns filled in."""
        self.remarks: list[Remark] = []
        self._marks: dict[str, str] = {}
        self._are_alone = config is not None and not config.label_key and not config.source_key
        if config is None or config.turns_key:
            return
        chosen = (config.text_key, config.source_key, config.target_key)
        for key in (part for columns in chosen if columns for part in columns.split(JOINT)):
            texts = [text for row in rows if isinstance(text := row.get(key), str) and text.strip()]
            if mark := shared_mark(texts):
                self._marks[key] = mark
                self._say(key, opening_in("\n".join(texts), mark), mark)

    def numbered(self, rows: Iterable[Row | Skipped]) -> Iterator[tuple[int, Row | Skipped]]:
        """The rows with their numbers; those that hold several documents come several times, each with one of them."""
        for number, row in enumerate(rows, 1):
            if not self._marks or isinstance(row, Skipped):
                yield number, row
            else:
                yield from ((number, each) for each in self._parted(row))

    def _parted(self, row: Row) -> Iterator[Row]:
        row = copy(row)
        for key, mark in self._marks.items():
            if not isinstance(text := row.get(key), str):
                continue
            found = [told for pieces in documents([text], mark) if (told := "".join(pieces)).strip()]
            if self._are_alone and len(self._marks) == 1:
                for told in found or [""]:
                    each = copy(row)
                    each[key] = told
                    yield each
                return
            if len(found) < 2:
                row[key] = "".join(found)
        yield row

    def _say(self, key: str, opening: str, mark: str) -> None:
        marks = f"{opening} {mark}".strip()
        if self._are_alone:
            message = words("In {column}, the marks {marks} part documents and are no text.", column=key, marks=marks)
        else:
            message = words("The marks {marks} around texts in {column} were left out.", column=key, marks=marks)
        self.remarks.append(Remark(message))
