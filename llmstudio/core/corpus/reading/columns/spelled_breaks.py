r"""Texts in which line breaks and quotes are spelled out, as \n and \", because a program escaped them and none undid it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPELLED = re.compile(r"\\(?:r\\n|[nrt\"'\\/])")
_OTHER = re.compile(r"\\(?![nrt\"'\\/])|[A-Za-z]:\\|\n")  # formulas, paths, and breaks that are no spelled ones
_SIGNS = {"n": "\n", "r\\n": "\n", "r": "\n", "t": "\t"}
_FEWEST, _SHARE = 3, 0.02  # of the texts have such a break


def are_escaped(cells: Iterable[object]) -> bool:
    """True if texts have their line breaks spelled out and no other backslashes, and none has a real one."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    broken = sum("\\n" in text for text in texts)
    return broken >= max(_FEWEST, _SHARE * len(texts)) and not any(map(_OTHER.search, texts))


def unescaped(text: str) -> str:
    """The text with line breaks and quotes instead of their spelling."""
    return _SPELLED.sub(lambda found: _SIGNS.get(found[0][1:], found[0][1:]), text)
