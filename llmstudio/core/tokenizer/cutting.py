"""Long texts are cut into pieces, so that every core has one, where this changes no token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = 10_000  # characters: about the size of a piece


@dataclass(frozen=True)
class Cutter:
    """Cuts between the words of one kind of tokenizer.

    Attributes:
        cut: Matches where a text may be cut, and what is implied there.
    """

    cut: re.Pattern[str]

    def pieces(self, text: str) -> Iterator[str]:
        """Cut a long text so that the ids of the pieces, joined, are the ids of the text; at least one piece."""
        text = sound(text)
        return (text[start:end] for start, end in self.bounds(text))

    def bounds(self, text: str) -> Iterator[tuple[int, int]]:
        """Bounds (start, end) of the pieces; between two there may be a space that the second one implies."""
        start = 0
        while len(text) - start > _PIECE and (place := self.cut.search(text, start + _PIECE)):
            if place.end() >= len(text):
                break
            yield start, place.start()
            start = place.end()
        yield start, len(text)


def sound(text: str) -> str:
    """`text` with halves of surrogate pairs replaced: they are no characters and have no bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
