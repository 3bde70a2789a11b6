"""The rows of one JSON object, which may be a document, a table in one of many shapes, or lists of rows by key."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llmstudio.core.corpus.backstop import or_left_out
from llmstudio.core.corpus.cells import Columns, Row, as_text
from llmstudio.core.corpus.chats.exports import TURNS, rows_of
from llmstudio.core.corpus.chats.streaming import KEPT, Chats, account_rows
from llmstudio.core.corpus.chats.telegram import is_account
from llmstudio.core.corpus.chats.told import Told
from llmstudio.core.corpus.columns import as_row, keys_of
from llmstudio.core.corpus.conversations import holds_turns, turns_of
from llmstudio.core.corpus.json_shapes import ENOUGH, framed, header_of, is_by_id, shaped, similar
from llmstudio.core.corpus.json_stream import JsonStream
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

_MANY = 1_000_000  # values in one list: more are nobody's single document
_HELD = 100  # rows of a list that wait for what comes below: a short list may only describe the long one
_MANY_HELD = 100_000  # rows without prose that wait
_PROSE = 12  # letters in a row: less are names of files and of columns


def rows_of_value(value: Any, told: Told) -> list[Row]:
    """The rows of one value: itself, or those that a known shape keeps in it."""
    return or_left_out(lambda: _rows_of_value(value, told), [], told)


def _rows_of_value(value: Any, told: Told) -> list[Row]:
    found = rows_of(value, told)
    if found is None:
        found = shaped(value)
    return [as_row(value)] if found is None else list(map(as_row, found))


def rows_of_object(stream: JsonStream, told: Told, remarks: list[Remark]) -> Iterator[Row]:
    """Rows of the object that begins here: streams lists of objects, keeps all else in case the object is the document."""
    own: dict[str, Any] = {}
    chats, lists = Chats(told), _Lists(remarks)
    num_rows = 0
    are_by_id = False
    for key in stream.members():
        if is_account(own):
            yield from account_rows(stream, key, lambda: rows_of_object(stream, told, remarks), told)
            num_rows += 1
            continue
        if stream.peek() != "[":
            value = stream.value()
            if are_by_id:
                yield from rows_of_value(value, told)
                continue
            own[key] = value
            if len(own) == ENOUGH and is_by_id(own):
                are_by_id = True
                num_rows += 1
                for value in own.values():
                    yield from rows_of_value(value, told)
                own.clear()
            continue
        elements = stream.elements()
        if header := header_of(own, key):
            for element in elements:
                num_rows += 1
                yield as_row(dict(zip(header, element, strict=False)) if isinstance(element, list) else element)
            continue
        kept: list[Any] = []
        are_rows = False
        for element in elements:
            if not kept and not are_rows and chats.begin(key, element, own):
                yield from map(as_row, chats.take(key, elements, element, own))
                num_rows += 1
                break
            if not kept and isinstance(element, dict) and key not in KEPT:
                rows = (row for each in itertools.chain([element], elements) for row in rows_of_value(each, told))
                yield from lists.take(key, rows)
                num_rows += 1
                break
            if are_rows:
                yield as_row(element)
                continue
            kept.append(element)
            if len(kept) > _MANY:  # nobody's single document: rows of text
                are_rows = True
                num_rows += len(kept)
                yield from map(as_row, kept)
                kept.clear()
        if kept:
            own[key] = kept
    yield from lists.rest()
    yield from map(as_row, chats.rest(own))
    if not num_rows:
        nothing: list[Row] = []
        yield from or_left_out(lambda: list(_rows_of_document(own, told)), nothing, told)


def _rows_of_document(own: dict[str, Any], told: Told) -> Iterator[Row]:
    """Rows of an object that is wholly known and has no list of objects of its own."""
    found = rows_of(own, told)
    if found is None:
        found = shaped(own)
    if found is not None:
        yield from map(as_row, found)
        return
    for key in KEPT:
        if _is_list_of_objects(own.get(key)):
            yield from map(as_row, own[key])
            return
    if (table := framed(own)) is not None:
        for element in table:
            yield from rows_of_value(element, told)
        return
    values = list(own.values())
    inner = [found for value in values if isinstance(value, dict) for found in _lists_of_objects(value)]
    texts: list[list[Any]] = [v for v in values if _is_list_of_texts(v)]
    has_words = any(isinstance(v, str) and v.strip() for v in values)
    tables = [list(table) for value in values if (table := framed(value)) is not None]
    if inner:
        for element in _longest(inner):
            yield from rows_of_value(element, told)
    elif tables and _size(tables) > _size([v for v in values if isinstance(v, str)]):
        for element in _longest(tables):
            yield from rows_of_value(element, told)
    elif texts and not has_words and not any(holds_turns(name, own.get(name)) for name in TURNS):
        yield from map(as_row, _longest(texts))
    elif any(as_text(value) or turns_of(value) for value in as_row(own).values()):
        yield as_row(own)


class _Lists:
    """The lists of objects in one object: those whose rows are alike are read, such as the parts of a split.

    The first long list with prose in it decides which they are; if there is none, the one with the most prose.
    Lists of other things, such as the columns' types or the names of pictures, are told as not read.
    """

    def __init__(self, remarks: list[Remark]) -> None:
        self._remarks = remarks
        self._held: dict[str, list[Row]] = {}
        self._main: Row | None = None

    def take(self, key: str, rows: Iterator[Row]) -> Iterator[Row]:
        """The next list; its rows come now if it is long."""
        first: list[Row] = []
        try:
            first.extend(itertools.islice(rows, _HELD))
            if self._main is None and len(first) == _HELD and _prose(first) < _PROSE:
                first.extend(itertools.islice(rows, _MANY_HELD))
            following = next(rows, None) if len(first) >= _HELD else None
        except StudioError:  # what stands before a fault is given
            self._held[key] = first
            yield from self.rest()
            raise
        if following is None:
            self._held[key] = first
            return
        if self._main is None:
            self._main = first[0]
            yield from self.rest()
        if not similar(first[0], self._main):
            self._leave_out([key])
            for _ in rows:
                pass
            return
        yield from first
        yield following
        yield from rows

    def rest(self) -> Iterator[Row]:
        """Rows of the lists that were held."""
        held, self._held = {key: rows for key, rows in self._held.items() if rows}, {}
        if not held:
            return
        main = self._main or max(held.values(), key=lambda rows: (len(rows) * _prose(rows), _size(rows)))[0]
        for rows in held.values():
            if similar(rows[0], main):
                yield from rows
        self._leave_out([key for key, rows in held.items() if not similar(rows[0], main)])

    def _leave_out(self, keys: list[str]) -> None:
        if keys:
            self._remarks.append(Remark(words("Lists of other things were not read: {names}.", names=", ".join(keys))))


def _prose(rows: list[Row]) -> float:
    """Letters of prose in a row, in the column that has the most; a conversation is more than any."""
    if any(holds_turns(key, value) for row in rows[:1] for key, value in row.items() if isinstance(value, list)):
        return float("inf")
    columns = Columns(rows[:_HELD], keys_of(rows[:_HELD]))
    return max(map(columns.prose_of, columns.keys), default=0.0)


def _size(value: Any) -> int:
    """Letters in all texts of a value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, Iterable) else 0


def _longest(lists: list[list[Any]]) -> list[Any]:
    return sorted(lists, key=len)[-1]


def _lists_of_objects(value: dict[str, Any], depth: int = 4) -> Iterator[list[Any]]:
    """The lists of objects below an object, not those inside such lists."""
    for inner in value.values():
        if _is_list_of_objects(inner):
            yield inner
        elif isinstance(inner, dict) and depth:
            yield from _lists_of_objects(inner, depth - 1)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and not turns_of(value)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
