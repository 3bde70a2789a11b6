"""Translation memories (TMX) and files for translators (XLIFF 1 and 2): each unit is a pair of source and target.

Read as a stream, whatever the size. Signs of layout inside a sentence are left out, the words between them are kept. No file
may define entities of its own, which can be made to grow without end.

Sources: TMX 1.4b (LISA OSCAR, 2005); XLIFF 1.2 and 2.1 (OASIS, 2008 and 2018).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

SEGMENT_CHARACTERS = 1 << 22
"""A longer sentence is none."""
_ROOT = re.compile(
    r"(?:\s|<\?[^>]*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>)*"
    r"<(?:\w+:)?(?:tmx|xliff)[\s>]",
    re.DOTALL,
)
_CODES = frozenset(("bpt", "ept", "ph", "it", "ut", "x", "bx", "ex", "sm", "em", "cp"))  # layout of the original
_OF_ANOTHER = frozenset(("alt-trans", "seg-source", "note", "prop"))  # proposals, cuts and remarks beside a unit


def is_translations(head: str) -> bool:
    """True if a text begins as TMX or XLIFF does."""
    return _ROOT.match(head.lstrip("\ufeff")[:4000]) is not None


def translation_rows(chunks: Iterable[str], name: str, remarks: list[Remark]) -> Iterator[Row | Skipped]:
    """Source and target of each unit; a unit that is not translated has a source alone.

    Of more than two languages the first unit says which are meant; the others are told in `remarks`.

    Raises:
        StudioError: The XML defines entities, or a sentence is far too long. What is damaged comes as `Skipped`.
    """
    units = _Units(name)
    yield from _rows(units, chunks, name)
    if units.languages and units.languages[1]:
        source, target = units.languages
        remarks.append(Remark(words("Pairs of {source} and {target}.", source=source, target=target)))
    if units.others:
        names = ", ".join(sorted(units.others))
        remarks.append(Remark(words("Translations into other languages were not read: {names}.", names=names), "warning"))


def _rows(units: _Units, chunks: Iterable[str], name: str) -> Iterator[Row | Skipped]:
    is_first = True
    try:
        for chunk in chunks:
            text = chunk.lstrip("\ufeff \t\r\n") if is_first else chunk
            is_first = is_first and not text
            units.parser.Parse(text, False)
            yield from units.taken()
        units.parser.Parse("", True)
        yield from units.taken()
    except expat.ExpatError as error:
        yield from units.taken()
        yield Skipped(name, words("this is no whole XML, and nothing behind it was read"), error.lineno)


class _Units:
    """Collects the units while the parser tells of elements and words."""

    def __init__(self, name: str) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.parser.EntityDeclHandler = self._refuse
        self.languages: tuple[str, str] | None = None
        self.others: Counter[str] = Counter()
        self._name = name
        self._rows: list[Row] = []
        self._unit: list[tuple[str, str]] = []  # language or side, and text
        self._wish = ""  # the language that a memory was translated from
        self._side = ""  # of the text that is being read
        self._text: list[str] | None = None
        self._size = self._unread = 0

    def taken(self) -> list[Row]:
        """The rows since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def _begin(self, element: str, attributes: Mapping[str, str]) -> None:
        element = element.rpartition(":")[2]
        if self._unread or element in _CODES or element in _OF_ANOTHER:
            self._unread += 1
        elif element == "header":
            self._wish = attributes.get("srclang", "").lower()
        elif element in ("file", "xliff"):
            source = attributes.get("source-language") or attributes.get("srcLang")
            target = attributes.get("target-language") or attributes.get("trgLang")
            if source and target:
                self.languages = (source, target)
        elif element in ("tu", "trans-unit", "segment"):
            self._unit = []
        elif element == "tuv":
            self._side = attributes.get("xml:lang") or attributes.get("lang") or ""
        elif element in ("source", "target", "seg") and self._text is None:
            self._side = self._side if element == "seg" else element
            self._text, self._size = [], 0

    def _end(self, element: str) -> None:
        element = element.rpartition(":")[2]
        if self._unread:
            self._unread -= 1
        elif element in ("source", "target", "seg") and self._text is not None:
            self._unit.append((self._side, "".join(self._text).strip()))
            self._text = None
        elif element in ("trans-unit", "segment"):
            self._add(dict(self._unit))
        elif element == "tu":
            self._add(self._of_memory())

    def _add(self, row: Mapping[str, str]) -> None:
        if text := row.get("source"):
            self._rows.append({"source": text, "target": row.get("target", "")})

    def _of_memory(self) -> dict[str, str]:
        if self.languages is None and self._unit:
            source = next((side for side, _ in self._unit if side.lower() == self._wish), self._unit[0][0])
            target = next((side for side, _ in self._unit if side.lower() != source.lower()), "")
            if not target:
                return {"source": self._unit[0][1]}
            self.languages = (source, target)
        source, target = (side.lower() for side in self.languages or ("", ""))
        told = {side.lower(): text for side, text in reversed(self._unit)}
        self.others.update(side for side, _ in self._unit if side.lower() not in (source, target))
        return {"source": told.get(source, ""), "target": told.get(target, "")}

    def _words(self, text: str) -> None:
        if self._text is not None and not self._unread:
            self._text.append(text)
            self._size += len(text)
            if self._size > SEGMENT_CHARACTERS:
                raise StudioError("{name} holds a sentence that is too long to be one.", name=self._name)

    def _refuse(self, *_: object) -> None:
        raise StudioError("{name} defines signs of its own (entities): save it without them.", name=self._name)
