"""Looking inside a tokenizer: its merges replayed on a text, how often it uses its tokens, two of them side by side.

Arithmetic on what a `Tokenizer` already knows; nothing here learns or writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.tokenizer import Span, Tokenizer
from llmstudio.core.words import Words, words

MAX_REPLAY_CHARACTERS = 2000  # each step keeps all pieces, so time and memory grow with the square of the text
_WHY_NOT = {
    "byte": words("Every byte is a token of its own: there is nothing to merge."),
    "char": words("Every character is a token of its own: there is nothing to merge."),
    "word": words("Words are looked up whole: there is nothing to merge."),
    "wordpiece": words("WordPiece looks for the longest token that fits, from left to right: it keeps no list of merges."),
    "unigram": words("Unigram weighs all ways to cut a word and takes the likeliest: it keeps no list of merges."),
}


@dataclass(frozen=True)
class Step:
    """The text as it stands after one merge.

    Attributes:
        pieces: Readable spellings, in order; parts of characters as `<E4 BD>`.
        ids: Their ids.
        merged: Spelling of the piece that this step made, at every place it could; None for the beginning.
        rank: The merge's place in the order they were learned; -1 for the beginning.
    """

    pieces: list[str]
    ids: list[int]
    merged: str | None
    rank: int


def why_not_replay(kind: str) -> Words | None:
    """Why a kind of tokenizer has no merges to replay; None for BPE, which has."""
    return _WHY_NOT.get(kind)


def replay(tokenizer: Tokenizer, text: str) -> list[Step]:
    """BPE on `text`, one merge after another: the first step is bytes, the last one is what `encode` gives.

    Earlier merges come first, so one pass over the ranks is enough: a merge only makes pairs that were learned later.

    Example:
        h e l l o -> h e ll o -> he ll o -> hell o -> hello

    Raises:
        StudioError: The kind has no merges (`why_not_replay` says why), or the text is too long to show.

    Source: Sennrich et al. 2016, arXiv:1508.07909.
    """
    reason = why_not_replay(tokenizer.kind)
    if reason is not None:
        raise StudioError(reason.template)
    if len(text) > MAX_REPLAY_CHARACTERS:
        raise StudioError(
            "A replay shows up to {limit:,} characters, this text has {n:,}: shorten it.",
            limit=MAX_REPLAY_CHARACTERS,
            n=len(text),
        )
    ranks = {(left, right): (rank, merged) for rank, (left, right, merged) in enumerate(tokenizer.merges)}
    parts = _parts(tokenizer, text)
    steps = [_step(tokenizer, parts, None, -1)]
    while pairs := {pair for part in parts for pair in pairwise(part) if pair in ranks}:
        left, right = min(pairs, key=ranks.__getitem__)
        rank, merged = ranks[left, right]
        parts = [_merge(part, left, right, merged) for part in parts]
        steps.append(_step(tokenizer, parts, merged, rank))
    return steps


def frequencies(tokenizer: Tokenizer, texts: Iterable[str]) -> NDArray[np.int64]:
    """How often each token occurs in `texts`: (V,) counts by id."""
    counts = np.zeros(tokenizer.vocab_size, np.int64)
    for text in texts:
        counts += np.bincount(np.asarray(tokenizer.encode(text), np.int64), minlength=tokenizer.vocab_size)
    return counts


@dataclass(frozen=True)
class Side:
    """One tokenizer's reading of a text.

    Attributes:
        kind: The tokenizer's kind.
        vocab_size: Its number of tokens.
        spans: The tokens of the text.
        bytes_per_token: UTF-8 bytes of the text over their number; 0 for an empty text.
        num_unknown: How many of them are unknown.
    """

    kind: str
    vocab_size: int
    spans: list[Span]
    bytes_per_token: float
    num_unknown: int

    @property
    def num_tokens(self) -> int:
        """How many tokens the text has."""
        return len(self.spans)


def compare(a: Tokenizer, b: Tokenizer, text: str) -> tuple[Side, Side]:
    """The same text in two tokenizers."""
    return _side(a, text), _side(b, text)


def _side(tokenizer: Tokenizer, text: str) -> Side:
    spans = tokenizer.spans(text)
    num_bytes = len(text.encode("utf-8", "replace"))
    return Side(
        kind=tokenizer.kind,
        vocab_size=tokenizer.vocab_size,
        spans=spans,
        bytes_per_token=num_bytes / max(1, len(spans)),
        num_unknown=sum(span.is_unknown for span in spans),
    )


def _parts(tokenizer: Tokenizer, text: str) -> list[list[int]]:
    """The bytes, as ids, of the words that merges stay inside of."""
    backend = tokenizer.backend
    if backend.normalizer is not None:
        text = backend.normalizer.normalize_str(text)
    ids = backend.get_vocab()
    return [[ids[sign] for sign in word] for word, _ in backend.pre_tokenizer.pre_tokenize_str(text)]


def _merge(part: Sequence[int], left: int, right: int, merged: int) -> list[int]:
    done: list[int] = []
    place = 0
    while place < len(part):
        if place + 1 < len(part) and part[place] == left and part[place + 1] == right:
            done.append(merged)
            place += 2
        else:
            done.append(part[place])
            place += 1
    return done


def _step(tokenizer: Tokenizer, parts: list[list[int]], merged: int | None, rank: int) -> Step:
    ids = [id for part in parts for id in part]
    spelled = None if merged is None else tokenizer.token(merged)
    return Step([tokenizer.token(id) for id in ids], ids, spelled, rank)
