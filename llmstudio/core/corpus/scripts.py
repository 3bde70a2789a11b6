"""Scripts of the letters in texts (Latin, Cyrillic, CJK): what is held out should be written as what is learned is."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from llmstudio.core.events import Noted
from llmstudio.core.words import words

TEXTS = 200
"""Texts that are looked at."""
_CHARACTERS = 2000  # of each
_RARE = 0.05  # of what is learned: a script of less is foreign to it


def scripts_of(texts: Iterable[str]) -> Counter[str]:
    """How many letters of each script the beginnings of the first texts hold, by the first word of the letters' names."""
    letters: Counter[str] = Counter()
    for text in itertools.islice(texts, TEXTS):
        letters.update(text[:_CHARACTERS])
    found: Counter[str] = Counter()
    for letter, count in letters.items():
        if letter.isalpha():
            found[unicodedata.name(letter, "?").partition(" ")[0]] += count
    return found


def script_notes(learned: Iterable[str], held_out: Iterable[str]) -> Iterator[Noted]:
    """A warning if most of what is held out is in a script that is rare in what is learned."""
    train, val = scripts_of(learned), scripts_of(held_out)
    foreign = sum(count for script, count in val.items() if train[script] < _RARE * train.total())
    if train and 2 * foreign > val.total():
        message = words(
            "What is held out is in another script than most of what is learned ({val}, not {train}): scores on it say "
            "little. Import such texts as corpora of their own, or take more documents.",
            val=val.most_common(1)[0][0].title(),
            train=train.most_common(1)[0][0].title(),
        )
        yield Noted(message=message, level="warning")
