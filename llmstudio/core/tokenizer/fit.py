"""How well a tokenizer knows a text: the share of its bytes that lie under unknown tokens, and what to say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

MUCH = 0.05
"""Share of a text from which on it must be said that a tokenizer does not know it."""


def unknown_share(tokenizer: Tokenizer, texts: Iterable[str]) -> float:
    """Share (0 to 1) of the UTF-8 bytes of `texts` that lie under unknown tokens."""
    num_bytes = num_hidden = 0
    if not tokenizer.has_unknowns:
        return 0.0
    for text in texts:
        num_bytes += len(text.encode("utf-8", "replace"))
        num_hidden += tokenizer.hidden_bytes(text)
    return num_hidden / max(1, num_bytes)


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
