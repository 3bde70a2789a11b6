"""Which tokens of a vocabulary are whole words."""

from __future__ import annotations

import unicodedata

from llmstudio.core.tokenizer.config import SPECIALS
from llmstudio.core.tokenizer.tokenizer import Tokenizer

_FIRST_IDEOGRAPH = 0x2E80


def whole_words(tokenizer: Tokenizer) -> dict[str, list[int]]:
    """The tokens that are a word, a number or a sign as a whole, by its spelling: of a sign, with and without a space.

    A token that begins with a space begins a word; one that begins with a letter and has no space may be the rest of one,
    and is left out. A Han character stands for itself.
    """
    found: dict[str, list[int]] = {}
    for id, spelled in enumerate(tokenizer.token_bytes[len(SPECIALS) :], len(SPECIALS)):
        try:
            text = spelled.decode()
        except UnicodeDecodeError:
            continue
        word = text.strip()
        if word and (text[0] == " " or not _may_go_on(word[0])):
            found.setdefault(word, []).append(id)
    return found


def _may_go_on(character: str) -> bool:
    """Whether a token that begins so may be the rest of a word."""
    return ord(character) < _FIRST_IDEOGRAPH and unicodedata.category(character)[0] in "LMN"
