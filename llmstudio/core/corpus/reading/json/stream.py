"""A long JSON text, decoded one value at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from llmstudio.core.corpus.reading.formats.plain_text import LINE_CHARACTERS
from llmstudio.core.errors import StudioError

_STEP = 1 << 16
SPACE = " \t\n\r\ufeff"
"""White space between values."""


def without_surrogates(value: Any) -> Any:
    r"""Half a character, as in "\ud83d", cannot be written to a file: U+FFFD takes its place."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value


class JsonStream:
    """A cursor in a long JSON text that decodes one value at a time and holds no more of the text than it needs."""

    def __init__(self, chunks: Iterable[str], name: str) -> None:
        self._chunks, self._name = iter(chunks), name
        self._decoder = json.JSONDecoder()
        self._text, self._at, self._num_lines, self._is_whole = "", 0, 1, False

    def peek(self) -> str:
        """The next sign that is no white space, which stays; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in SPACE:
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
                    return without_surrogates(value) if self._text.find("\\u", begin, end) >= 0 else value
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
