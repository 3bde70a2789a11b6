"""Where spaces stood between the words of a sentence, whose file lists the words one by one.

A file may say it (SpaceAfter=No), or give the sentence as it was written in a comment. Where it does neither, a space is put
between words, but none between signs of scripts that are written without spaces, before a full stop, behind a bracket, or
before what is left of a word, as n't and 's: a model would else never see a full stop as texts have it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x30FF), (0x31C0, 0xA4CF), (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F), (0xFF01, 0xFF60), (0x20000, 0x3FFFF),
)  # fmt: skip

DENSE = "".join(f"{chr(low)}-{chr(high)}" for low, high in _WITHOUT_SPACES)
"""Signs of these scripts, as a class of a regular expression holds them."""

_OPENING = re.compile(r"[(\[{¿¡]")
_CLOSING = re.compile(r"[.,;:!?)\]}…%]|\.{2,}|[!?]{2,}|n['’]t|['’](?:s|re|ve|ll|d|m)", re.IGNORECASE)


def spaces_in(text: str, words: Sequence[str]) -> list[bool] | None:
    """Whether a space follows each word in the text that they come from; None if it holds other words."""
    spaces, at = [], 0
    for word in words:
        while at < len(text) and text[at].isspace() and not text.startswith(word, at):
            at += 1
        if not text.startswith(word, at):
            return None
        at += len(word)
        spaces.append(at >= len(text) or text[at].isspace())
    return None if text[at:].strip() else spaces


def usual_spaces(words: Sequence[str]) -> list[bool]:
    """A space behind each word, but none where two signs meet of scripts that have none, and around some punctuation."""
    return [not _touch(one, other) for one, other in pairwise(words)] + [True]


def _touch(one: str, other: str) -> bool:
    are_dense = _is_dense(one[-1]) and _is_dense(other[0])
    return are_dense or _OPENING.fullmatch(one) is not None or _CLOSING.fullmatch(other) is not None


def _is_dense(sign: str) -> bool:
    return any(low <= ord(sign) <= high for low, high in _WITHOUT_SPACES)
