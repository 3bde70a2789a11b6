"""Tagged sentences that lie inside rows of JSON: a document with a list of sentences, a sentence with a list of its words.

    {"doc", "sentences": [{"tokens": [...], "tags": [...]}]}     each sentence is a row
    {"id", "tokens": [{"text": "EU", "ner": "B-ORG"}]}          a row with a list of words and lists of their tags

In: rows. Out: rows as `tagged_rows` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import LABELS, folded, named
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.reading.placed_rows import PlacedRow, line_of
from llmstudio.core.corpus.reading.tagged.tagged_rows import TAGS, WORDS, is_entity
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_LOOKED_AT = 50


def sentences_inside(rows: Iterator[Row | Skipped], config: ReadingConfig, remarks: list[Remark]) -> Iterator[Row | Skipped]:
    """The rows; where a list in each of them holds tagged sentences or tagged words, a row for each sentence.

    Not where `config` asks for another kind of record, or names a column.
    """
    chosen = config.label_key or config.source_key or config.target_key or config.turns_key or config.text_key
    if config.kind not in ("", "tagged") or chosen:
        return rows
    first, rows = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    for key in seen[0] if seen else ():
        items = [item for row in seen for item in _objects(row.get(key))]
        if items and len(items) >= len(seen) and all(map(_is_sentence, items)):
            remarks.append(Remark(words("Each entry of {key} is a tagged sentence, and was read as one.", key=key)))
            return (each for row in rows for each in _sentences(row, key))
        if items and not named((name for name in seen[0] if name != key), LABELS) and (own := _columns(items)):
            remarks.append(Remark(words("Each entry of {key} is a word with its tags.", key=key)))
            return (row if isinstance(row, Skipped) else _put_together(row, key, own) for row in rows)
    return rows


def _objects(cell: Any) -> list[Mapping[str, Any]]:
    return [item for item in cell if isinstance(item, Mapping)] if isinstance(cell, list) else []


def _is_sentence(item: Mapping[str, Any]) -> bool:
    """True for an object with a list of words and a list of as many tags."""
    lists = {key: cell for key, cell in item.items() if isinstance(cell, list) and cell}
    found = lists.get(named(lists, WORDS), ())
    return bool(found) and any(len(cell) == len(found) for key, cell in lists.items() if folded(key) in TAGS)


def _sentences(row: Row | Skipped, key: str) -> Iterator[Row | Skipped]:
    if isinstance(row, Skipped):
        yield row
        return
    for item in _objects(row.get(key)):
        yield PlacedRow(dict(item), line_of(row))


def _columns(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names under which tagged words have the word, first, and its tags; empty if they are something else."""
    texts = [key for key in items[0] if all(isinstance(item.get(key), str) for item in items)]
    word = named(texts, WORDS)
    tags = [key for key in texts if key != word and folded(key) in TAGS]
    if not word or not tags or sum(" " not in item[word].strip() for item in items) < 0.95 * len(items):
        return []
    are_spans = any(all(is_entity(item[key]) for item in items) for key in tags)
    are_few = any(2 <= len({item[key] for item in items}) <= len(items) / 3 for key in tags)
    return [word, *tags] if are_spans or are_few else []


def _put_together(row: Row, key: str, columns: Sequence[str]) -> Row:
    items = _objects(row.get(key))
    lists = {column: [str(item.get(column) or "") for item in items] or [""] for column in columns}
    return PlacedRow({name: cell for name, cell in row.items() if name != key} | lists, line_of(row))
