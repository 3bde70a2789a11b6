"""Running text in pieces: a long document is cut where a reader would pause, and lines are taken one by one.

Also for Markdown and source code, which are text like any other.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator

PART_CHARACTERS = 1 << 20
"""A document longer than this comes in several parts."""
LINE_CHARACTERS = 1 << 24
"""A line of a table or of JSON longer than this is left out, so that memory stays bounded."""
_REACH = 1 << 16
_JOINERS = frozenset("\u200d\ufe0e\ufe0f") | {chr(c) for c in (*range(0x1F3FB, 0x1F400), *range(0x1160, 0x1200))}
_FLAGS = range(0x1F1E6, 0x1F200)  # two of these letters make one flag


def parts(chunks: Iterable[str], size: int = PART_CHARACTERS) -> Iterator[str]:
    """The same text in parts of about `size` characters, cut after a line end or a space where one is within reach.

    What follows such a cut is never white space, so cleaning lines or spaces does to the parts what it does to the whole.
    """
    rest = ""
    for chunk in chunks:
        rest += chunk
        while len(rest) > size + min(size, _REACH):
            cut = _cut(rest, size)
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _cut(text: str, size: int) -> int:
    low = size - min(size - 1, _REACH)
    for pause in ("\n", " "):
        at = text.rfind(pause, low, size)
        while at >= 0:
            if not text[at + 1].isspace():
                return at + 1
            at = text.rfind(pause, low, at)
    return next((at for at in range(size, max(low, size - 64), -1) if _is_between_characters(text, at)), size)


def _is_between_characters(text: str, at: int) -> bool:
    """True if a cut before `text[at]` leaves accents, emoji, syllables and line ends whole."""
    before, after = text[at - 1], text[at]
    return not (
        unicodedata.combining(after)
        or after in _JOINERS
        or before == "\u200d"
        or (before == "\r" and after == "\n")
        or (ord(before) in _FLAGS and ord(after) in _FLAGS)
    )


def lines(chunks: Iterable[str], limit: int = LINE_CHARACTERS) -> Iterator[str | None]:
    """The lines of a text without their ends, whatever these are; None stands for a line longer than `limit`."""
    begun: list[str] = []
    length = 0
    for chunk in _with_newlines(chunks):
        first, *others = chunk.split("\n")
        length += len(first)
        if length <= limit:
            begun.append(first)
        else:
            begun.clear()
        if not others:
            continue
        yield "".join(begun) if length <= limit else None
        for line in others[:-1]:
            yield line if len(line) <= limit else None
        begun, length = [others[-1]], len(others[-1])
    if length:
        yield "".join(begun) if length <= limit else None


def head_lines(head: str) -> list[str]:
    """The lines of a text's beginning that hold something; the last one, which may be cut short, only if it is alone.

    A line ends where it does when all of a file is read: signs that only some programs take for line ends do not end it.
    """
    told = [line for line in lines([head.lstrip("\ufeff")]) if line is not None]
    whole = told if head.endswith(("\n", "\r")) else told[:-1] or told
    return [line for line in whole if line.strip()]


def _with_newlines(chunks: Iterable[str]) -> Iterator[str]:
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    for chunk in chunks:
        yield newlines.decode(chunk)
    yield newlines.decode("", final=True)
