"""Lines of a label and a text: "LOC Where is Graz ?", "0 a dull film", "a fine film<tab>pos", "a fine film;pos".

In: the beginning of a file whose name tells little. Out: whether all lines are such, for sure or perhaps; and their rows.
A line of a play or a chat begins with a name that comes again, too: so a label before a text is sure only if names and words
are not spelled like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.files.folders import CLASSES
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.placed_rows import PlacedRow

_LINES, _FEWEST, _FEWEST_TABBED = 400, 12, 8
_EACH, _EACH_UNSURE = 3, 8  # lines a label on average
_FILLED = 0.75  # share of the lines with a text
_LONGEST, _MOST_DIGITS = 40, 50
_LINE = re.compile(r"\ufeff?(\S{1,40})(?:[ \t]+(\S.*))?")
_FINE = re.compile(r"[A-Za-z]\w*:\w+")  # a class and a finer one, as DESC:manner
_COARSE = frozenset(("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"))  # of TREC (Li and Roth, 2002)
_PERHAPS = re.compile(r"[A-Z]{2,12}|\d{1,2}")
_NAME = re.compile(r"[^\W\d][\w-]{1,30}")  # of a class, where a sign is between it and its text
_LEVELS = frozenset(("INFO", "WARN", "WARNING", "ERROR", "DEBUG", "TRACE", "FATAL", "NOTICE", "CRITICAL"))


def has_labels_first(head: str) -> bool | None:
    """Whether each line begins with a label and goes on with a text: True for sure, None perhaps, else False."""
    told = head_lines(head)[:_LINES]
    found = [_LINE.fullmatch(line.rstrip()) for line in told]
    if len(told) < _FEWEST or not all(found):
        return False
    labels = [match[1] for match in found if match]
    texts = [match[2] for match in found if match and match[2]]
    if (
        len(texts) < _FILLED * len(told)
        or not 2 <= len(set(labels)) <= len(told) / _EACH
        or sum(map(_num_words, texts)) < 2 * len(texts)
    ):
        return False
    if _are_sure(labels):
        return True
    is_likely = len(set(labels)) <= len(told) / _EACH_UNSURE and all(map(_PERHAPS.fullmatch, labels))
    return None if is_likely and not set(labels) <= _LEVELS and not _counts_on(labels, 0.4) else False


def has_labels_behind_tab(head: str) -> bool:
    """True if each line holds a text, a tab and one of a few labels; or the label first, where it is surely one."""
    told = head_lines(head)[:_LINES]
    rows = [[cell.strip() for cell in line.split("\t")] for line in told]
    if len(told) < _FEWEST_TABBED or any(len(row) != 2 or not row[1] for row in rows):
        return False
    firsts, lasts = [row[0] for row in rows], [row[1] for row in rows]
    return _are_labels(lasts, firsts) or (_are_sure(firsts) and _are_labels(firsts, lasts))


def sign_before_label(told: Sequence[str]) -> str:
    """The sign between text and label where each of these lines ends in one and a label; empty if they do not."""
    for sign in ("||", "@", ";", "|"):
        rows = [line.rpartition(sign) for line in told[:_LINES]]
        texts, labels = [row[0].strip() for row in rows], [row[2].strip() for row in rows]
        are_named = all(_NAME.fullmatch(label) for label in set(labels)) and all(texts)
        if (
            len(told) >= _FEWEST
            and are_named
            and _are_labels(labels, texts)
            and sum(map(_num_words, texts)) >= 3 * len(texts)
        ):
            return sign
    return ""


def rows_before_sign(source: Iterable[str | None], sign: str) -> Iterator[Row]:
    """Text and label of each line, of which `sign` stands before the label."""
    for number, line in enumerate(source, 1):
        if line is not None and line.strip():
            text, _, label = line.lstrip("\ufeff").rpartition(sign)
            yield PlacedRow({"label": label.strip(), "text": text.strip()}, number)


def labelled_rows(source: Iterable[str | None]) -> Iterator[Row]:
    """Label and text of each line; a line with one word has a label and no text."""
    for number, line in enumerate(source, 1):
        if line is None or not line.strip():
            continue
        label, *text = line.lstrip("\ufeff").strip().split(maxsplit=1)
        yield PlacedRow({"label": label, "text": text[0] if text else ""}, number)


def _are_sure(labels: Sequence[str]) -> bool:
    found = set(labels)
    if found <= _COARSE or all(map(_FINE.fullmatch, found)) or {label.casefold() for label in found} <= CLASSES:
        return len(found) > 1
    if not all(label.isdecimal() and len(label) < 3 for label in found) or _counts_on(labels):
        return False
    numbers = sorted(map(int, found))
    return len(numbers) > 1 and numbers[0] == 0 and numbers[-1] <= min(_MOST_DIGITS, 1.5 * len(numbers))  # some are rare


def _counts_on(labels: Sequence[str], share: float = 0.5) -> bool:
    """True for numbers that number the lines: more than such a share are one more than the one before."""
    if not all(map(str.isdecimal, labels)):
        return False
    numbers = list(map(int, labels))
    steps = sum(after == before + 1 for before, after in pairwise(numbers))
    return steps > share * len(numbers)


def _are_labels(labels: Sequence[str], texts: Sequence[str]) -> bool:
    found = set(labels)
    are_short = all(label and len(label) <= _LONGEST and not label.endswith((".", "!", "?", "。")) for label in found)
    are_longer = sum(map(len, texts)) > 2 * sum(map(len, labels))
    return 2 <= len(found) <= len(labels) / _EACH and are_short and are_longer and 2 * len(set(texts)) > len(texts)


def _num_words(text: str) -> int:
    """How many words there are, about; figures alone are none."""
    if text.isascii():
        return sum(any(map(str.isalpha, word)) for word in text.split())
    return max(len(text.split()), len(text) // 2)
