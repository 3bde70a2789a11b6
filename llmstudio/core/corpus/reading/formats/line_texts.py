"""Texts whose lines hold more than words: those that begin with a label for fastText are read for what they say.

What only looks like a table, a tagged text or a file of translations is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_LABELS = re.compile(r"\ufeff?((?:__label__[^\s,]+(?:[ \t,]+|\Z))+)(.*)")
_LABELS_LAST = re.compile(r"(.*?)[ \t]*((?:(?:^|[ \t,]+)__label__[^\s,]+)+)[ \t]*")
_LINES, _FEWEST = 60, 3
_TAG = re.compile(r"(?:[BIESLU]-[A-Z]\w*|O|-X-)")
_CLASS = re.compile(r"[^\W\d_][\w -]{1,20}")
_AS_TABLE = Remedy("set", words("Read it as a table"), "reading.format", "csv")


def is_fast_text(head: str) -> bool:
    """True if all lines begin with a label as fastText has them, or all end with one: __label__good Nice boats."""
    told = head_lines(head)[:_LINES]
    return len(told) >= _FEWEST and (all(map(_LABELS.match, told)) or all(map(_LABELS_LAST.fullmatch, told)))


def fast_text_rows(source: Iterable[str | None]) -> Iterator[Row]:
    """Text and label of each line, the label first or last; several are a list, a line without one has only its text."""
    for number, line in enumerate(source, 1):
        if line is None or not line.strip():
            continue
        if found := _LABELS.match(line):
            text, told = found[2], found[1]
        elif found := _LABELS_LAST.fullmatch(line):
            text, told = found[1], found[2]
        else:
            yield PlacedRow({"text": line}, number)
            continue
        labels = [label.strip(" \t,") for label in told.split("__label__")[1:]]
        yield PlacedRow({"text": text, "label": labels if len(labels) > 1 else labels[0]}, number)


def looks_like(head: str) -> Remark | None:
    """What a text looks like that is read as running text all the same; None for prose."""
    told = head_lines(head)[:_LINES]
    if len(told) < _FEWEST:
        return None
    if sum(line.startswith("msgid ") for line in told) >= 2 and any(line.startswith("msgstr") for line in told):
        message = words("It looks like a file of translations (gettext): it was read as running text, not as pairs.")
        return Remark(message, "warning")
    cells = [line.split() for line in told]
    has_tags = all(1 < len(row) <= 10 for row in cells) and any("-" in row[-1][1:2] for row in cells)
    if has_tags and sum(_TAG.fullmatch(row[-1]) is not None for row in cells) >= 0.9 * len(cells):
        message = words("Each line holds a word and its tags: they were read as running text, tags included.")
        return Remark(message, "warning")
    if len(told) >= 2 * _FEWEST and (sign := _sign_before_class(told)):
        message = words(
            "Every line ends in {sign} and one of a few words: is it a table of texts and labels? It was read as text.",
            sign=sign,
        )
        return Remark(message, "warning", remedies=(_AS_TABLE,))
    return None


def _sign_before_class(told: list[str]) -> str:
    for sign in ";|,\t":
        ends = [line.rpartition(sign) for line in told]
        classes = {end.strip() for _, _, end in ends}
        is_short = all(begin.strip() and _CLASS.fullmatch(end.strip()) for begin, _, end in ends)
        if is_short and 2 <= len(classes) <= len(told) / 3:
            return sign
    return ""
