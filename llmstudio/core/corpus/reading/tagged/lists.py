"""Rows of tables and JSON with a list of words and lists of their tags, however these are written there: a row a word, lists
in single cells, spans of a text. In: rows. Out: rows, those that hold no tagged words as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.tagged.cells import split_cells
from llmstudio.core.corpus.reading.tagged.marked_spans import words_of_spans
from llmstudio.core.corpus.reading.tagged.sentences_inside import sentences_inside
from llmstudio.core.corpus.reading.tagged.tagged_rows import sentences_of
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark

OF_COLUMNS = ("csv", "tsv", "json", "jsonl")
"""Formats whose rows have columns that may hold tagged words."""


def with_lists(
    rows: Iterator[Row | Skipped], format: str, config: ReadingConfig, remarks: list[Remark]
) -> Iterator[Row | Skipped]:
    """The rows of a file in `format`; where they hold tagged words, these and their tags are lists. `remarks` tell of it."""
    if format not in OF_COLUMNS:
        return rows
    rows = sentences_of(rows, remarks) if format in ("csv", "tsv") else sentences_inside(rows, config, remarks)
    return split_cells(words_of_spans(rows, config, remarks), config, remarks)
