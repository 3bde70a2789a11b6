"""A token as a chip: what it says, and its colour."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_SIGNS = {" ": "·", "\n": "↵", "\t": "⇥", "\r": "\\r", "\u00a0": "⍽", "\u3000": "□"}


@dataclass(frozen=True)
class Chip:
    """One token as a strip shows it.

    Attributes:
        text: The part of the text it stands for; empty where a character takes several tokens and this is not the first.
        spelling: What to write on the chip instead of `text` (a byte, say); empty for the text itself.
        id: Its number in the vocabulary; None where pieces have no number yet.
        num_bytes: UTF-8 bytes it stands for.
        count: How often the corpus holds it; None if not counted.
        is_unknown: The tokenizer has no token for this text.
        is_marked: Drawn with an accent outline (the merge just made).
    """

    text: str
    spelling: str = ""
    id: int | None = None
    num_bytes: int = 0
    count: int | None = None
    is_unknown: bool = False
    is_marked: bool = False

    @property
    def label(self) -> str:
        """What is written on it."""
        return self.spelling or visible(self.text) or "∅"

    @property
    def hue(self) -> int:
        """Number of its colour, 0 to 5."""
        # Knuth's multiplier spreads neighbouring ids; a stable sum stands in where a piece has no id.
        spelled = self.text or self.spelling
        key = self.id if self.id is not None else sum(ord(c) * (i + 1) for i, c in enumerate(spelled))
        return (key * 2654435761 >> 16) % 6


def visible(text: str) -> str:
    """`text` with signs for what one cannot see: · a space, ↵ a line end, ⇥ a tab, U+200B and the like by number."""
    return "".join(_sign(c) if not c.isprintable() or c in _SIGNS else c for c in text)


def _sign(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    # A joiner inside an emoji is part of one picture.
    return char if char == "\u200d" or unicodedata.category(char) == "Cs" else f"U+{ord(char):04X}"
