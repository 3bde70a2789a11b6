r"""Cells that hold bytes as Python prints them, b'Caf\xc3\xa9': what a program wrote that forgot to decode its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

_SIGN = r"\\(?:[\\'\"nrt]|x[0-9a-f]{2})"  # what Python writes for a byte that is no plain letter
_SPELLED = re.compile(rf"\s*(b(?:'(?:[^'\\\n]|{_SIGN})*'|\"(?:[^\"\\\n]|{_SIGN})*\"))\s*")
_MOST_CHARACTERS = 1 << 24


def are_spelled(cells: Iterable[object]) -> bool:
    """True if every cell that is not empty is bytes as Python spells them."""
    filled = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return bool(filled) and all(map(_SPELLED.fullmatch, filled))


def decoded(cell: str) -> str:
    """The text of such a cell; another cell, or one whose bytes are no UTF-8, as it stands."""
    found = _SPELLED.fullmatch(cell) if len(cell) <= _MOST_CHARACTERS else None
    if not found:
        return cell
    try:
        value = ast.literal_eval(found[1])
        return value.decode("utf-8") if isinstance(value, bytes) else cell
    except (ValueError, SyntaxError):  # UnicodeDecodeError is a ValueError
        return cell
