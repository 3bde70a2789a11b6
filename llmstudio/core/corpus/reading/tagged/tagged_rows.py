"""Tagged words in tables and JSON: a list of words beside a list of their tags, or a row a word with the number of its
sentence.

In: rows. Out: rows with a list of words and lists of tags, and which columns these are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row, as_text, no_such_column
from llmstudio.core.corpus.reading.columns.names import folded, named
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.reading.placed_rows import PlacedRow, line_of
from llmstudio.core.corpus.reading.tagged.boundaries import word_boundaries
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES
from llmstudio.core.corpus.reading.tagged.spaces import spaces_in, usual_spaces
from llmstudio.core.corpus.records import Record, Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

WORDS = (
    "tokens",
    "words",
    "tokenized_text",
    "token",
    "word",
    "form",
    "forms",
    "chars",
    "characters",
    "sentence",
    "text",
    "data",
)
TAGS = (
    "ner_tags", "ner_tag", "ner", "ner_labels", "tags", "tag", "labels", "label", "bio", "bio_tags", "entities",
    "word_labels", "upos_tags", "upos", "pos_tags", "pos_tag", "pos", "xpos", "chunk_tags", "chunk", "spans",
)  # fmt: skip
SPACES = "spaces"
"""The column that says of each word whether a space follows, where there is one."""
_WRITTEN = ("text", "sentence")  # columns that may hold the sentence as it was written, beside its words
_SENTENCES = ("sentence_#", "sentence", "sentence_id", "sent_id", "sentence_idx", "sentence_number", "sent", "sentence_no")
_LOOKED_AT, _FEWEST = 400, 4
_ENTITY = re.compile(r"O|[BIESLU]-\S+")


def tagged_columns(rows: Sequence[Row], config: ReadingConfig, name: str) -> dict[str, str]:
    """The settings for the columns with words and their tags, {"text_key", "tags"}; empty if there are none.

    In most rows both hold a list of the same length; the others are left out. Rows whose lists are empty tell nothing.

    Raises:
        StudioError: The column that `config` names for the tags is none of the file `name`.
    """
    rows = [row for row in rows if not _is_empty(row)]
    keys = [key for key, cell in rows[0].items() if _is_list(cell)] if rows else []
    keys = [key for key in keys if all(_is_list(row.get(key)) for row in rows)]
    word = config.text_key or named([key for key in keys if isinstance(rows[0][key][0], str)], WORDS)
    if not word and keys == ["1", "2"] and all(is_entity(tag) for row in rows for tag in row["2"]):
        return {"text_key": "1", "tags": "2"} if _fit(rows, "1", "2") else {}
    if word not in keys:
        return {}
    alike = [key for key in keys if key != word and _fit(rows, word, key)]
    if alike and config.tags not in ("", BOUNDARIES, *alike):
        raise no_such_column(config.tags, name, alike, "reading.tags")
    tag = config.tags if config.tags in alike else named(alike, TAGS)
    tag = BOUNDARIES if config.tags == BOUNDARIES and tag else tag
    return {"text_key": word, "tags": tag} if tag and any(len(row[word]) > 1 for row in rows) else {}


def is_entity(tag: object) -> bool:
    """Whether this looks like the tag of a word that names something or does not: B-PER, I-LOC, O."""
    return isinstance(tag, str) and _ENTITY.fullmatch(tag) is not None


def tagged_record(row: Row, config: ReadingConfig) -> Record | None:
    """The tagged sentence in a row; None if its lists do not fit together."""
    cells = row.get(config.text_key)
    tags = ["B"] * len(cells or ()) if config.tags == BOUNDARIES else row.get(config.tags)
    if not isinstance(cells, list) or not isinstance(tags, list) or len(cells) != len(tags):
        return None
    pairs = [(as_text(word).strip(), as_text(tag).strip()) for word, tag in zip(cells, tags, strict=True)]
    pairs = [(word, tag) for word, tag in pairs if word]
    if not pairs or not all(tag for _, tag in pairs):
        return None
    found = [word for word, _ in pairs]
    record = {"words": found, "tags": [tag for _, tag in pairs], "spaces": _spaces(row, found)}
    return word_boundaries(record) if config.tags == BOUNDARIES else record


def sentences_of(rows: Iterator[Row | Skipped], remarks: list[Remark]) -> Iterator[Row | Skipped]:
    """The rows; where each holds one word of a numbered sentence, a row a sentence with lists of its words and tags.

    The number of a sentence stands at all of its words, or at the first one.
    """
    first, rows = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    number = named(seen[0], _SENTENCES) if len(seen) >= _FEWEST else ""
    word = named([key for key in seen[0] if key != number], WORDS) if number else ""
    tags = [key for key in (seen[0] if word else ()) if key not in (number, word) and folded(key) in TAGS]
    if not tags or not _are_words(seen, word) or not _are_numbers(seen, number):
        return rows
    message = words("Each row holds a word of a sentence that {column} numbers: they were put together.", column=number)
    remarks.append(Remark(message))
    return _put_together(rows, number, word, tags)


def _spaces(row: Row, found: Sequence[str]) -> list[bool]:
    """Where spaces stand between the words of a row: as it says, as the sentence beside them has them, or as usual."""
    told = row.get(SPACES)
    if isinstance(told, list) and len(told) == len(found) and all(isinstance(each, bool) for each in told):
        return told
    written = next((text for key in _WRITTEN if isinstance(text := row.get(key), str)), "")
    return spaces_in(written, found) or usual_spaces(found)


def _fit(rows: Sequence[Row], word: str, tag: str) -> bool:
    """True if most of the lists in two columns are as long as one another."""
    return sum(len(row[tag]) == len(row[word]) for row in rows) > len(rows) / 2


def _put_together(rows: Iterator[Row | Skipped], number: str, word: str, tags: Sequence[str]) -> Iterator[Row | Skipped]:
    begun: Row = {}
    now = ""
    for row in rows:
        if isinstance(row, Skipped):
            yield row
            continue
        own = as_text(row.get(number)).strip()
        if begun and own and own != now:
            yield begun
            begun = {}
        now = own or now
        if not begun:
            begun = PlacedRow({key: [] for key in (word, *tags)}, line_of(row))
        for key in (word, *tags):
            begun[key].append(as_text(row.get(key)))
    if begun:
        yield begun


def _is_list(cell: Any) -> bool:
    return isinstance(cell, list) and len(cell) > 0 and all(isinstance(item, str | int) for item in cell)


def _is_empty(row: Row) -> bool:
    """True for a sentence without words: there are lists, and all of them are empty."""
    found = [cell for cell in row.values() if isinstance(cell, list)]
    return bool(found) and not any(found)


def _are_words(rows: Sequence[Row], key: str) -> bool:
    cells = [as_text(row.get(key)).strip() for row in rows]
    return all(len(cell.split()) <= 1 for cell in cells) and len(set(cells)) > 1


def _are_numbers(rows: Sequence[Row], key: str) -> bool:
    """True if the cells of a column stay the same for several rows, or are empty until the next sentence begins."""
    cells = [as_text(row.get(key)).strip() for row in rows]
    starts = [cell for place, cell in enumerate(cells) if cell and (not place or cell != cells[place - 1])]
    return bool(cells[0]) and len(starts) < len(cells) and len(set(starts)) == len(starts)
