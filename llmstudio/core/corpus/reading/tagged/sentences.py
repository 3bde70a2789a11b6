"""The sentences of a file of tagged words, line by line: {"words": ..., "tags": ..., "spaces": ...}.

A sentence with a bad line is left out whole: a tag too few, and all that follow would stand beside the wrong words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from llmstudio.core.corpus.reading.tagged.layouts import Layout, is_document_mark
from llmstudio.core.corpus.reading.tagged.spaces import spaces_in, usual_spaces
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.words import Words, words

MOST_WORDS = 10_000
"""A longer sentence is parted, so that memory stays bounded."""
_TEXT = "# text ="
_NO_SPACE = "SpaceAfter=No"


@dataclass
class Counts:
    """What was met on the way.

    Attributes:
        ranges: Words that are written as one and tagged as several (CoNLL-U's 1-2).
        empty_nodes: Nodes that stand for no word (CoNLL-U's 1.1).
        blanks: Lines whose word is white space.
        unbegun: Words with I-X where no B-X or I-X stands before; `first_unbegun` is the first one's line.
        parted: Sentences that were parted because they are too long.
        are_spaces_told: Whether the file says where spaces stand.
    """

    ranges: int = 0
    empty_nodes: int = 0
    blanks: int = 0
    unbegun: int = 0
    first_unbegun: int = 0
    parted: int = 0
    are_spaces_told: bool = False


@dataclass
class _Begun:
    """A sentence in the middle of being read."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    spaces: list[bool | None] = field(default_factory=list)
    text: str = ""
    fault: Words | None = None
    line: int = 0  # of the fault
    surface: str = ""  # how the range is written that is being read
    until: int = 0  # the last word of the range
    from_word: int = 0  # where its first one stands in `words`
    no_space: bool = False  # behind the range


class Sentences:
    """Reads sentences. Attributes: counts: what was met so far."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._layout, self._name = layout, name
        self._begun = _Begun()
        self._header = layout.has_header
        self.counts = Counts()

    def read(self, source: Iterable[str | None]) -> Iterator[dict[str, Any] | Skipped]:
        """Every sentence of the lines, or why it is left out; None stands for a line that is too long."""
        for number, line in enumerate(source, 1):
            line = line.lstrip("\ufeff") if line is not None and number == 1 else line
            if line is None:
                self._fail(number, words("this line is too long"))
            elif not line.strip() or is_document_mark(line):
                yield from self._end()
            elif self._layout.is_comment(line):
                self._begun.text = line[len(_TEXT) :].strip() if line.startswith(_TEXT) else self._begun.text
            elif self._header:
                self._header = False
            else:
                self._add(number, line)
                if len(self._begun.words) >= MOST_WORDS:
                    self.counts.parted += 1
                    yield from self._end()
        yield from self._end()

    def _fail(self, number: int, reason: Words) -> None:
        if self._begun.fault is None:
            self._begun.fault, self._begun.line = reason, number

    def _add(self, number: int, line: str) -> None:
        layout, begun = self._layout, self._begun
        cells = layout.cells(line)
        wanted = len(layout.columns)
        if len(cells) == wanted - 1 and not layout.is_tabbed and line[0].isspace() and layout.word == 0:
            cells = ["", *cells]  # the word itself was a space
        if len(cells) == wanted + 1 and not cells[-1].strip():
            cells.pop()  # a tab at the end of the line
        if len(cells) != wanted:
            reason = words(
                "this line has {n|column|columns} where {wanted} are usual: its sentence was left out",
                n=len(cells),
                wanted=wanted,
            )
            return self._fail(number, reason)
        if layout.has_ids and not self._is_word(cells):
            return None
        word, tag = cells[layout.word], cells[layout.tag]
        if not word.strip():
            self.counts.blanks += 1
            if begun.spaces:
                begun.spaces[-1] = True
            return None
        if not tag or tag == layout.missing:
            return self._fail(number, words("a word of this sentence has no tag: the sentence was left out"))
        self._look_at_begin(number, tag)
        begun.words.append(word)
        begun.tags.append(tag)
        begun.spaces.append(self._space(cells))
        return None

    def _is_word(self, cells: list[str]) -> bool:
        """False for a range and an empty node, which are counted."""
        begun, place = self._begun, cells[0]
        if "-" in place:
            self.counts.ranges += 1
            begun.surface, begun.from_word = cells[self._layout.word], len(begun.words)
            last = place.rpartition("-")[2]
            begun.until = int(last) if last.isdecimal() else 0
            begun.no_space = self._says_no_space(cells)
            return False
        if "." in place:
            self.counts.empty_nodes += 1
            return False
        return True

    def _says_no_space(self, cells: list[str]) -> bool:
        return self._layout.misc >= 0 and _NO_SPACE in cells[self._layout.misc].split("|")

    def _space(self, cells: list[str]) -> bool | None:
        """Whether a space follows, as the file says; None if it does not."""
        layout, begun = self._layout, self._begun
        if layout.misc < 0:
            return None
        if not begun.surface:
            return not self._says_no_space(cells)
        if cells[0] != str(begun.until):
            return True  # decided at the end of the range
        is_joined = "".join(begun.words[begun.from_word :]) == begun.surface
        begun.spaces[begun.from_word :] = [not is_joined] * (len(begun.words) - begun.from_word - 1)
        begun.surface = ""
        return not begun.no_space

    def _look_at_begin(self, number: int, tag: str) -> None:
        """Count I-X that goes on with nothing."""
        if not tag.startswith("I-"):
            return
        before = self._begun.tags[-1] if self._begun.tags else ""
        if before[2:] != tag[2:] or before[:2] not in ("B-", "I-"):
            self.counts.unbegun += 1
            self.counts.first_unbegun = self.counts.first_unbegun or number

    def _end(self) -> Iterator[dict[str, Any] | Skipped]:
        begun, self._begun = self._begun, _Begun()
        if begun.fault is not None:
            yield Skipped(self._name, begun.fault, begun.line)
        elif begun.words:
            yield {"words": begun.words, "tags": begun.tags, "spaces": self._spaces(begun)}

    def _spaces(self, begun: _Begun) -> list[bool]:
        told = [space for space in begun.spaces if space is not None]
        if len(told) < len(begun.words) or all(told):
            written = spaces_in(begun.text, begun.words) if begun.text else None
            usual = usual_spaces(begun.words)
            guessed = [own if own is not None else other for own, other in zip(begun.spaces, usual, strict=True)]
            found = written or (guessed if len(told) < len(begun.words) else told)
            self.counts.are_spaces_told |= written is not None or len(told) == len(begun.words)
        else:
            found = told
            self.counts.are_spaces_told = True
        return found
