"""How much prose stands in a column: what people wrote to be read, and not dates, numbers, addresses and names of things.

In: the cells of a column. Out: a figure that is only good for comparing the columns of one table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ADDRESS = re.compile(r"(?:\w+://|www\.)\S+|\S+@\S+\.\w+|(?<!\S)(?:[A-Za-z]:)?(?:[\\/][\w.~-]+){2,}(?!\S)")
_TAG = re.compile(r"<[^<>]{1,300}>")
_DATE_WORDS = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)\.?|(?:january|february|march|april|june|july|august|september"
    r"|october|november|december)|(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\.?"
    r"|am|pm|utc|gmt|[ecmp][ds]t|cest|cet|[tz]|st|nd|rd|th|[年月日时時分秒]|星期[一二三四五六日天]|[上下]午",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*", re.UNICODE)
_DENSE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]"
)
_CODE_NAME = re.compile(r"\S*[\d_/\\:#=]\S*")
_LICENCE = re.compile(
    r"\bCC[- ]?(?:BY|0|SA)\b|creative commons|\blicen[cs]ed?\b|copyright|©(?=\s*\w)|attribution:|public domain"
    r"|all rights reserved",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"(?:\S.*)?\.(?:jpe?g|png|gif|webp|bmp|tiff?|svg|mp[34]|avi|mkv|mov|webm|wav|flac|ogg|m4a|txt|csv|tsv|jsonl?|xml|html?|pdf"
    r"|docx?|py|zip|gz)(?:#\d+)?",
    re.IGNORECASE,
)
_LONGEST_WORD = 60  # what is longer without a gap is a key, a picture in letters, a sequence
_LONGEST_LICENCE = 300
_BESIDE_A_LICENCE = 6  # words of a line about rights that its usual ones are not: a name, a year, a version
_MOST_LOOKED_AT = 4000  # characters of a cell: enough to tell columns apart


def prose(cells: Sequence[str], num_rows: int) -> float:
    """Letters of prose in a row on average; 0 for a column of numbers, dates, addresses or codes.

    Args:
        cells: The cells that are not blank.
        num_rows: Rows there are, those with a blank cell included.
    """
    if not cells or not num_rows:
        return 0.0
    if are_licences(cells):
        return 0.0
    # Names of classes, licences and places come again and again; texts seldom do, so a third of them may.
    is_new = min(1.0, 3 * len(set(cells)) / len(cells)) if len(cells) > 3 else 1.0
    return is_new * sum(map(_prose_in, cells)) / num_rows


def are_licences(cells: Sequence[str]) -> bool:
    """True if most cells say who may use something, and whose it is, and hardly anything else.

    Texts that speak of licences, or end in such a line, have words of their own beside it.
    """
    found = [cell for cell in cells if len(cell) <= _LONGEST_LICENCE and _LICENCE.search(cell)]
    if 2 * len(found) <= len(cells):
        return False
    if len(cells) > 3 and 2 * len(set(cells)) <= len(cells):
        return True
    return sum(_words_beside(cell) <= _BESIDE_A_LICENCE for cell in found) > len(found) / 2


def _words_beside(licence: str) -> int:
    return len(_WORD.findall(_ADDRESS.sub(" ", _LICENCE.sub(" ", licence))))


def has_tags(cell: str) -> bool:
    """True for a text with the marks of a page: <p>, </div>."""
    return len(_TAG.findall(cell[:_MOST_LOOKED_AT])) > 1


def is_file_name(cell: str) -> bool:
    """True for the name or address of a file: photos/0001.jpg, talk 3.mp4."""
    return bool(_FILE.fullmatch(cell.strip()))


def is_date(cell: str) -> bool:
    """True for a date, a time, or both, in figures or with the names of days and months."""
    if len(cell) < 6 or cell.isdigit() or not any(sign.isdigit() for sign in cell):
        return False
    return not any(sign.isalpha() for sign in re.sub(r"[^\W\d_]+", lambda word: _undated(word[0]), cell))


def _undated(word: str) -> str:
    return _DATE_WORDS.sub("", word) if _DATE_WORDS.fullmatch(word) or not word.isascii() else word


def _prose_in(cell: str) -> float:
    cell = _TAG.sub(" ", _ADDRESS.sub(" ", cell[:_MOST_LOOKED_AT])).strip()
    if not cell or is_date(cell):
        return 0.0
    dense = len(_DENSE.findall(cell))
    if not dense and not re.search(r"\s", cell):
        if _CODE_NAME.fullmatch(cell) or len(cell) > _LONGEST_WORD:
            return 0.05
        return 0.3 * sum(sign.isalpha() for sign in cell)  # a word alone is seldom what people wrote
    found = [word for word in _WORD.findall(cell) if len(word) <= _LONGEST_WORD]
    letters = sum(map(len, found)) + dense  # a sign of Chinese says as much as two letters
    visible = sum(not sign.isspace() for sign in cell)
    share = letters / visible if visible else 0.0
    if len(found) < 2 and dense < 4:
        return 0.3 * letters
    return letters if share >= 0.5 else letters * share
