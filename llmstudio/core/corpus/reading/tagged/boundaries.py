"""Word boundaries as tags: of each character, whether a word begins with it (B) or goes on (I)."""

from __future__ import annotations

from typing import Any

Sentence = dict[str, Any]


def word_boundaries(sentence: Sentence) -> Sentence:
    """A tagged sentence with characters for words; a space inside a word follows the character before it."""
    signs: list[str] = []
    tags: list[str] = []
    spaces: list[bool] = []
    for word, is_followed in zip(sentence["words"], sentence["spaces"], strict=True):
        begins = True
        for sign in word:
            if sign.isspace():
                if not begins:
                    spaces[-1] = True
                continue
            signs.append(sign)
            tags.append("B" if begins else "I")
            spaces.append(False)
            begins = False
        if not begins:
            spaces[-1] = is_followed
    return {"words": signs, "tags": tags, "spaces": spaces}
