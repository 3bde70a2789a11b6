"""Which columns a file of tagged words has: two (word, tag), four (CoNLL-2003), ten (CoNLL-U), or as it says itself.

In: the beginning of a text. Out: a `Layout`, or None for a text that is no such file: prose, a table, a list of words.
Sources: Tjong Kim Sang and De Meulder 2003 (CoNLL-2003); universaldependencies.org/format.html (CoNLL-U, CoNLL-U Plus).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import PurePath

from llmstudio.core.corpus.reading.columns.cells import no_such_column
from llmstudio.core.corpus.reading.formats.plain_text import lines

BOUNDARIES = "word boundaries"
"""Value of the setting `reading.tags` for which characters are tagged with where words begin."""
CONLLU = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
ENDINGS = frozenset((
    ".conll", ".conllu", ".conllup", ".conllx", ".bio", ".bio2", ".bioes", ".iob", ".iob2", ".iobes", ".bmes", ".tags",
    ".tagged", ".pos", ".ner", ".train", ".dev", ".test", ".testa", ".testb", ".valid",
))  # fmt: skip
"""Endings of names under which such files lie."""
_SURE = frozenset(ending for ending in ENDINGS if ending[1:] not in ("train", "dev", "test", "testa", "testb", "valid"))
_LINES, _FEWEST = 400, 3  # lines that are looked at, and that must be there
_MOST_COLUMNS = 60
_ID = re.compile(r"\d+(?:[-.]\d+)?")
_BIO = re.compile(r"O|[BIOESLUM](?:[-_]\S+)?")
_NAMED_BIO = re.compile(r"[BIESLUM][-_]\S+")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9$+|:=._-]{0,15}|[^\w\s]{1,5}|-[A-Z]{3}-")
_SMALL = re.compile(r"[A-Za-z][\w$+|:=.-]{0,15}|[^\w\s]{1,5}")
_GLOBAL = "# global.columns ="
_DOCUMENT = ("-DOCSTART-", "#begin document", "#end document")
_USUAL, _FEW_TAGS = 0.9, 60  # share of lines that must fit; different tags
_SOME = 0.4  # share that must fit where the name says what the file is: its broken rows are then told, not read as prose


@dataclass(frozen=True)
class Layout:
    """What stands where in the lines of a file.

    Attributes:
        columns: Their names; "1", "2" and so on where the file has none.
        word: Which of them is the word, from 0.
        tag: Which of them is its tag.
        is_tabbed: Whether tabs part them; else any run of spaces and tabs.
        has_ids: Whether the first numbers the words of a sentence: 1, 2-3 for a range, 2.1 for an empty node.
        misc: Which of them says that no space follows (SpaceAfter=No); -1 if none does.
        is_bio: Whether the tags are spans: B-X, I-X, O.
        has_header: Whether the first line names the columns.
        tags: The tags seen at the beginning.
        missing: What stands where a word has no tag; empty if every sign is one.
    """

    columns: tuple[str, ...]
    word: int
    tag: int
    is_tabbed: bool
    has_ids: bool = False
    misc: int = -1
    is_bio: bool = False
    has_header: bool = False
    tags: frozenset[str] = field(default_factory=frozenset)
    missing: str = ""

    def cells(self, line: str) -> list[str]:
        """The columns of a line."""
        return _cells(line, self.is_tabbed)

    def is_comment(self, line: str) -> bool:
        """True for a line that begins with # and is no word: in a tweet, #fun is one."""
        if not line.startswith("#"):
            return False
        cells = self.cells(line)
        if self.has_ids or len(cells) != len(self.columns):
            return True
        tag = cells[self.tag]
        is_tag = _BIO.fullmatch(tag) if self.is_bio else tag in self.tags or not any(map(str.isalnum, tag))
        return not is_tag

    def chosen(self, text: str, tags: str, name: str) -> Layout:
        """This layout with the columns that a person named for the word and its tag; empty names change nothing.

        Raises:
            StudioError: There is no such column.
        """
        layout = self
        if text:
            layout = replace(layout, word=self._place(text, name))
        if tags and tags != BOUNDARIES:
            place = self._place(tags, name)
            can_miss = self.has_ids and self.columns[place] in ("UPOS", "XPOS", "HEAD", "DEPREL")
            is_bio = self.is_bio and place == self.tag
            layout = replace(layout, tag=place, is_bio=is_bio, missing="_" if can_miss else "")
        return layout

    def _place(self, column: str, name: str) -> int:
        wanted = [place for place, own in enumerate(self.columns) if own.casefold() == column.strip().casefold()]
        if column.strip().isdigit() and not wanted and 0 < int(column) <= len(self.columns):
            wanted = [int(column) - 1]
        if not wanted:
            raise no_such_column(column, name, self.columns, "reading.tags")
        return wanted[0]


def is_document_mark(line: str) -> bool:
    """True for a line that parts documents and is no sentence."""
    return line.startswith(_DOCUMENT)


def find_layout(name: str, head: str, *, is_sure: bool = False, may_guess: bool = True) -> Layout | None:
    """How the lines of a file are laid out.

    Args:
        name: The file's name.
        head: The beginning of its text.
        is_sure: Whether somebody says that it is such a file: then only the columns are sought.
        may_guess: Whether other tags than those of spans are enough; in a table of a program, they may be anything.
    """
    told = [line for line in lines([head.lstrip("\ufeff")]) if line is not None]
    told = (told if head.endswith(("\n", "\r")) or len(told) < _LINES else told[:-1])[: 2 * _LINES]
    if (columns := _named_columns(told)) or _is_conllu([line.split("\t") for line in told]):
        return _of_names(columns or CONLLU)
    if _is_conllu(spaced := [line.split() for line in told if "\t" not in line]) and _have_heads(spaced):
        return replace(_of_names(CONLLU), is_tabbed=False)  # copied from where tabs became spaces
    filled = [line for line in told if line.strip() and not is_document_mark(line)]
    plain = [line for line in filled if not line.startswith(("# ", "#\t"))][:_LINES]
    if len(plain) < (1 if is_sure else _FEWEST):
        return None
    is_tabbed = sum("\t" in line.rstrip() for line in plain) >= _USUAL * len(plain)
    rows = [_cells(line, is_tabbed) for line in plain]
    is_said, is_sure = is_sure, is_sure or PurePath(name).suffix.lower() in _SURE
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if not 2 <= width <= _MOST_COLUMNS or count < (_SOME if is_sure else _USUAL) * len(rows):
        return None
    rows = [row for row in rows if len(row) == width]
    breaks = sum(1 for line, after in pairwise(told) if line.strip() and not after.strip())
    layout = _of_rows(rows, is_tabbed, breaks, is_sure, may_be_small=is_sure or not is_table_name(name))
    if layout and not is_said and not layout.tags:
        return None  # the name alone says so: prose may bear it, such as rt-polarity.pos
    return layout if layout is None or is_sure or may_guess or layout.is_bio else None


def is_table_name(name: str) -> bool:
    """True if a file's name says that it holds a table."""
    return PurePath(name).suffix.lower() in (".csv", ".tsv", ".tab")


def _cells(line: str, is_tabbed: bool) -> list[str]:
    if is_tabbed:
        return [cell.strip(" ") for cell in line.rstrip("\r\n").split("\t")]
    return [cell for cell in re.split(r"[ \t]+", line.strip(" \t\r\n"))]


def _named_columns(told: Sequence[str]) -> tuple[str, ...]:
    """The columns that a file of the kind CoNLL-U Plus names in its first line."""
    first = next((line for line in told if line.strip()), "")
    return tuple(first[len(_GLOBAL) :].split()) if first.startswith(_GLOBAL) else ()


def _of_names(columns: tuple[str, ...]) -> Layout:
    place = {column.upper().rpartition(":")[2]: number for number, column in enumerate(columns)}
    usual = next((place[column] for column in ("UPOS", "NER", "XPOS", "POS", "TAG") if column in place), len(columns) - 1)
    word = place.get("FORM", 0)
    return Layout(columns, word, usual, is_tabbed=True, has_ids="ID" in place, misc=place.get("MISC", -1), missing="_")


def _is_conllu(found: Sequence[Sequence[str]]) -> bool:
    rows = [row for row in found if "".join(row).strip() and not row[0].startswith("#")]
    fitting = sum(len(row) == len(CONLLU) and _ID.fullmatch(row[0]) is not None for row in rows)
    return len(rows) > 0 and fitting >= _USUAL * len(rows) and rows[0][0].split("-")[0].split(".")[0] in ("0", "1")


def _have_heads(found: Sequence[Sequence[str]]) -> bool:
    """True if words name the number of the word that they hang on, as no sentence of ten words does."""
    rows = [row for row in found if len(row) == len(CONLLU) and _ID.fullmatch(row[0])]
    return all(row[6] == "_" or row[6].isdecimal() for row in rows) and all(row[3] == row[3].upper() for row in rows)


def _of_rows(rows: list[list[str]], is_tabbed: bool, breaks: int, is_sure: bool, *, may_be_small: bool) -> Layout | None:
    """The layout of lines with equally many columns and no names."""
    width = len(rows[0])
    header = rows[0] if _is_header(rows) else None
    rows = rows[1:] if header else rows
    has_ids = width > 2 and all(row[0].isdecimal() for row in rows) and _run(rows)
    word = int(has_ids)
    columns = list(zip(*rows, strict=True))
    tagged = [place for place in range(width) if place != word and _are_spans(columns[place])]
    is_bio, tag = bool(tagged), -1
    if width - 1 in tagged:
        tag = tagged[0] if has_ids else width - 1  # behind a number stand outer spans, then inner ones
    elif tagged and tagged[0] == 0 and not has_ids:
        tag, word = 0, width - 1  # the tag before the word
    elif tagged:
        tag = tagged[-1]
    elif not has_ids and _are_spans(columns[0]):
        is_bio, tag, word = True, 0, width - 1
    if is_bio and not _is_plausible(columns[word], columns[tag], breaks, is_sure):
        return None
    if not is_bio:
        are_tags = _are_small_tags if is_sure or (may_be_small and width == 2) else _are_tags
        are_parted = breaks >= (0 if is_sure else 2) and (is_sure or len(rows) >= 1.5 * breaks)
        num_words = len(set(columns[word]))
        likely = [n for n in range(width - 1, word, -1) if are_tags(columns[n]) and len(set(columns[n])) < num_words]
        if not (are_parted and likely and _are_words(columns[word])):
            return Layout(_numbers(width), 0, width - 1, is_tabbed) if is_sure and _are_words(columns[0]) else None
        tag = likely[0]
    names = tuple(header) if header else _numbers(width)
    return Layout(
        names, word, tag, is_tabbed, has_ids, is_bio=is_bio, has_header=header is not None, tags=frozenset(columns[tag])
    )


def _numbers(width: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, width + 1))


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """True if the first row has a name where all others have a tag of a span."""
    first, rest = rows[0], rows[1:]
    if len(rest) < _FEWEST or len(set(first)) < len(first) or not all(map(str.strip, first)):
        return False
    spans = [place for place in range(len(first)) if _are_spans([row[place] for row in rest])]
    return any(not _BIO.fullmatch(first[place]) and first[place][:1].isalpha() for place in spans)


def _run(rows: Sequence[Sequence[str]]) -> bool:
    """True if the first column counts on from row to row, or begins anew."""
    numbers = [int(row[0]) for row in rows]
    return all(after in (0, 1, before + 1) for before, after in pairwise(numbers))


def _are_spans(cells: Sequence[str]) -> bool:
    fitting = sum(_BIO.fullmatch(cell) is not None for cell in cells)
    return fitting >= 0.95 * len(cells) and len(set(cells)) < max(3, len(cells))


def _is_plausible(word_cells: Sequence[str], tag_cells: Sequence[str], breaks: int, is_sure: bool) -> bool:
    """True unless a table has a column of single letters: names beside blood groups have no blank lines and no types."""
    has_types = any(map(_NAMED_BIO.fullmatch, tag_cells))
    return _are_words(word_cells) and (is_sure or has_types or breaks >= 2)


def _are_words(cells: Sequence[str]) -> bool:
    return sum(" " not in cell and len(cell) <= 60 for cell in cells) >= _USUAL * len(cells) and len(set(cells)) > 1


def _are_tags(cells: Sequence[str]) -> bool:
    return _fit(cells, _CAPITALS, 3)


def _are_small_tags(cells: Sequence[str]) -> bool:
    return _fit(cells, _CAPITALS, 3) or _fit(cells, _SMALL, 6)


def _fit(cells: Sequence[str], pattern: re.Pattern[str], share: int) -> bool:
    found = set(cells)
    if 2 * sum(any(map(str.isalpha, cell)) for cell in cells) < len(cells):
        return False
    fitting = sum(pattern.fullmatch(cell) is not None for cell in cells)
    return 2 <= len(found) <= min(_FEW_TAGS, max(2, len(cells) // share)) and fitting >= 0.95 * len(cells)
