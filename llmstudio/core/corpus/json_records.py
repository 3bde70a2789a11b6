"""JSON, as one document (an array, an object with a list inside, several values in a row) or one value a line.

Nothing is read as a whole: the elements of an array are decoded one after another, however long the array is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from llmstudio.core.corpus.cells import Row, as_text
from llmstudio.core.corpus.chats.exports import TURNS, rows_of
from llmstudio.core.corpus.chats.streaming import BESIDE, Chats, account_rows
from llmstudio.core.corpus.chats.telegram import is_account
from llmstudio.core.corpus.chats.told import Told
from llmstudio.core.corpus.columns import as_row
from llmstudio.core.corpus.conversations import holds_turns, turns_of
from llmstudio.core.corpus.plain_text import LINE_CHARACTERS, lines
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

_STEP = 1 << 16
_MANY = 10_000  # texts in one list: more are nobody's single document
_SPACE = " \t\n\r\ufeff"


def read_json_lines(chunks: Iterable[str], name: str, told: Told | None = None) -> Iterator[Row | Skipped]:
    """The rows of a file with one JSON value a line; a broken line costs that line, which is told.

    What is left out of conversations is counted in `told`.
    """
    told = told or Told()
    for number, line in enumerate(lines(chunks), 1):
        if line is None:
            yield Skipped(name, words("this line is too long"), number)
            continue
        if not line.strip(_SPACE):
            continue
        try:
            value = json.loads(line.strip(_SPACE))
            value = _without_surrogates(value) if "\\u" in line else value
            yield from _rows(value, told)
        except (ValueError, RecursionError):
            yield Skipped(name, words("this line is no JSON"), number)


def is_json_lines(head: str) -> bool:
    """True if a file called .json is really one value a line: its first line is whole and another begins below it."""
    first, line_end, rest = head.lstrip(_SPACE).partition("\n")
    if not line_end or not first.startswith(("{", "[")) or not rest.lstrip(_SPACE).startswith(("{", "[")):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def read_json(chunks: Iterable[str], name: str, told: Told | None = None) -> Iterator[Row | Skipped]:
    """The rows of a JSON document.

    Rows are the elements of an array; in an object, those of the lists of objects in it; else the object itself. What is
    left out of conversations is counted in `told`.

    Raises:
        StudioError: The document is broken, or holds a value that is too large; says at which line. Rows before are given.
    """
    stream, told = _JsonStream(chunks, name), told or Told()
    while stream.peek():
        if stream.peek() == "[":
            for element in stream.elements():
                yield from _rows(element, told)
        elif stream.peek() == "{":
            yield from _rows_of_object(stream, told)
        else:
            yield as_row(stream.value())


def _rows(value: Any, told: Told) -> list[Row]:
    """The rows of one value: itself, or the conversations that a program's export keeps in it."""
    return [as_row(value)] if (found := rows_of(value, told)) is None else list(map(as_row, found))


def _rows_of_object(stream: _JsonStream, told: Told) -> Iterator[Row]:
    """Rows of the object that begins here: streams a list of objects, keeps all else in case the object is the document."""
    own: dict[str, Any] = {}
    chats = Chats(told)
    num_rows = 0
    for key in stream.members():
        if is_account(own):
            yield from account_rows(stream, key, lambda: _rows_of_object(stream, told), told)
            num_rows += 1
            continue
        if stream.peek() != "[":
            own[key] = stream.value()
            continue
        kept: list[Any] = []
        are_rows = False
        elements = stream.elements()
        for element in elements:
            if not kept and not are_rows and chats.begin(key, element, own):
                yield from map(as_row, chats.take(key, elements, element, own))
                num_rows += 1
                break
            if are_rows or (not kept and isinstance(element, dict) and key not in BESIDE):
                are_rows = True
                for row in _rows(element, told):
                    num_rows += 1
                    yield row
                continue
            kept.append(element)
            if len(kept) > _MANY:  # nobody's single document: rows of text
                are_rows = True
                num_rows += len(kept)
                yield from map(as_row, kept)
                kept.clear()
        if kept:
            own[key] = kept
    yield from map(as_row, chats.rest(own))
    if num_rows:
        return
    if (found := rows_of(own, told)) is not None:
        yield from map(as_row, found)
        return
    for key in BESIDE:
        if _is_list_of_objects(own.get(key)):
            yield from map(as_row, own[key])
            return
    values = list(own.values())
    inner: list[list[Any]] = [v for d in values if isinstance(d, dict) for v in d.values() if _is_list_of_objects(v)]
    texts: list[list[Any]] = [v for v in values if _is_list_of_texts(v)]
    has_words = any(isinstance(v, str) and v.strip() for v in values)
    if inner:
        for element in _longest(inner):
            yield from _rows(element, told)
    elif texts and not has_words and not any(holds_turns(name, own.get(name)) for name in TURNS):
        yield from map(as_row, _longest(texts))
    elif any(as_text(value) or turns_of(value) for value in as_row(own).values()):
        yield as_row(own)


def _longest(lists: list[list[Any]]) -> list[Any]:
    return sorted(lists, key=len)[-1]


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and not turns_of(value)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _without_surrogates(value: Any) -> Any:
    r"""Half a character, as in "\ud83d", cannot be written to a file: U+FFFD takes its place."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


class _JsonStream:
    """A cursor in a long JSON text that decodes one value at a time and holds no more of the text than it needs."""

    def __init__(self, chunks: Iterable[str], name: str) -> None:
        self._chunks, self._name = iter(chunks), name
        self._decoder = json.JSONDecoder()
        self._text, self._at, self._num_lines, self._is_whole = "", 0, 1, False

    def peek(self) -> str:
        """The next sign that is no white space, which stays; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def value(self) -> Any:
        """The value that begins here."""
        self.peek()
        wanted = _STEP
        while True:
            while len(self._text) - self._at < wanted and self._read():
                pass
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or self._is_whole:  # a number may go on behind what has been read
                    begin, self._at = self._at, end
                    return _without_surrogates(value) if self._text.find("\\u", begin, end) >= 0 else value
            except RecursionError:
                raise self._broken() from None
            except ValueError:
                if self._is_whole:
                    raise self._broken() from None
            if len(self._text) - self._at > LINE_CHARACTERS:
                raise self._broken()
            wanted = 2 * max(wanted, len(self._text) - self._at)

    def elements(self) -> Iterator[Any]:
        """The elements of the array that begins here."""
        for _ in self.places():
            yield self.value()

    def places(self) -> Iterator[None]:
        """The elements of the array that begins here; the caller takes each before going on."""
        self._take("[")
        while self.peek() != "]":
            yield
            if self.peek() != "]":
                self._take(",")
        self._take("]")

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller takes each one's value before going on."""
        self._take("{")
        while self.peek() != "}":
            if self.peek() != '"':
                raise self._broken()
            key = str(self.value())
            self._take(":")
            self.peek()
            yield key
            if self.peek() != "}":
                self._take(",")
        self._take("}")

    def _take(self, sign: str) -> None:
        if self.peek() != sign:
            raise self._broken()
        self._at += 1

    def _read(self) -> bool:
        chunk = next(self._chunks, "")
        self._num_lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        self._is_whole = not chunk
        return bool(chunk)

    def _broken(self) -> StudioError:
        line = self._num_lines + self._text.count("\n", 0, self._at)
        if len(self._text) - self._at > LINE_CHARACTERS:
            return StudioError("{name} holds a value that never ends, in line {line}.", name=self._name, line=line)
        return StudioError("{name} is broken JSON from line {line} on.", name=self._name, line=line)
