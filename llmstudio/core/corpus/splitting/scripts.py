"""Scripts of the letters in texts (Latin, Cyrillic, CJK): what is held out should be written as what is learned is.

Small pieces are kept while a corpus is written, evenly spaced over it, so that nothing has to be read again.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from llmstudio.core.corpus.config import SPLITS
from llmstudio.core.corpus.splitting.split import Documents, SplitRule
from llmstudio.core.events import Noted
from llmstudio.core.words import words

_PIECES = 500  # that are looked at
_CHARACTERS = 400  # of each
_FAIR = 0.25  # of its share among all letters: a script with less in a part has nearly nothing there
_NO_SIDES = np.zeros(0, dtype=np.uint8)  # of documents that are cut
_CALLED = {"CJK": "Chinese", "HANGUL": "Korean", "?": "unknown"}  # where the names of letters do not say it
_RARE = 0.05  # of what is learned: a script of less is foreign to it


@dataclass(frozen=True)
class Glance:
    """A piece of text: the number of its document, and the characters in the corpus before it."""

    doc: int
    start: int
    text: str


class Glances:
    """Collects pieces of texts while they are written, and holds no more than a few hundred of them.

    Attributes:
        found: The pieces so far.
    """

    def __init__(self, expected_characters: int) -> None:
        """`expected_characters` say how far apart the pieces lie; of more than was expected, every other piece is let go."""
        self.found: list[Glance] = []
        self._step = max(1, expected_characters // _PIECES)
        self._next = 0

    def look(self, texts: Iterable[str], doc: int, start: int) -> None:
        """Take pieces of the texts that follow `start` characters."""
        for text in texts:
            end = start + len(text)
            self._next = max(self._next, start)
            while self._next < end:
                at = self._next - start
                self.found.append(Glance(doc, self._next, text[at : at + min(_CHARACTERS, self._step)]))
                self._next += self._step
            start = end
        if len(self.found) > 2 * _PIECES:
            self.found, self._step = self.found[::2], 2 * self._step

    def forget(self, doc: int) -> None:
        """Let go of the pieces of a last document that was not kept after all."""
        while self.found and self.found[-1].doc == doc:
            self._next = self.found.pop().start


def scripts_of(texts: Iterable[str]) -> Counter[str]:
    """How many letters of each script texts hold, by the first word of the letters' names."""
    letters: Counter[str] = Counter()
    for text in texts:
        letters.update(text)
    found: Counter[str] = Counter()
    for letter, count in letters.items():
        if letter.isalpha():
            found[unicodedata.name(letter, "?").partition(" ")[0]] += count
    return found


def script_notes(glances: Sequence[Glance], rule: SplitRule, sides: np.ndarray) -> Iterator[Noted]:
    """A warning if most of what is held out is in a script that is rare in what is learned.

    Documents that were dealt out by chance need none. `sides` are the documents' places in `SPLITS`.
    """
    if found := _foreign(glances, rule, sides):
        message = words(
            "What is held out is in another script than most of what is learned ({val}, not {train}): scores on it say "
            "little. Import such texts as corpora of their own, or take more documents.",
            val=found[1],
            train=found[0],
        )
        yield Noted(message=message, level="warning")


def with_every_script(glances: Sequence[Glance], rule: SplitRule, documents: Documents) -> SplitRule:
    """The rule of running text, or one that cuts each document if only so both parts have every script of some size."""
    if rule.method != "position" or not _misses(glances, rule):
        return rule
    each = documents.cut_each(rule)
    return rule if _misses(glances, each) else each


def _misses(glances: Sequence[Glance], rule: SplitRule) -> bool:
    """True if a script of some size has nearly nothing in what is learned, or in what is held out."""
    parts = _scripts(glances, rule, _NO_SIDES)
    train, val = parts["train"], parts["val"]
    both = train + val
    scripts = [script for script, count in both.items() if count >= _RARE * both.total()]
    return any(part[s] * both.total() < _FAIR * both[s] * part.total() for part in (train, val) for s in scripts)


def _foreign(glances: Sequence[Glance], rule: SplitRule, sides: np.ndarray) -> tuple[str, str] | None:
    """The most frequent scripts of what is learned and of what is held out, if most of the latter is rare in the former."""
    if rule.method not in ("position", "given"):
        return None
    parts = _scripts(glances, rule, sides)
    train, val = parts["train"], parts["val"]
    foreign = sum(count for script, count in val.items() if train[script] < _RARE * train.total())
    if not train or 2 * foreign <= val.total():
        return None
    return _called(train.most_common(1)[0][0]), _called(val.most_common(1)[0][0])


def _called(script: str) -> str:
    return _CALLED.get(script, script.title())


def _scripts(glances: Sequence[Glance], rule: SplitRule, sides: np.ndarray) -> dict[str, Counter[str]]:
    """The letters of each script in each part."""
    texts: dict[str, list[str]] = {part: [] for part in SPLITS}
    for glance in glances:
        is_cut = rule.method == "position"
        part = SPLITS[glance.start >= rule.cut_of(glance.doc)] if is_cut else SPLITS[sides[glance.doc]]
        texts[part].append(glance.text)
    return {part: scripts_of(found) for part, found in texts.items()}
