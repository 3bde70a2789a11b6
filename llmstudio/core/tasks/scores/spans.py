"""Spans of words from their tags, and how well they were found: names in a text, or words in a row of characters.

A tag says where its word stands in a span, and of what type the span is: `B-PER` begins one, `I-PER` goes on with it, `O` is
in none. Tags of other habits are read too: `E-` and `L-` end a span, `S-` and `U-` are one by themselves, `M-` is `I-`.
Words of Chinese are spans without a type, a tag a character: `B` and `I`.

    Anna    works  in  New    York
    B-PER   O      O   B-LOC  I-LOC     ->  (0, 1, PER), (3, 5, LOC)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.agreement import Agreement, macro_f1, together

OUTSIDE = "O"
_PLACES = frozenset("BIOESLUM")


@dataclass(frozen=True, order=True)
class Span:
    """Words of a row that belong together.

    Attributes:
        start: The first one, counted from 0.
        end: The one behind the last.
        kind: Its type, such as PER; empty for words of Chinese.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class SpanScores:
    """How well spans were found: right are those with both ends and the type right.

    Attributes:
        overall: All types counted as one.
        by_kind: Each type by itself, in alphabetical order.
        token_accuracy: Share of words with the right tag, 0 to 1. Where most words are outside it is high for nothing found.
    """

    overall: Agreement
    by_kind: dict[str, Agreement]
    token_accuracy: float

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the types."""
        return macro_f1(self.by_kind.values())


def spans_of(tags: Sequence[str]) -> list[Span]:
    """The spans of one row, in order. An `I-` that follows no span of its type begins one, as conlleval reads it.

    Raises:
        StudioError: A tag is of another kind, such as a part of speech.
    """
    found: list[Span] = []
    start, open_kind = -1, ""
    for at, tag in enumerate(tags):
        place, kind = _parted(tag)
        is_outside = place == "O"
        goes_on = start >= 0 and place in "IMEL" and kind == open_kind
        if start >= 0 and not goes_on:
            found.append(Span(start, at, open_kind))
            start = -1
        if start < 0 and not is_outside:
            start, open_kind = at, kind
        if place in "ESLU" and start >= 0:
            found.append(Span(start, at + 1, open_kind))
            start = -1
    if start >= 0:
        found.append(Span(start, len(tags), open_kind))
    return found


def tags_of(spans: Sequence[Span], length: int) -> list[str]:
    """The tags of a row of `length` words in BIO: every span begins with `B-`. Spans must not overlap."""
    tags = [OUTSIDE] * length
    for span in spans:
        ending = f"-{span.kind}" if span.kind else ""
        assert all(tag == OUTSIDE for tag in tags[span.start : span.end]), "two spans share a word"
        tags[span.start : span.end] = [f"B{ending}", *[f"I{ending}"] * (span.end - span.start - 1)]
    return tags


def consistent(tags: Sequence[str]) -> list[str]:
    """The same spans in plain BIO, so that no `I-` is without the `B-` of its span."""
    return tags_of(spans_of(tags), len(tags))


def forbidden_steps(tags: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What may not follow what in plain BIO, (C, C) from row to column, and what may not begin a row, (C,).

    An `I-` needs a `B-` or `I-` of its type before it. Tags that tell of no span forbid nothing.
    """
    inside = np.array([is_span_tag(tag) and tag[0] == "I" for tag in tags], dtype=bool)
    follows = np.array([[is_span_tag(a) and a[0] in "BI" and a[1:] == b[1:] for b in tags] for a in tags], dtype=bool)
    return inside[None] & ~follows.reshape(len(tags), len(tags)), inside


def is_span_tag(tag: str) -> bool:
    """Whether a tag tells of spans, as B-PER, O or I do, and NOUN does not."""
    return tag[:1] in _PLACES and (len(tag) == 1 or (tag[1] == "-" and tag[0] != "O"))


def score_spans(truth: Sequence[Sequence[str]], guesses: Sequence[Sequence[str]]) -> SpanScores:
    """How well the spans of rows were found. Both hold the tags of each row.

    Raises:
        StudioError: The rows are not the same ones, or a tag tells of no span.
    """
    real: Counter[str] = Counter()
    guessed: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for true_row, row in _paired(truth, guesses):
        true_spans, spans = set(spans_of(true_row)), set(spans_of(row))
        real.update(span.kind for span in true_spans)
        guessed.update(span.kind for span in spans)
        right.update(span.kind for span in true_spans & spans)
    by_kind = {kind: Agreement(right[kind], guessed[kind], real[kind]) for kind in sorted(real.keys() | guessed.keys())}
    return SpanScores(together(by_kind.values()), by_kind, token_accuracy(truth, guesses))


def token_accuracy(truth: Sequence[Sequence[str]], guesses: Sequence[Sequence[str]]) -> float:
    """Share of words with the right tag, for tags of any kind, 0 to 1; 0 without words.

    Raises:
        StudioError: The rows are not the same ones.
    """
    right = words = 0
    for true_row, row in _paired(truth, guesses):
        right += sum(a == b for a, b in zip(true_row, row, strict=True))
        words += len(true_row)
    return right / words if words else 0.0


def word_tags(words: Sequence[str]) -> list[str]:
    """The tag of every character of a row of words: `B` where a word begins, `I` inside."""
    return [tag for word in words if word for tag in ("B", *"I" * (len(word) - 1))]


def words_of(text: str, tags: Sequence[str]) -> list[str]:
    """The words of a text that its characters' tags tell; characters outside stand alone. Inverse of `word_tags`."""
    assert len(text) == len(tags), (len(text), len(tags))
    words: list[str] = []
    end = 0
    for span in spans_of(tags):
        words += [*text[end : span.start], text[span.start : span.end]]
        end = span.end
    return [*words, *text[end:]]


def score_words(truth: Sequence[Sequence[str]], guesses: Sequence[Sequence[str]]) -> Agreement:
    """How well words were parted: right are those with both ends right. Both hold the words of each row.

    Raises:
        StudioError: The words of a row are not the same text.
    """
    for row, (true_words, words) in enumerate(_numbered(truth, guesses)):
        if "".join(true_words) != "".join(words):
            raise StudioError(
                "The words of row {row:,} are not those of its text: part the text, and change no sign.", row=row + 1
            )
    return score_spans([word_tags(row) for row in truth], [word_tags(row) for row in guesses]).overall


def _parted(tag: str) -> tuple[str, str]:
    if not is_span_tag(tag):
        raise StudioError(
            "The tag {tag} does not say where its word stands in a span: such tags are B-PER, I-PER and O, or B and I.",
            tag=tag,
        )
    return tag[0], tag[2:]


def _numbered(
    truth: Sequence[Sequence[str]], guesses: Sequence[Sequence[str]]
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    if len(truth) != len(guesses):
        raise StudioError(
            "Tags of {guesses|row|rows} were to be compared with those of {truths|row|rows}.",
            guesses=len(guesses),
            truths=len(truth),
        )
    yield from zip(truth, guesses, strict=True)


def _paired(
    truth: Sequence[Sequence[str]], guesses: Sequence[Sequence[str]]
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    for row, (true_row, guessed_row) in enumerate(_numbered(truth, guesses)):
        if len(true_row) != len(guessed_row):
            raise StudioError(
                "Row {row:,} has {words|word|words} and {tags|tag|tags}: give one tag for each word.",
                row=row + 1,
                words=len(true_row),
                tags=len(guessed_row),
            )
        yield true_row, guessed_row
