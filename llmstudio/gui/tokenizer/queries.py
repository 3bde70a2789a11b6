"""What the tokenizer tab asks for, worked out off the window's thread: plain functions that return plain data.

In: folders of tokenizers and corpora, a sentence. Out: chips, entries and films for the widgets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.inspection import frequencies, replay, why_not_replay
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words
from llmstudio.gui.shared.readouts.chip import Chip
from llmstudio.gui.tokenizer.merge_replay import Frame
from llmstudio.gui.tokenizer.vocabulary_table import Entry

# Enough text that the ranks stand still, little enough that nobody waits.
_COUNTED_CHARACTERS = 1_000_000
_FILM_CHARACTERS = 400
_SENTENCE_MIN, _SENTENCE_MAX = 15, 100


@dataclass(frozen=True)
class Cut:
    """A sentence as one tokenizer cuts it.

    Attributes:
        chips: Its tokens in order.
        num_tokens: How many there are.
        bytes_per_token: Mean UTF-8 bytes a token; 0 without tokens.
        num_unknown: Tokens that stand for text the vocabulary lacks.
    """

    chips: Sequence[Chip]
    num_tokens: int
    bytes_per_token: float
    num_unknown: int


@dataclass(frozen=True)
class Book:
    """A tokenizer's vocabulary and how often its corpus uses each token.

    Attributes:
        kind: bpe, wordpiece, unigram, word, char or byte.
        entries: One a token, in order of id; counts are None if there is no corpus to count in.
        num_characters: How much text was counted.
        damage: Why the corpus, which is here, could not be read; None if it could, or is gone.
    """

    kind: str
    entries: Sequence[Entry]
    num_characters: int
    damage: Words | None = None


def load(folder: Path) -> Tokenizer:
    """The tokenizer in a folder; the last few stay at hand as long as their files do not change."""
    return _load(folder, (folder / "tokenizer.json").stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: int) -> Tokenizer:
    return Tokenizer.load(folder)


def cut(folder: Path, text: str, counts: Sequence[int | None] = ()) -> Cut:
    """Cut `text` with the tokenizer in `folder`; `counts` by id go onto the chips."""
    tokenizer = load(folder)
    spans = tokenizer.spans(text)
    chips = []
    place = 0
    for span in spans:
        # White space that a tokenizer drops belongs to no token; it goes with the one after, so that nothing typed is lost.
        typed = text[place : span.end]
        place = max(place, span.end)
        spelling = "" if span.text == typed else span.text if span.start == span.end or _is_bytes(span.text) else ""
        count = counts[span.id] if span.id < len(counts) else None
        chips.append(Chip(typed, spelling, span.id, span.num_bytes, count, span.is_unknown))
    size = len(text.encode("utf-8", "replace"))
    return Cut(chips, len(spans), size / len(spans) if spans else 0.0, sum(s.is_unknown for s in spans))


def _is_bytes(spelling: str) -> bool:
    return spelling.startswith("<") and spelling.endswith(">") and len(spelling) > 2


def read_book(folder: Path, corpus: Path | None) -> Book:
    """The vocabulary with its frequencies in a corpus's training part."""
    tokenizer = load(folder)
    counts: list[int | None] = [None] * tokenizer.vocab_size
    num_characters, damage = 0, None
    if corpus is not None:
        try:
            texts = _Beginning(Corpus(corpus))
            counts = frequencies(tokenizer, texts).tolist()
            num_characters = texts.num_characters
        except StudioError as error:  # the tokenizer can be looked at all the same
            damage = error.words
    sizes = tokenizer.num_bytes(np.arange(tokenizer.vocab_size)).tolist()
    entries = [Entry(id, spelling, sizes[id], counts[id]) for id, spelling in tokenizer.vocabulary()]
    return Book(tokenizer.kind, entries, num_characters, damage)


class _Beginning:
    """The first `_COUNTED_CHARACTERS` of what a corpus learns from."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.num_characters = 0

    def __iter__(self) -> Iterator[str]:
        for text in self._corpus.texts("train"):
            yield (part := text[: _COUNTED_CHARACTERS - self.num_characters])
            self.num_characters += len(part)
            if self.num_characters >= _COUNTED_CHARACTERS:
                return


@dataclass(frozen=True)
class Film:
    """The merges of a text as pictures; without any, `why_not` says why there can be none."""

    frames: Sequence[Frame]
    why_not: Words | None = None


def film(folder: Path, text: str) -> Film:
    """The merges on the beginning of `text`."""
    tokenizer = load(folder)
    if (reason := why_not_replay(tokenizer.kind)) is not None:
        return Film((), reason)
    steps = replay(tokenizer, text[:_FILM_CHARACTERS]) if text else []
    return Film([Frame(tuple(step.pieces), None if step.merged is None else step.rank + 1) for step in steps])


def first_sentence(corpus: Path) -> str:
    """A short line of the corpus's text, to show something before anybody types; empty if there is none to be read."""
    try:
        texts = Corpus(corpus).sample_texts(5)
    except StudioError:  # of which the vocabulary says why
        return ""
    for text in texts:
        lines = [line.strip() for line in text.splitlines()]
        # A piece of a long text begins anywhere, perhaps inside a word: its first line is the last choice.
        for line in [*lines[1:], *lines[:1]]:
            if len(line) >= _SENTENCE_MIN:
                return line if len(line) <= _SENTENCE_MAX else line[:_SENTENCE_MAX].rsplit(" ", 1)[0]
    return ""
