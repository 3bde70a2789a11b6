"""A cleaning step by a model that tags words: spaces between words, or names left out or replaced by their type.

The model itself is not known here: whoever cleans gives a function that tags texts, as many at once as there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from llmstudio.core.corpus.cleaning.steps import Steps
from llmstudio.core.corpus.cleaning.uses import COUNT, PART, REPLACE
from llmstudio.core.corpus.records import Span

TagTexts = Callable[[Sequence[str]], Iterable[Sequence[Span]]]
"""Gives each tagged word of every text, in order, with its place and its tag; of a model that finds words, each sign."""
WORD = "word"
"""The tag that words are counted under which a model of word boundaries finds."""
_TOP, _MOST = 20, 50_000


class TagCounts:
    """How many words each tag has, and which are the most frequent."""

    def __init__(self) -> None:
        self._words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._num_forgotten: Counter[str] = Counter()

    def add(self, tagged: Iterable[tuple[str, str]]) -> None:
        """Count words, each with its tag."""
        for word, tag in tagged:
            self._words[tag][word] += 1
        for tag, counts in self._words.items():
            if len(counts) > _MOST:  # rare ones are forgotten, so that memory stays bounded
                kept = Counter(dict(counts.most_common(_MOST // 2)))
                self._num_forgotten[tag] += counts.total() - kept.total()
                self._words[tag] = kept

    @property
    def totals(self) -> tuple[tuple[str, int], ...]:
        """Every tag with the number of its words, the most frequent first."""
        found = Counter({tag: counts.total() + self._num_forgotten[tag] for tag, counts in self._words.items()})
        return tuple(found.most_common())

    @property
    def frequent(self) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        """The most frequent words of each tag, with their counts, in the order of `totals`."""
        return tuple((tag, tuple(self._words[tag].most_common(_TOP))) for tag, _ in self.totals)


def tagging(tag: TagTexts, use: str, counts: TagCounts) -> Steps:
    """The step: `use` is one of COUNT, PART, REPLACE and DROP. Counts spaces put in, or names taken out."""

    def cleaned(text: str, spans: Sequence[Span]) -> tuple[str, int]:
        if use == PART:
            words = list(_words(spans))
            counts.add((text[start:end], WORD) for start, end in words)
            return _parted(text, words)
        if use == COUNT:
            counts.add((text[start:end], kind) for start, end, kind in spans)
            return text, 0
        names = list(_names(spans))
        counts.add((text[start:end], kind) for start, end, kind in names)
        return _without(text, names, is_named=use == REPLACE)

    return lambda texts: map(cleaned, texts, tag(texts))


def _words(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """The words that tags B and I of characters tell; a space always parts them."""
    begin, last = -1, -1
    for start, end, tag in spans:
        if begin >= 0 and (tag != "I" or start != last):
            yield begin, last
            begin = -1
        begin, last = start if begin < 0 else begin, end
    if begin >= 0:
        yield begin, last


def _parted(text: str, words: Sequence[tuple[int, int]]) -> tuple[str, int]:
    pieces, at, count = [], 0, 0
    for start, _ in words:
        is_joined = start > 0 and not text[start - 1].isspace()
        pieces += [text[at:start], " "] if is_joined else [text[at:start]]
        at, count = start, count + is_joined
    return "".join([*pieces, text[at:]]), count


def _names(spans: Sequence[Span]) -> Iterator[Span]:
    """The names that tags in BIO tell, each with its type."""
    begin, last, open_kind = -1, -1, ""
    for start, end, tag in [*spans, (-1, -1, "O")]:
        place, _, kind = tag.partition("-")
        if begin >= 0 and not (place in ("I", "E", "M", "L") and kind == open_kind):
            yield begin, last, open_kind
            begin = -1
        if place != "O":
            begin, last, open_kind = (start if begin < 0 else begin), end, kind


def _without(text: str, names: Sequence[Span], *, is_named: bool) -> tuple[str, int]:
    pieces, at = [], 0
    for start, end, kind in names:
        pieces.append(text[at:start])
        if is_named:
            pieces.append(kind)
        elif text[end : end + 1] == " " and (not start or text[start - 1].isspace()):
            end += 1  # of the two spaces around a word that goes, one goes with it
        at = end
    return "".join([*pieces, text[at:]]), len(names)
