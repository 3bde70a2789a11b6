"""Texts whose lines hold more than words: those that begin with a label for fastText are read for what they say.

What only looks like a table, a tagged text or a file of translations is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_LABELS = re.compile(r"\ufeff?\s*((?:__label__[^\s,]+(?:[ \t,]+|\Z))+)(.*)")
_LABELS_LAST = re.compile(r"(.*?)[ \t]*((?:(?:^|[ \t,]+)__label__[^\s,]+)+)[ \t]*")
_LINES, _FEWEST = 60, 3
_SHARE = 0.5  # of lines that bear such a label, for it is written for this alone; lines without one are told
_TAG = re.compile(r"(?:[BIESLU]-[A-Z]\w*|O|-X-)")
_CAPITALS = re.compile(r"[A-Z]{1,6}\$?|[.,:;!?]")
_MOST_COLUMNS, _FEWEST_TAGS = 10, 12
_SHARE_TAGGED, _SHARE_OF_ENDS = 0.4, 0.9  # of lines that have a tag; of their last words that are tags
_CLASS = re.compile(r"[^\W\d_][\w -]{1,20}")
_AS_LABELS = Remedy("set", words("Read them as labels"), "reading.format", "lines")
_AS_TAGS = Remedy("set", words("Read it as words with tags"), "reading.format", "conll")
_AS_TABLE = Remedy("set", words("Read it as a table"), "reading.format", "csv")


def is_fast_text(head: str) -> bool:
    """True if half of the lines or more begin or end with a label as fastText has them: __label__good Nice boats."""
    told = head_lines(head)[:_LINES]
    return num_fast_text(told) >= max(_FEWEST, _SHARE * len(told))


def num_fast_text(told: Sequence[str]) -> int:
    """How many lines bear a label of fastText's at an end."""
    return sum(bool(_LABELS.match(line) or _LABELS_LAST.fullmatch(line)) for line in told)


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
    if (num_labelled := num_fast_text(told)) >= _FEWEST:
        message = words(
            "{n|line bears a label|lines bear labels} as fastText has them (__label__x), most do not: all were read as "
            "running text.",
            n=num_labelled,
        )
        return Remark(message, "warning", remedies=(_AS_LABELS,))
    if _hold_tags([line.split() for line in told]):
        message = words(
            "Many lines hold a word and its tags, but not all have as many columns: they were read as running text, tags "
            "included."
        )
        return Remark(message, "warning", remedies=(_AS_TAGS,))
    if len(told) >= 2 * _FEWEST and (sign := _sign_before_class(told)):
        message = words(
            "Every line ends in {sign} and one of a few words: is it a table of texts and labels? It was read as text.",
            sign=sign,
        )
        return Remark(message, "warning", remedies=(_AS_TABLE,))
    return None


def _hold_tags(cells: list[list[str]]) -> bool:
    """True if many lines end in a tag: of a span (B-LOC, O), or one of a few in capitals behind few words."""
    ends = [row[-1] for row in cells if 1 < len(row) <= _MOST_COLUMNS]
    if len(ends) < _SHARE_TAGGED * len(cells) or any(len(row) > _MOST_COLUMNS for row in cells):
        return False
    spans = sum(_TAG.fullmatch(end) is not None for end in ends)
    if spans >= _SHARE_OF_ENDS * len(ends):
        return any("-" in end[1:2] for end in ends)
    fitting = [end for end in ends if _CAPITALS.fullmatch(end)]
    are_named = 2 * sum(end.isalpha() for end in fitting) > len(ends)  # tokenized prose ends in full stops alone
    is_few = 2 <= len(set(ends)) <= len(ends) / 3 and len(ends) >= _FEWEST_TAGS
    return len(fitting) >= _SHARE_OF_ENDS * len(ends) and are_named and is_few


def _sign_before_class(told: list[str]) -> str:
    for sign in ";|,\t":
        ends = [line.rpartition(sign) for line in told]
        classes = {end.strip() for _, _, end in ends}
        is_short = all(begin.strip() and _CLASS.fullmatch(end.strip()) for begin, _, end in ends)
        if is_short and 2 <= len(classes) <= len(told) / 3:
            return sign
    return ""
