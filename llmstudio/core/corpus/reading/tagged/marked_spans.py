"""Texts with spans of characters that bear a label, as annotation programs write them: [[0, 2, "ORG"]], objects with start,
end and label, or {"ORG": {"EU": [[0, 1]]}}; also lists of words with spans of words. In: rows. Out: rows with a list of
words and the list of their tags (B-, I-, O), as `tagged_rows` reads them.

A word is what white space parts, without the signs around it; of scripts without spaces each sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.columns.names import named
from llmstudio.core.corpus.reading.first_rows import first_rows
from llmstudio.core.corpus.reading.placed_rows import PlacedRow, line_of
from llmstudio.core.corpus.reading.tagged.spaces import DENSE
from llmstudio.core.corpus.reading.tagged.tagged_rows import TAGS, WORDS
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_LOOKED_AT = 50
_NEARLY_ALL = 0.9  # of the rows
_WORD = re.compile(rf"(?!\s)[{DENSE}]|[^\W{DENSE}](?:[^\s{DENSE}]*[^\W{DENSE}])?|[^\w\s]")
_STARTS, _ENDS = ("start", "start_offset", "begin"), ("end", "end_offset", "stop")
_LABELS = ("label", "labels", "entity_group", "entity", "type", "tag")

MarkedSpan = tuple[int, int, str]
"""First character, that behind the last, and the label."""


def words_of_spans(rows: Iterator[Row | Skipped], config: ReadingConfig, remarks: list[Remark]) -> Iterator[Row | Skipped]:
    """The rows; where a column holds labelled spans of a text, words with tags stand in place of both.

    Of spans that overlap the longer counts, and a span of a part of a word is one of the whole word. Not where `config` asks
    for another kind of record, or says which column is the label, the source or the turns.
    """
    other = config.label_key or config.source_key or config.target_key or config.turns_key
    if config.kind not in ("", "tagged") or other:
        return rows
    first, rows = first_rows(rows, _LOOKED_AT)
    seen = [row for row in first if not isinstance(row, Skipped)]
    if prefix := next((key.split(".")[0] for row in seen for key in row if _type_in(key, row[key])), ""):
        seen = [_with_list(row, prefix) for row in seen]
        rows = (row if isinstance(row, Skipped) else _with_list(row, prefix) for row in rows)
    if spans := _columns_of_words(seen, config):
        return _of_words(rows, spans, seen, remarks)
    text, column = _columns(seen, config)
    if not column:
        return rows
    message = words(
        "{column} marks spans of {text}: they were read as tags of words (B- where one begins, I- where it goes on). Of"
        " spans that overlap the longer counts, and one inside a word is of the whole word.",
        column=column,
        text=text,
    )
    remarks.append(Remark(message))
    return (row if isinstance(row, Skipped) else _tagged(row, text, column) for row in rows)


def _columns(rows: Sequence[Row], config: ReadingConfig) -> tuple[str, str]:
    """The columns with the text and with its spans; empty if there are no such."""
    keys = list(rows[0]) if rows else []
    written = [key for key in keys if all(isinstance(row.get(key), str) for row in rows)]
    text = config.text_key or named(written, WORDS) or ("1" if keys == ["1", "2"] else "")
    if text not in written:
        return "", ""
    candidates = [config.tags] if config.tags else [named(keys, TAGS), *(key for key in keys if key != text)]
    return next(((text, key) for key in candidates if key and key != text and _are_spans(rows, text, key)), ("", ""))


def _are_spans(rows: Sequence[Row], text: str, key: str) -> bool:
    found = [spans_of(row.get(key), row[text]) for row in rows]
    return any(found) and sum(own is not None for own in found) >= _NEARLY_ALL * len(found)


def spans_of(cell: Any, text: str) -> list[MarkedSpan] | None:
    """The spans of a text that a cell lists; None if it lists something else, or a span lies outside the text."""
    if isinstance(cell, Mapping):
        cell = next((cell[key] for key in ("entities", "spans", "label", "labels") if key in cell), cell)
    if cell is None:
        return []
    if not isinstance(cell, list):
        return None
    found = [_span(item) for item in cell]
    whole = [span for span in found if span is not None and 0 <= span[0] < span[1] <= len(text) and span[2]]
    return whole if len(whole) == len(found) else None


def _span(item: Any) -> MarkedSpan | None:
    if isinstance(item, Mapping):
        start, end = (next((item[key] for key in keys if key in item), None) for keys in (_STARTS, _ENDS))
        label = next((item[key] for key in _LABELS if item.get(key)), None)
        item = [start, end, label[0] if isinstance(label, list) else label]
    if not isinstance(item, list) or len(item) < 3:
        return None
    start, end, label = item[:3]
    are_places = all(isinstance(place, int) and not isinstance(place, bool) for place in (start, end))
    return (start, end, label.strip()) if are_places and isinstance(label, str) else None


def _tagged(row: Row, text: str, column: str) -> Row:
    written = row[text] if isinstance(row.get(text), str) else ""
    found = list(_WORD.finditer(written))
    spans = spans_of(row.get(column), written)
    tags = [""] if spans is None else _tags([match.span() for match in found], spans)
    return PlacedRow(row | {text: [match[0] for match in found] or [""], column: tags or [""]}, line_of(row))


def _tags(places: Sequence[tuple[int, int]], spans: Sequence[MarkedSpan]) -> list[str]:
    """B-, I- and O for the words at these places."""
    tags = ["O"] * len(places)
    for start, end, label in sorted(spans, key=lambda span: span[0] - span[1]):
        inside = [at for at, (first, behind) in enumerate(places) if first < end and behind > start]
        if all(tags[at] == "O" for at in inside):
            for at in inside:
                tags[at] = f"{'B' if at == inside[0] else 'I'}-{label}"
    return tags


def _type_in(key: str, cell: Any) -> str:
    """The type in a name such as "label.ORG.EU", under which a list of places stands; empty for any other name."""
    above, _, rest = key.partition(".")
    kind, _, mention = rest.partition(".")
    are_places = isinstance(cell, list) and all(isinstance(place, list) and len(place) == 2 for place in cell)
    return kind if above in TAGS and mention and cell and are_places else ""


def _with_list(row: Row, prefix: str) -> Row:
    """A row with one list of spans in place of columns by type and words; the last sign may be inside or behind."""
    written = row.get(named(row, WORDS))
    spans: list[list[Any]] = []
    rest: Row = {}
    for key, cell in row.items():
        if not (kind := _type_in(key, cell)):
            rest |= {} if key.startswith(f"{prefix}.") else {key: cell}
            continue
        mention = key.split(".", 2)[2]
        for start, end in cell:
            is_inside = isinstance(written, str) and isinstance(end, int) and written[start : end + 1] == mention
            spans.append([start, end + is_inside, kind])
    return PlacedRow(rest | {prefix: spans}, line_of(row))


def _columns_of_words(rows: Sequence[Row], config: ReadingConfig) -> tuple[str, str] | None:
    """The columns with lists of words and with spans of words, [first, last, label]; None if there are no such."""
    listed = [key for key in (rows[0] if rows else ()) if all(_are_words(row.get(key)) for row in rows)]
    word = config.text_key or named(listed, WORDS)
    if word not in listed:
        return None
    for key in [config.tags] if config.tags else rows[0]:
        found = [_spans_of_words(row.get(key), len(row[word])) for row in rows] if key and key != word else []
        if any(found) and sum(own is not None for own in found) >= _NEARLY_ALL * len(found):
            return word, key
    return None


def _are_words(cell: Any) -> bool:
    return isinstance(cell, list) and len(cell) > 0 and all(isinstance(word, str) for word in cell)


def _spans_of_words(cell: Any, num_words: int) -> list[MarkedSpan] | None:
    if cell is None or not isinstance(cell, list):
        return [] if cell is None else None
    found = [_span(item) for item in cell]
    whole = [span for span in found if span is not None and 0 <= span[0] <= span[1] <= num_words and span[2]]
    return whole if len(whole) == len(found) else None


def _of_words(
    rows: Iterator[Row | Skipped], columns: tuple[str, str], seen: Sequence[Row], remarks: list[Remark]
) -> Iterator[Row | Skipped]:
    """The rows with tags in place of spans of words, whose last word is inside if that is so in any of the first rows."""
    word, key = columns
    spans = [(span, len(row[word])) for row in seen for span in _spans_of_words(row.get(key), len(row[word])) or ()]
    are_objects = any(isinstance(item, Mapping) for row in seen for item in row.get(key) or ())
    are_behind = any(end == num_words for (_, end, _), num_words in spans)
    is_inside = any(start == end for (start, end, _), _ in spans) or not (are_behind or are_objects)
    inside = words(
        "{column} marks spans of the words in {text}, the last number of the last word: they were read as tags of words.",
        column=key,
        text=word,
    )
    behind = words(
        "{column} marks spans of the words in {text}, the last number behind the last one: they were read as tags of words.",
        column=key,
        text=word,
    )
    remarks.append(Remark(inside if is_inside else behind))
    for row in rows:
        if isinstance(row, Skipped) or not _are_words(row.get(word)):
            yield row
            continue
        found = _spans_of_words(row.get(key), len(row[word]))
        places = [(at, at + 1) for at in range(len(row[word]))]
        tags = [""] if found is None else _tags(places, [(start, end + is_inside, label) for start, end, label in found])
        yield PlacedRow(row | {key: tags}, line_of(row))
