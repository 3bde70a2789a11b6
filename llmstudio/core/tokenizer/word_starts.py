"""Where words begin in a row of tokens, for every kind of tokenizer: so that the pieces of a word may be treated together.

A token goes on with the word before it if that one ends in a letter or digit and it begins with one: `play` `ing`, `5` `0`,
but not `the` ` cat`, `do` `,` or two Han characters, each of which is a word of its own. A token that begins inside a
character goes on with whatever it shares it with.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.tokenizer.tokenizer import Tokenizer

_FIRST_IDEOGRAPH = 0x2E80  # from here on scripts that are written without spaces


class WordStarts:
    """Knows the words of one tokenizer.

    Example:
        starts = WordStarts(tokenizer)(ids)  # True where a word begins
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        spelled = tokenizer.token_bytes
        self._inside = np.fromiter((0x80 <= token[0] < 0xC0 if token else False for token in spelled), bool)
        self._begins = np.fromiter((_is_letter(token.decode("utf-8", "ignore")[:1]) for token in spelled), bool)
        self._ends = np.fromiter((_is_letter(token.decode("utf-8", "ignore")[-1:]) for token in spelled), bool)

    def __call__(self, ids: NDArray[Any]) -> NDArray[np.bool_]:
        """True where a word begins; ids (..., T), each row of T tokens beginning with a word."""
        starts: NDArray[np.bool_] = np.ones(ids.shape, bool)
        goes_on = self._inside[ids[..., 1:]] | (self._begins[ids[..., 1:]] & self._ends[ids[..., :-1]])
        starts[..., 1:] = ~goes_on
        return starts


def _is_letter(character: str) -> bool:
    return bool(character) and ord(character) < _FIRST_IDEOGRAPH and unicodedata.category(character)[0] in "LMN"
