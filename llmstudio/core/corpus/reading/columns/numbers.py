"""What a number is in a cell of a table: one law for everything that reads tables."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"[-+\u2212]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?\s?%?",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[-+]?\d+(?:\.0)?")


def is_number(cell: str) -> bool:
    """True for 3, -3.5, 3,5, 1,234.5, 1e5, .5 and 12%; not for ranges and dates, as 1-2."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def is_whole(cell: str) -> bool:
    """True for a whole number, also as data frames write it: 3.0."""
    return _WHOLE.fullmatch(cell.strip()) is not None
