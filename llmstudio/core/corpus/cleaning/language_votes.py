"""Which languages a corpus is written in: each document votes, with its length for a weight.

A bounded number of votes is taken while the corpus is written, drawn at random over all of it, so that neither a large
corpus nor one whose languages alternate is misjudged. A long document votes once for each of its sections.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmstudio.core.corpus.cleaning.languages import SPOKEN, language_of, told_language

_VOTES = 1000  # that are kept at least where there are as many; twice as many at most
_SECTION = 20_000  # characters of a document for which it votes once
_PIECES, _PIECE = 3, 250  # that are read of a section, and the characters of each
_SCRAP = 100  # characters: less does not tell its language
_SURE = 400  # characters from which a single vote is believed
_FEW = 0.2  # of all the text: undecided short texts of so much may well be in a language that is not listed
_MANY = 0.05  # of all the text: a language of so much is named whatever speaks for it


@dataclass(frozen=True)
class _Drawn:
    """A section that may vote: the number of its document, what it drew, and pieces of its text."""

    doc: int
    draw: float
    text: str
    num_characters: int


@dataclass(frozen=True)
class _Vote:
    doc: int
    language: str
    num_characters: int
    is_sure: bool = True


@dataclass(frozen=True)
class Languages:
    """What the votes came to.

    Attributes:
        shares: Keys of `languages.LANGUAGES` with their shares of the text, largest first; they add up to 1.
        num_documents: Documents that voted.
    """

    shares: tuple[tuple[str, float], ...]
    num_documents: int


class LanguageVotes:
    """Draws pieces of texts as they pass, no more than two thousand; their languages are told when all have passed."""

    def __init__(self) -> None:
        self._kept: list[_Drawn] = []
        self._below = 1.0  # a section votes if what it draws lies below
        self._random = random.Random(0)  # the same corpus tells the same

    def look(self, text: str, doc: int) -> None:
        """Let a text vote, or a part of one; it belongs to the document of this number."""
        if not text:
            return
        size = math.ceil(len(text) / math.ceil(len(text) / _SECTION))
        for start in range(0, len(text), size):
            draw = self._random.random()
            if draw < self._below:
                section = text[start : start + size]
                self._kept.append(_Drawn(doc, draw, _pieces(section), len(section)))
        if len(self._kept) > 2 * _VOTES:
            self._below /= 2
            self._kept = [drawn for drawn in self._kept if drawn.draw < self._below]

    def forget(self, doc: int) -> None:
        """Let go of the votes of a last document that was not kept after all."""
        while self._kept and self._kept[-1].doc == doc:
            self._kept.pop()

    def count(self) -> Languages:
        """The languages so far. Scraps have no say beside longer texts, unless most of the text is scraps."""
        heard = _settled(self._kept)
        votes = [vote for vote in heard if vote.num_characters >= _SCRAP]
        if 2 * _weight(votes) < _weight(heard):
            votes = heard
        votes = _believed(_decided(votes))
        shares: Counter[str] = Counter()
        for vote in votes:
            shares[vote.language] += vote.num_characters
        total = max(1, shares.total())
        return Languages(
            tuple((name, round(count / total, 4)) for name, count in shares.most_common()),
            len({vote.doc for vote in votes}),
        )


def _settled(kept: Sequence[_Drawn]) -> list[_Vote]:
    """A vote for each section; one that does not tell its language by itself is counted to what stands around it."""
    votes = []
    for drawn in kept:
        language, is_sure = told_language(drawn.text)
        votes.append(_Vote(drawn.doc, language, drawn.num_characters, is_sure))
    unsure = [vote for vote in votes if not vote.is_sure]
    if not unsure:
        return votes
    sure: Counter[str] = Counter()
    for vote in votes:
        if vote.is_sure and vote.language in SPOKEN:
            sure[vote.language] += vote.num_characters
    if sure.total() >= _weight(unsure):
        around = sure.most_common(1)[0][0]
    else:
        around = language_of("\n".join(drawn.text for drawn, vote in zip(kept, votes, strict=True) if not vote.is_sure))
    backed = {language for language, weight in sure.items() if weight >= _MANY * sure.total()}
    return [vote if vote.is_sure or vote.language in backed else replace(vote, language=around) for vote in votes]


def _decided(votes: Sequence[_Vote]) -> list[_Vote]:
    """The votes without short texts in Latin letters that hold too few small words to tell, if those are but a few."""
    decided = [vote for vote in votes if vote.language != "latin" or vote.num_characters >= _SURE]
    return decided if _weight(decided) >= (1 - _FEW) * _weight(votes) else list(votes)


def _believed(votes: Sequence[_Vote]) -> list[_Vote]:
    """The votes without those for a language for which nothing speaks but a single short text among many."""
    by_language: dict[str, list[_Vote]] = {}
    for vote in votes:
        by_language.setdefault(vote.language, []).append(vote)
    total = _weight(votes)
    return [
        vote
        for found in by_language.values()
        if len(found) > 1 or found[0].num_characters >= _SURE or _weight(found) >= _MANY * total
        for vote in found
    ]


def _weight(votes: Sequence[_Vote]) -> int:
    return sum(vote.num_characters for vote in votes)


def _pieces(text: str) -> str:
    """Pieces of a text, evenly spread over it; all of a short one."""
    if len(text) <= _PIECES * _PIECE:
        return text
    step = (len(text) - _PIECE) // (_PIECES - 1)
    return "\n".join(text[at : at + _PIECE] for at in range(0, _PIECES * step, step))
