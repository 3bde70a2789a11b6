"""Cells that hold a list, or an answer with its place, as a program prints it: ["a", "b"], ['a' 'b'], {'text': ['a']}.

JSON and Python part the items with commas, numpy only with white space.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

_ITEM = r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
_ARRAY = r"(?:array|Series|tuple|list)?\(?"
_LIST = re.compile(rf"\s*{_ARRAY}[\[(]\s*(?:(?:{_ITEM})\s*,?\s*)*+[\])](?:,\s*dtype=\S+?)?\)?\s*", re.DOTALL)
_ANSWER = re.compile(
    rf"\s*\{{\s*['\"]text['\"]\s*:\s*(?P<list>(?:array\()?\[\s*(?:(?:{_ITEM})\s*,?\s*)*+\])[^\[\]]*[,)}}].*\}}\s*", re.DOTALL
)
_MOST_CHARACTERS = 1 << 20
_SHARE = 0.8  # of a column's cells


def are_lists(cells: Iterable[object]) -> bool:
    """True if nearly all cells that are not empty spell out lists of texts."""
    filled = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return bool(filled) and sum(listed(cell) is not None for cell in filled) >= _SHARE * len(filled)


def listed(cell: object) -> list[str] | None:
    """The texts in a list that a cell spells out; None for any other cell."""
    if not isinstance(cell, str) or len(cell) > _MOST_CHARACTERS or not cell.lstrip().startswith(("[", "{", "(", "array")):
        return None
    if answer := _ANSWER.fullmatch(cell):
        cell = answer["list"]
    elif not _LIST.fullmatch(cell):
        return None
    return [_text(item) for item in re.findall(_ITEM, cell, re.DOTALL)]


def evaluated(cell: str) -> Any:
    """What a cell spells out, as JSON or as Python and numpy print it; the cell itself if it is neither."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):  # as most of Python's lists are: read below
        pass
    try:
        return ast.literal_eval(re.sub(r"\}\s*\{", "}, {", cell.strip()))  # numpy writes no commas between objects
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return cell


def _text(item: str) -> str:
    """What a quoted item says; what is neither JSON nor Python stays as it is between its quotes."""
    try:
        if item.startswith('"'):
            return str(json.loads(item, strict=False))
        return str(ast.literal_eval(item.replace("\n", "\\n")))
    except (ValueError, SyntaxError):
        return item[1:-1]
