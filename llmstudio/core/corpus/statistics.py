"""What a corpus looks like in figures, counted while it is written.

Documents, characters, bytes, lengths and characters are counted in full. Words of a large corpus are counted on evenly
spaced pieces; `sampled_share` says how much was looked at. Languages come from `language_votes`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from llmstudio.core.typed import made

SAMPLE_CHARACTERS = 2_000_000
"""About so many characters are looked at for words."""
TOP_CHARACTERS, TOP_WORDS, TOP_LABELS = 200, 200, 1000
_BUFFER = 1 << 18  # characters gathered before they are counted at once
_MANY_WORDS = 200_000
_WORD = re.compile("[^\\W\\d_\u3040-\u309f\u3400-\u9fff\uf900-\ufaff]+(?:['\u2019][^\\W\\d_]+)?")
_SPACE = re.compile(r"\s")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]{2,}")


@dataclass(frozen=True)
class Statistics:
    """Figures of a corpus.

    Attributes:
        num_documents: Documents.
        num_characters: Characters of all texts.
        num_bytes: The same in UTF-8.
        min_length: Characters of the shortest document; likewise `max_length` and `mean_length`.
        length_edges: Borders of the histogram's bins, characters; one more than there are bins.
        length_counts: Documents in each bin, lower border included.
        num_different_characters: How many different ones there are.
        characters: The most frequent, with counts.
        words: The most frequent in the sample, small letters, with counts; of Chinese, pairs of neighbouring characters.
        num_different_words: In the sample; a lower bound for a large vocabulary.
        languages: Keys of `languages.LANGUAGES` with their shares of the text, largest first.
        num_language_documents: Documents that `languages` was found from; 0 in corpora of early versions.
        sampled_share: Share of the characters that words were counted on.
        labels: Labels with the number of documents each.
        tags: Tags with the number of words each; empty unless words are tagged, or a tagger was named for the import.
        tag_words: The most frequent words of each tag, with counts; of spans that a tagger replaced, the spans.
        splits: Documents and characters of train, val and test.
    """

    num_documents: int = 0
    num_characters: int = 0
    num_bytes: int = 0
    min_length: int = 0
    max_length: int = 0
    mean_length: float = 0.0
    length_edges: tuple[int, ...] = ()
    length_counts: tuple[int, ...] = ()
    num_different_characters: int = 0
    characters: tuple[tuple[str, int], ...] = ()
    words: tuple[tuple[str, int], ...] = ()
    num_different_words: int = 0
    languages: tuple[tuple[str, float], ...] = ()
    num_language_documents: int = 0
    sampled_share: float = 1.0
    labels: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()
    tag_words: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    splits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Statistics:
        """Inverse of `to_dict`; unknown names are left out. Raises TypeError if one is of another type."""
        return made(cls, {name: _rich(value) for name, value in data.items() if name in cls.__dataclass_fields__})


class Tally:
    """Counts as documents pass. A second one may count a document that is still in doubt, and be merged or forgotten."""

    def __init__(self, expected_characters: int = 0) -> None:
        """`expected_characters` of the whole corpus decide how densely it is sampled."""
        self._share = min(1.0, SAMPLE_CHARACTERS / max(1, expected_characters))
        self._expected = expected_characters
        self._buffer: list[str] = []
        self._buffered = 0
        self._codes = np.zeros(0, dtype=np.int64)  # count of each code point
        self._words: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self.num_by_tag: Counter[str] = Counter()
        self._lengths = [0] * 48  # documents by the number of binary digits of their length
        self._min, self._max = 1 << 62, 0
        self._sampled = 0
        self.num_documents = self.num_characters = self.num_bytes = 0

    def fresh(self) -> Tally:
        """An empty tally that samples as densely as this one."""
        return Tally(self._expected)

    def add(self, text: str, num_bytes: int) -> None:
        """Count a text, or a part of one."""
        self.num_characters += len(text)
        self.num_bytes += num_bytes
        self._buffer.append(text)
        self._buffered += len(text) + 1
        if self._buffered >= _BUFFER:
            self._count()

    def end_document(self, num_characters: int, labels: Iterable[str] = (), tags: Iterable[str] = ()) -> None:
        """The texts since the last call were one document."""
        self.num_documents += 1
        self._lengths[num_characters.bit_length()] += 1
        self._min, self._max = min(self._min, num_characters), max(self._max, num_characters)
        self._labels.update(label for label in labels if label in self._labels or len(self._labels) < TOP_LABELS)
        self.num_by_tag.update(tag for tag in tags if tag in self.num_by_tag or len(self.num_by_tag) < TOP_LABELS)

    def merge(self, other: Tally) -> None:
        """Take over what another has counted."""
        self._count()
        other._count()
        self._codes = _sum(self._codes, other._codes)
        self._words.update(other._words)
        self._labels.update(other._labels)
        self.num_by_tag.update(other.num_by_tag)
        self._lengths = [a + b for a, b in zip(self._lengths, other._lengths, strict=True)]
        self._min, self._max = min(self._min, other._min), max(self._max, other._max)
        self._sampled += other._sampled
        self.num_documents += other.num_documents
        self.num_characters += other.num_characters
        self.num_bytes += other.num_bytes

    def statistics(self) -> Statistics:
        """The figures so far."""
        self._count()
        order = np.argsort(-self._codes, kind="stable")[:TOP_CHARACTERS]
        top = tuple((chr(code), int(self._codes[code])) for code in order if self._codes[code])
        last = max((n for n, count in enumerate(self._lengths) if count), default=0)
        return Statistics(
            num_documents=self.num_documents,
            num_characters=self.num_characters,
            num_bytes=self.num_bytes,
            min_length=self._min if self.num_documents else 0,
            max_length=self._max,
            mean_length=self.num_characters / max(1, self.num_documents),
            length_edges=(0, *(1 << n for n in range(last + 1))),
            length_counts=tuple(self._lengths[: last + 1]),
            num_different_characters=int(np.count_nonzero(self._codes)),
            characters=top,
            words=tuple(self._words.most_common(TOP_WORDS)),
            num_different_words=len(self._words),
            sampled_share=round(min(1.0, self._sampled / max(1, self.num_characters)), 6),
            labels=tuple(self._labels.most_common()),
            tags=tuple(self.num_by_tag.most_common()),
        )

    def _count(self) -> None:
        texts, self._buffer, self._buffered = self._buffer, [], 0
        whole = "".join(texts)
        for at in range(0, len(whole), _BUFFER):
            self._codes = _sum(self._codes, _code_points(whole[at : at + _BUFFER]))
        if self._sampled > 2 * SAMPLE_CHARACTERS:  # there is more than was expected
            self._share = min(self._share, 0.01)
        lines = "\n".join(texts)
        step = _BUFFER if self._share < 1 else max(1, len(lines))
        for at in range(0, len(lines), step):
            window = lines[at : _end_of_word(lines, at + int(min(step, len(lines) - at) * self._share))]
            if window:
                self._sampled += min(len(window), len(whole))
                self._count_words(window)

    def _count_words(self, text: str) -> None:
        small = text.lower()
        self._words.update(_WORD.findall(small))
        if not text.isascii():
            for run in _HAN.findall(small):
                self._words.update(map("".join, itertools.pairwise(run)))
        if len(self._words) > _MANY_WORDS:  # rare ones are forgotten, so that memory stays bounded
            self._words = Counter(dict(self._words.most_common(_MANY_WORDS // 2)))


def is_pair(word: str) -> bool:
    """True if one of `Statistics.words` is no word but a pair of neighbouring Chinese characters."""
    return _HAN.fullmatch(word) is not None


def _end_of_word(text: str, at: int) -> int:
    """The next white space at or behind a place, if there is some near."""
    found = _SPACE.search(text, at, at + 40)
    return found.start() if found else min(at, len(text))


def _code_points(text: str) -> np.ndarray:
    """How often each code point occurs, (largest code point + 1,)."""
    if text.isascii():
        return np.bincount(np.frombuffer(text.encode(), dtype=np.uint8))
    return np.bincount(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    if len(one) < len(other):
        one, other = other, one
    one[: len(other)] += other
    return one


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _rich(value: Any) -> Any:
    return tuple(_rich(item) for item in value) if isinstance(value, list) else value
