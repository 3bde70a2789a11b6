"""A text cut into passages where a reader would pause: at blank lines, else at line ends, sentences, words.

A paragraph is a passage of its own, however short, for what stands in one paragraph is about one thing. Only a heading
goes with what follows it. A paragraph that is longer than a passage may be is cut into as few pieces as its lines, and then
its sentences, allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmstudio.core.retrieval.terms import num_words, word_ends
from llmstudio.core.typed import made
from llmstudio.core.words import Words, words

LIMIT = 100
"""Words of the longest passage (characters, where no spaces are written): what a small model can read beside a question."""
_HEADING = 8
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+()")
_LINE = re.compile(r"\n()")
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)()|[。！？][\"”’）」』]*()")
Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """A piece of a file.

    Attributes:
        file: Its name, as people see it.
        text: The words.
        line: Line of the file in which it begins; 0 where lines of the text are not those of the file.
        record: Number of the row, message or document that it stands in, from 1; 0 where the file is one text.
        number: Its number among the passages of the file, from 1.
    """

    file: str
    text: str
    line: int = 0
    record: int = 0
    number: int = 1

    @property
    def place(self) -> Words:
        """Where in the file it lies."""
        if self.line:
            return words("line {line:,}", line=self.line)
        if self.record:
            return words("record {number:,}", number=self.record)
        return words("passage {number:,}", number=self.number)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Passage:
        """Inverse of `to_dict`. Raises TypeError for values of another kind."""
        return made(cls, dict(data))


def cut(text: str, limit: int = LIMIT) -> Iterator[Span]:
    """The passages of a text, from a character to the one behind it, in order; each has words, and nothing else is left out.

    Args:
        text: Any text.
        limit: Words of the longest passage.
    """
    held: Span | None = None  # a heading, which waits for what it stands above
    for start, end in _pieces(text, 0, len(text), _BLANK):
        length = num_words(text, start, end)
        if held is not None:
            if num_words(text, held[0], end) <= limit:
                start, length = held[0], num_words(text, held[0], end)
            else:
                yield held
            held = None
        if length < _HEADING:
            held = (start, end)
        else:
            yield from _packed(text, (start, end), limit, (_LINE, _SENTENCE))
    if held is not None:
        yield held


def sentences(text: str) -> list[str]:
    """The sentences of a passage, in order; lines end them, too."""
    lines = _pieces(text, 0, len(text), _LINE)
    return [text[start:end] for line in lines for start, end in _pieces(text, *line, _SENTENCE)]


def _packed(text: str, span: Span, limit: int, borders: tuple[re.Pattern[str], ...]) -> Iterator[Span]:
    """A stretch in pieces of at most `limit` words, cut at the first kind of border that is good enough."""
    start, end = span
    if num_words(text, start, end) <= limit:
        yield span
        return
    if not borders:
        cuts = word_ends(text, start, end)[limit - 1 :: limit]
        if num_words(text, cuts[-1], end) == 0:  # signs behind the last word go with it
            cuts.pop()
        for last in [*cuts, end]:
            if bare := _bare(text, start, last):
                yield bare
            start = last
        return
    held: Span | None = None
    length = 0
    for piece in _pieces(text, start, end, borders[0]):
        more = num_words(text, *piece)
        if held is not None and length + more <= limit:
            held, length = (held[0], piece[1]), length + more
            continue
        if held is not None:
            yield held
        held, length = piece, more
        if more > limit:
            yield from _packed(text, piece, limit, borders[1:])
            held = None
    if held is not None:
        yield held


def _pieces(text: str, start: int, end: int, border: re.Pattern[str]) -> Iterator[Span]:
    """What lies between borders, without the white space around it; what holds no words goes with what precedes it, or
    at the beginning with what follows.
    """
    held: Span | None = None
    for found in [*border.finditer(text, start, end), None]:
        last = end if found is None else found.end()
        piece = _bare(text, start, last)
        start = last
        if piece is None:
            continue
        if held is not None and 0 in (num_words(text, *piece), num_words(text, *held)):
            held = (held[0], piece[1])
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None and num_words(text, *held):
        yield held


def _bare(text: str, start: int, end: int) -> Span | None:
    """A stretch without white space around it; None if there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
