"""How well a tokenizer knows a text: what of it lies under unknown tokens, the share of that, and what to say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

MUCH = 0.05
"""Share of a text from which on it must be said that a tokenizer does not know it."""
_NAMED, _LONGEST_NAMED = 12, 30


def unknown_share(tokenizer: Tokenizer, texts: Iterable[str]) -> float:
    """Share (0 to 1) of the UTF-8 bytes of `texts` that lie under unknown tokens."""
    num_bytes = num_hidden = 0
    if not tokenizer.has_unknowns:
        return 0.0
    for text in texts:
        num_bytes += len(text.encode("utf-8", "replace"))
        num_hidden += tokenizer.hidden_bytes(text)
    return num_hidden / max(1, num_bytes)


def unknown_places(tokenizer: Tokenizer, text: str) -> list[tuple[int, int]]:
    """Where in a text its unknown stretches stand, (start, end) in characters, in order; white space around them is left
    out, and so is what is nothing else.
    """
    if not text or not tokenizer.has_unknowns:
        return []
    found = []
    for span in tokenizer.spans(text):
        inner = text[span.start : span.end]
        if span.is_unknown and inner.strip():
            start = span.start + len(inner) - len(inner.lstrip())
            found.append((start, start + len(inner.strip())))
    return found


def not_read(tokenizer: Tokenizer, texts: Iterable[str]) -> Words | None:
    """What of texts that are asked a model does not read, since its tokenizer lacks it; None if it knows them all."""
    pieces = dict.fromkeys(text[start:end] for text in texts for start, end in unknown_places(tokenizer, text))
    if not pieces:
        return None
    named = [piece if len(piece) <= _LONGEST_NAMED else piece[:_LONGEST_NAMED] + "…" for piece in pieces][:_NAMED]
    if len(pieces) > len(named):
        return words(
            "Not known to this model and not read: {pieces} and {n:,} more.",
            pieces=" ".join(named),
            n=len(pieces) - len(named),
        )
    return words("Not known to this model and not read: {pieces}", pieces=" ".join(named))


def percent(share: float) -> str:
    """A share as people read it; never 0 % or 100 % of what is neither."""
    return f"{min(99.9, max(0.1, 100 * share)):.1f} %" if 0 < share < 0.01 or 0.99 < share < 1 else f"{100 * share:.0f} %"


def advice(kind: str) -> Words:
    """Which tokenizer to build where one of this kind does not know the text."""
    if kind == "char":
        return words("Build one with a larger vocabulary, or with byte-pair encoding, to which nothing is unknown.")
    if kind == "word":
        return words(
            "Build one with byte-pair encoding, to which nothing is unknown: whole words fit texts that put spaces between "
            "them and come back often."
        )
    return words("Build one with byte-pair encoding, to which nothing is unknown.")
