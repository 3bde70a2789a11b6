"""A file named after a class, with a text of it in each line: rt-polarity.pos beside rt-polarity.neg.

In: the lines of one such file. Out: rows with a text and the label. Which files are such is told by their names
(`alike_names`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.formats.plain_text import lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

FEWEST = 10
"""Lines that each of such files has: of fewer, a line may be a paragraph."""


@dataclass(frozen=True)
class ClassFile:
    """One of them. Attributes: label: the class of its texts."""

    label: str

    @property
    def record_kind(self) -> str:
        """The kind of record that its lines make."""
        return "labelled"

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings of the reading that take the columns."""
        return {"text_key": "text", "label_key": "label"}

    def remark(self, name: str) -> Remark:
        """What a person should know of the file with this name."""
        as_text = Remedy("set", words("Read them as texts"), "reading.kind", "text")
        message = words(
            "Each line is read as a text with the label {label}, after which its file is named.", label=self.label
        )
        return Remark(message, remedies=(as_text,))

    def rows(self, first: TextFile, encoding: str, on_bytes: Callable[[int], None]) -> Iterator[Row | Skipped]:
        """Its lines; `encoding` and `on_bytes` are for those that are read beside another file."""
        for number, line in enumerate(lines(first.chunks()), 1):
            if line is None:
                yield Skipped(first.name, words("this line is too long"), number)
            elif line.strip():
                yield PlacedRow({"text": line.strip(), "label": self.label}, number)
