"""Cells that hold a whole sentence and the tags of its words: parted by white space or commas, or lists that are spelled
out.

In: rows. Out: rows with lists in place of such cells, as `tagged_rows` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import folded, named
from llmstudio.core.corpus.reading.columns.spelled_lists import listed
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.reading.placed_rows import PlacedRow, line_of
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES
from llmstudio.core.corpus.reading.tagged.tagged_rows import TAGS, WORDS, is_entity
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_LOOKED_AT, _FEWEST = 50, 4  # rows; of fewer, tags must look like tags
_NEARLY_ALL = 0.9  # of the rows have as many tags as words
_NUMBERS = re.compile(r"\s*\[\s*\d+(?:[\s,]+\d+)*\s*\]\s*")


def split_cells(rows: Iterator[Row | Skipped], config: ReadingConfig, remarks: list[Remark]) -> Iterator[Row | Skipped]:
    """The rows; where one column holds sentences and others a tag for each of their words, these cells are lists.

    Not where `config` asks for another kind of record, or says which column is the label, the source or the turns.
    """
    other = config.label_key or config.source_key or config.target_key or config.turns_key
    if config.kind not in ("", "tagged") or other:
        return rows
    first, rows = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    word, tags = _columns(seen, config)
    if not tags or all(isinstance(row[key], list) for row in seen for key in (word, *tags)):
        return rows
    message = words(
        "Each cell of {tags} holds a tag for every word of {column}: they were read as tagged sentences. If they are labels"
        " of whole texts, name the label column.",
        tags=", ".join(tags),
        column=word,
    )
    remarks.append(Remark(message))
    return (row if isinstance(row, Skipped) else _split(row, word, tags) for row in rows)


def _columns(rows: Sequence[Row], config: ReadingConfig) -> tuple[str, list[str]]:
    """The column with the words, and those with tags that fit to them; none if there are no such."""
    keys = [key for key in rows[0] if all(isinstance(row.get(key), str | list) for row in rows)] if rows else []
    word = config.text_key or named(keys, WORDS)
    is_nameless = not word and keys == ["1", "2"]
    word = "1" if is_nameless else word
    if word not in keys:
        return "", []
    called = [key for key in keys if key != word and (is_nameless or key == config.tags or folded(key) in TAGS)]
    if config.tags == BOUNDARIES:
        called = called[:1]
    return word, [key for key in called if _fit(rows, word, key, is_nameless)]


def _fit(rows: Sequence[Row], word: str, tag: str, is_nameless: bool) -> bool:
    """True if nearly all cells hold as many tags as words, in most of them several, and the same tags come again."""
    tags = [_items(row[tag]) for row in rows]
    fitting = [own for row, own in zip(rows, tags, strict=True) if own and len(_words(row[word], len(own))) == len(own)]
    if len(fitting) < _NEARLY_ALL * len(rows) or sum(len(own) > 1 for own in fitting) <= len(rows) / 2:
        return False
    every = [item for own in fitting for item in own]
    if all(map(is_entity, every)):
        return True
    return not is_nameless and len(rows) >= _FEWEST and len(set(every)) <= len(every) / 2


def _split(row: Row, word: str, tags: Sequence[str]) -> Row:
    lists = {key: _items(row.get(key)) or [""] for key in tags}
    lists[word] = _words(row.get(word), len(next(iter(lists.values())))) or [""]
    return PlacedRow(row | lists, line_of(row))


def _words(cell: Any, count: int) -> list[Any]:
    """The words of a cell; the signs of one without white space that has as many of them as tags, as in Chinese."""
    found = _items(cell, is_tag=False)
    return list(found[0]) if len(found) == 1 and isinstance(found[0], str) and len(found[0]) == count else found


def _items(cell: Any, *, is_tag: bool = True) -> list[Any]:
    if isinstance(cell, list):
        return cell
    text = str(cell or "").strip()
    if (found := listed(text)) is not None:
        return found
    if _NUMBERS.fullmatch(text):
        return re.findall(r"\d+", text)
    if is_tag and "," in text and not re.search(r"[^,\s]\s+[^,\s]", text):
        return [item.strip() for item in text.split(",")]
    return text.split()
