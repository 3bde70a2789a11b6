"""Sentences with a tag at each word in the line itself: "The/at dog/nn", "The_DT dog_NN", "EU|NNP|B-ORG rejects|VBZ|O".

In: lines. Out: rows with a list of words and lists of their tags, as `tagged_rows` reads them. The last sign parts the tag
from the word, so that 1/2/nn is the word 1/2. Brackets around several words with a tag of their own, as the People's Daily
has them ([中央/n 电台/n]nt), and the number of a line before its words are left out.

Source: Francis and Kučera 1979 (Brown); Nothman et al. 2013, doi:10.1016/j.artint.2012.03.006 (WikiNER).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from llmstudio.core.corpus.reading.chats.told import FAILED, Told
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.reading.tagged.tagged_rows import is_entity

_SIGNS = ("|", "/", "_")
_LINES, _FEWEST = 100, 12  # lines that are looked at; words that must be there
_TAG = re.compile(r"[A-Za-z][\w$*+.:-]{0,19}|[^\w\s]{1,4}")
_CLOSED = re.compile(r"\](?:/?\w{1,4})?$")
_NUMBER = re.compile(r"\d{8}-\d\d-\d{3}-\d{3}(?:-\d{3})?/m\s+")
_NEARLY_ALL, _FEW_TAGS = 0.97, 150


def inline_sign(told: Sequence[str]) -> str:
    """The sign that parts words from tags in lines that hold something; empty if they are no such sentences."""
    for sign in _SIGNS:
        items = [item for line in told[:_LINES] for item in _items(line, sign)]
        width = max((len(item) for item in items[:_FEWEST]), default=0)
        if len(items) < _FEWEST or not 2 <= width <= 4 or (width > 2 and sign != "|"):
            continue
        fitting = [
            item
            for item in items
            if len(item) == width and item[0] and "//" not in item[0] and all(map(_TAG.fullmatch, item[1:]))
        ]
        tags = [item[-1] for item in fitting]
        are_tags = 2 <= len(set(tags)) <= min(_FEW_TAGS, 0.7 * len(tags)) and any(map(str.isalpha, "".join(tags)))
        if len(fitting) >= _NEARLY_ALL * len(items) and are_tags and len({item[0] for item in fitting}) > len(set(tags)) / 2:
            return sign
    return ""


def inline_rows(lines: Iterable[str | None], sign: str, told: Told) -> Iterator[Row]:
    """The sentences; one with a word that has no tag keeps an empty tag there, so that it is left out and told."""
    for number, line in enumerate(lines, 1):
        if line is None:
            told.add(FAILED)
        elif items := _items(line.lstrip("\ufeff"), sign):
            width = max(map(len, items))
            cells = [item if len(item) == width else [*item, *[""] * (width - len(item))] for item in items]
            found, *tags = (list(column) for column in zip(*cells, strict=True))
            names = _names(tags)
            yield PlacedRow({"words": found} | dict(zip(names, tags, strict=True)), number)


def _names(tags: Sequence[Sequence[str]]) -> list[str]:
    """What the columns of tags are called: the last is the one to learn, those before it parts of speech and others."""
    if len(tags) == 1:
        return ["tags"]
    last = "ner_tags" if any(map(is_entity, tags[-1])) else "tags"
    return ["pos_tags", *(f"tags_{number}" for number in range(2, len(tags))), last]


def _items(line: str, sign: str) -> list[list[str]]:
    """The words of a line with their tags; in lines with brackets around words these are taken away."""
    line = _NUMBER.sub("", line) if sign == "/" else line
    are_bracketed = sign == "/" and re.search(r"(?:^|\s)\[\S.*/\w+\]", line) is not None
    items = []
    for item in line.split():
        if are_bracketed:
            item = _CLOSED.sub("", item)
            item = item[1:] if item.startswith("[") and not item.startswith("[/") else item
        items.append(item.split("|") if sign == "|" and item.strip("|") else item.rsplit(sign, 1))
    return items
