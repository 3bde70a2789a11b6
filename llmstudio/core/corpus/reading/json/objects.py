"""The rows of one JSON object, which may be a document, a table in one of many shapes, or lists of rows by key."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llmstudio.core.corpus.reading.backstop import or_left_out
from llmstudio.core.corpus.reading.chats.below import chat_row, chats_below, is_chat
from llmstudio.core.corpus.reading.chats.conversations import holds_turns, turns_of
from llmstudio.core.corpus.reading.chats.exports.exports import TURNS, rows_of
from llmstudio.core.corpus.reading.chats.exports.streaming import KEPT, Chats, account_rows
from llmstudio.core.corpus.reading.chats.exports.telegram import is_account
from llmstudio.core.corpus.reading.chats.order import shown
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Columns, Row, as_text
from llmstudio.core.corpus.reading.columns.columns import as_row, keys_of
from llmstudio.core.corpus.reading.columns.names import ANSWERS, BETTER, named, names_worse
from llmstudio.core.corpus.reading.files.given_parts import named_part
from llmstudio.core.corpus.reading.json.parts import in_part, parted, parts_of_row
from llmstudio.core.corpus.reading.json.shapes import ENOUGH, framed, header_of, is_by_id, named_by_header, shaped, similar
from llmstudio.core.corpus.reading.json.stream import JsonStream
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
    if isinstance(value, Mapping):
        value = shown(value, told)
    found = rows_of(value, told)
    if found is None:
        found = shaped(value)
    if found is None and isinstance(value, list) and value and isinstance(value[0], Mapping):
        found = [{"messages": value}] if holds_turns("messages", value) else None
    if found is None and (parts := parts_of_row(value)) is not None:
        elements = ((key, element) for key, items in parts.items() for element in named_by_header(iter(items)))
        return [row for key, element in elements for row in in_part(_rows_of_value(element, told), key)]
    return [as_row(value)] if found is None else list(map(as_row, found))


def rows_of_object(stream: JsonStream, told: Told, remarks: list[Remark]) -> Iterator[Row]:
    """Rows of the object that begins here: streams lists of objects, keeps all else in case the object is the document."""
    own: dict[str, Any] = {}
    chats, lists = Chats(told), _Lists(remarks)
    num_rows = num_chats = 0
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
                yield from in_part(map(as_row, chats.take(key, elements, element, own)), key)
                num_chats += 1
                num_rows += 1
                break
            if not kept and isinstance(element, dict) and key not in KEPT:
                rows = (row for each in itertools.chain([element], elements) for row in rows_of_value(each, told))
                yield from lists.take(key, in_part(rows, key))
                num_rows += 1
                break
            if are_rows:
                yield from in_part([as_row(element)], key)
                continue
            kept.append(element)
            if len(kept) > _MANY:  # nobody's single document: rows of text
                are_rows = True
                num_rows += len(kept)
                yield from in_part(map(as_row, kept), key)
                kept.clear()
        if kept:
            own[key] = kept
    if num_rows and not num_chats:
        for key, items in chats_below(own):
            yield from lists.take(key, iter([chat_row(items)]))
        for key, items in [found for found in _lists_of_objects(own) if _holds_chat(found)]:
            yield from lists.take(key, (row for each in items for row in rows_of_value(each, told)))
    yield from lists.rest()
    yield from map(as_row, chats.rest(own))
    if not num_rows:
        nothing: list[Row] = []
        yield from or_left_out(lambda: list(_rows_of_document(own, told, remarks)), nothing, told)
    elif num_chats:
        leave_out([key for key, value in own.items() if any(chats_below({key: value}))], remarks)
    else:
        leave_out([key for key, value in own.items() if _is_list_of_sentences(value) or _holds_unread(value)], remarks)


def _rows_of_document(own: Mapping[str, Any], told: Told, remarks: list[Remark]) -> Iterator[Row]:
    """Rows of an object that is wholly known and has no list of objects of its own."""
    found = rows_of(own, told)
    if found is None:
        found = shaped(own)
    if found is not None:
        yield from map(as_row, found)
        return
    for key in KEPT:
        if _is_list_of_objects(own.get(key)) and not turns_of(own[key]):
            yield from map(as_row, own[key])
            return
    if (parts := parted(own)) is not None:
        for key, value in parts.items():
            if named_part(key):
                yield from in_part(_rows_of_part(value, told, remarks), key)
        leave_out([key for key, value in parts.items() if not named_part(key) and has_lists([value])], remarks)
        return
    if (table := framed(own)) is not None:
        for element in table:
            yield from rows_of_value(element, told)
        return
    values = list(own.values())
    inner = list(_lists_of_objects(own))
    chats, row = list(chats_below(own)), as_row(own)
    texts = {key: value for key, value in own.items() if _is_list_of_texts(value)}
    has_words = any(isinstance(v, str) and v.strip() for v in values)
    tables = [(key, list(table)) for key, value in own.items() if (table := framed(value)) is not None]
    if len(chats) == 1 and chats[0][0] in row and not any(map(_holds_chat, inner)):
        yield row
    elif inner or chats:
        yield from _rows_of_lists([*((key, [chat_row(items)]) for key, items in chats), *inner], told, remarks)
    elif tables and _size([table for _, table in tables]) > _size([v for v in values if isinstance(v, str)]):
        yield from _rows_of_lists(tables, told, remarks)
    elif texts and not has_words and not any(holds_turns(name, own.get(name)) for name in TURNS):
        longest = max(texts, key=lambda key: len(texts[key]))
        yield from map(as_row, texts[longest])
        leave_out([key for key, value in texts.items() if key != longest and _is_list_of_sentences(value)], remarks)
    elif any(as_text(value) or turns_of(value) for value in row.values()):
        yield row


def _rows_of_part(value: Any, told: Told, remarks: list[Remark]) -> Iterator[Row]:
    """Rows of what stands under the name of a part."""
    if isinstance(value, Mapping):
        yield from _rows_of_document(value, told, remarks)
        return
    for element in named_by_header(iter(value)):
        yield from rows_of_value(element, told)


def _rows_of_lists(found: Iterable[tuple[str, list[Any]]], told: Told, remarks: list[Remark]) -> Iterator[Row]:
    """Rows of the lists of one object that hold what is to be read; the others are told."""
    lists = _Lists(remarks)
    for key, elements in found:
        yield from lists.take(key, in_part((row for each in elements for row in rows_of_value(each, told)), key))
    yield from lists.rest()


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
        if first and names_worse(key) and named(first[0], (*ANSWERS, *BETTER)):
            leave_out([key], self._remarks)
            for _ in rows:
                pass
            return
        if following is None:
            self._held[key] = first
            return
        if self._main is None:
            self._main = first[0]
            yield from self.rest()
        if not similar(first[0], self._main):
            leave_out([key], self._remarks)
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
        leave_out([key for key, rows in held.items() if not similar(rows[0], main)], self._remarks)


def leave_out(keys: list[str], remarks: list[Remark]) -> None:
    """Say which lists were not read, if any."""
    if keys:
        remarks.append(Remark(words("Lists of other things were not read: {names}.", names=", ".join(keys))))


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


def _lists_of_objects(value: Mapping[str, Any], depth: int = 5) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects below an object by their keys, not those inside such lists."""
    for key, inner in value.items():
        if _is_list_of_objects(inner) and not is_chat(key, inner) and not (key in KEPT and turns_of(inner)):
            yield key, inner
        elif isinstance(inner, dict) and depth:
            yield from _lists_of_objects(inner, depth - 1)


def _holds_unread(value: Any) -> bool:
    """True if lists of objects lie below a value that hold no conversations, which are read."""
    if isinstance(value, Mapping):
        return not all(map(_holds_chat, _lists_of_objects(value)))
    return has_lists(value)


def has_lists(value: Any) -> bool:
    """True if lists of objects lie below a value that is an object, or in a list that holds such."""
    inner = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and any(True for _ in _lists_of_objects(item)) for item in inner)


def _is_list_of_sentences(value: Any) -> bool:
    """True if a list of texts holds what people read, and not names of columns or classes."""
    return (
        _is_list_of_texts(value)
        and _size(value) >= _PROSE * len(value)
        and _prose([{"text": text} for text in value]) >= _PROSE
    )


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _holds_chat(found: tuple[str, list[Any]]) -> bool:
    """True if the objects of a list hold a conversation each."""
    return any(is_chat(str(key), value) for key, value in found[1][0].items())


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
