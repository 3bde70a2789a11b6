"""Sentences out of rows of any length, by their tokens alone: for models that learn a sentence at a time.

A sentence ends with its mark before a space, and with the line; a quotation belongs to the sentence it stands in, as in
`samples.checker.sentences`. Every row of the result is END sentence END, the first END standing for the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.tokenizer.config import END, SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer

_MARKS = tuple(mark.encode() for mark in ".!?。！？…")
_WIDE_MARKS = tuple(mark.encode() for mark in "。！？")
_TOKENS_AT_ONCE = 1 << 16  # searching for sentences takes about 200 bytes of notes for each token
_QUOTES = tuple(mark.encode() for mark in '"“”')

Mask = NDArray[np.bool_]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Sentences:
    """Sentences.

    Attributes:
        rows: One a row.
        documents: (N,) the row of the text that each stood in.
        num_cut: How many were cut short.
    """

    rows: Rows
    documents: Ids
    num_cut: int


def cut_sentences(rows: Rows, tokenizer: Tokenizer, context_length: int) -> Sentences:
    """The sentences of `rows`, in order.

    Args:
        rows: Documents, turns or pairs; special tokens stand between sentences.
        tokenizer: Their own.
        context_length: Longest sentence, its beginning included. Of a longer one the first so many tokens stay, and no END,
            because it does not end there.
    """
    signs = _Signs(tokenizer)
    stretches = _stretches(rows.offsets)
    parts = [_cut(_between(rows, first, last), first, tokenizer, signs, context_length) for first, last in stretches]
    starts = np.cumsum([0, *[part.rows.num_tokens for part in parts]])
    offsets = [part.rows.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
    joined = Rows(
        np.concatenate([np.zeros(0, rows.ids.dtype), *[part.rows.ids for part in parts]]),
        np.concatenate([*offsets, starts[-1:]]),
        None,
        _joined([part.rows.row_bytes for part in parts]),
        _joined([part.rows.hidden_bytes for part in parts]),
    )
    return Sentences(joined, _joined([part.documents for part in parts]), sum(part.num_cut for part in parts))


def _stretches(offsets: Ids) -> Iterator[tuple[int, int]]:
    """Cut rows into parts of about so many tokens: (first row, row after the last). No sentence crosses two rows."""
    first = 0
    while first < len(offsets) - 1:
        last = max(first + 1, int(np.searchsorted(offsets, offsets[first] + _TOKENS_AT_ONCE, side="right")) - 1)
        yield first, last
        first = last


def _between(rows: Rows, first: int, last: int) -> Rows:
    start, end = rows.offsets[first], rows.offsets[last]
    own = rows.row_bytes[first:last], rows.hidden_bytes[first:last]
    return Rows(rows.ids[start:end], rows.offsets[first : last + 1] - start, None, *own)


def _joined(parts: list[Ids]) -> Ids:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _cut(rows: Rows, first_row: int, tokenizer: Tokenizer, signs: _Signs, context_length: int) -> Sentences:
    """The sentences of rows, the first of which is row `first_row` of the text."""
    ids: Ids = np.asarray(rows.ids, np.int64)
    special = (ids < len(SPECIALS)) & (ids != UNKNOWN)
    counted = ~special & ~signs.is_blank[ids]
    at = np.flatnonzero(counted)
    if not len(at):
        nothing: Ids = np.zeros(0, np.int64)
        return Sentences(Rows(rows.ids[:0], np.zeros(1, np.int64), None, nothing, nothing), nothing, 0)
    number = np.concatenate([[0], np.cumsum(_ends(ids, special, signs))[:-1]])[at]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    starts, ends = at[first], at[np.append(first[1:], len(at)) - 1] + 1
    sentences = [ids[start:end] for start, end in zip(starts, ends, strict=True)]
    if not tokenizer.implies_space:
        # A word has other tokens after a space, and a typed sentence has no space before it.
        spaced = np.flatnonzero(signs.begins_with_space[ids[starts]])
        typed = tokenizer.encode_batch([tokenizer.decode(sentences[i].tolist()).strip() for i in spaced])
        for i, again in zip(spaced, typed, strict=True):
            sentences[i] = np.array(again, np.int64)
    hides = np.concatenate([[0.0], np.cumsum(_hidden(rows, ids))])
    lengths = np.array([len(sentence) for sentence in sentences])
    hidden = np.rint(hides[np.minimum(ends, starts + context_length)] - hides[starts]).astype(np.int64)
    mark = np.array([END], np.int64)
    cut = [
        np.concatenate([mark, sentence, mark])
        if len(sentence) < context_length
        else np.concatenate([mark, sentence[:context_length]])
        for sentence in sentences
    ]
    joined = np.concatenate(cut)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in cut])])
    num_bytes = tokenizer.num_bytes(joined)
    if tokenizer.implies_space:
        num_bytes[offsets[:-1] + 1] -= signs.begins_with_space[joined[offsets[:-1] + 1]]
    row_bytes = np.add.reduceat(num_bytes, offsets[:-1]) + hidden
    documents: Ids = np.searchsorted(rows.offsets, starts, side="right") - 1 + first_row
    kept = Rows(joined.astype(rows.ids.dtype), offsets, None, row_bytes, hidden)
    return Sentences(kept, documents, int((lengths >= context_length).sum()))


class _Signs:
    """What each token of a vocabulary says of where sentences end: arrays (V,)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        spelled = tokenizer.token_bytes
        bare = [token.strip() for token in spelled]
        self.is_blank = _mask(not b and i != UNKNOWN for i, b in enumerate(bare))
        self.ends_line = _mask(b"\n" in token for token in spelled)
        self.is_marked = _mask(b.endswith(_MARKS) for b in bare)
        self.is_closing = _mask(b in _QUOTES for b in bare)
        self.is_marked_and_closed = _mask(b.endswith(_QUOTES) and _unquoted(b).endswith(_MARKS) for b in bare)
        self.is_wide = _mask(_unquoted(b).endswith(_WIDE_MARKS) for b in bare)
        self.num_quotes = np.array([sum(map(token.count, _QUOTES)) for token in spelled], np.int64)
        self.begins_with_space = _mask(token[:1].isspace() for token in spelled)
        self.begins_small = _mask(b[:1].islower() for b in bare)


def _ends(ids: Ids, special: Mask, signs: _Signs) -> Mask:
    """True for each token after which a sentence ends."""
    after = np.append(ids[1:], END)
    is_last = np.append(special[1:], True)
    lines = special | signs.ends_line[ids]
    # Quotation marks since the line began: an odd number of them, and a quotation stands open.
    quotes = np.cumsum(signs.num_quotes[ids])
    line: Ids = np.cumsum(lines) - lines
    before = np.concatenate([[0], quotes[np.flatnonzero(lines)]])[line]
    is_open = (quotes - before) % 2 == 1
    marked = signs.is_marked[ids]
    closed = (signs.is_closing[ids] & np.concatenate([[False], marked[:-1]])) | signs.is_marked_and_closed[ids]
    freely = is_last | signs.begins_with_space[after] | signs.is_wide[ids] | (closed & signs.is_wide[np.roll(ids, 1)])
    # `"Who is there?" asked Tom.` goes on after a quotation that it begins with, and before a small letter.
    places = np.arange(len(ids))
    solid = np.maximum.accumulate(np.where(signs.is_blank[ids] & ~special, -1, places))
    ended = marked | signs.is_closing[ids] | signs.is_marked_and_closed[ids] | lines
    begins = np.concatenate([[True], ended[solid[:-1]]])
    opens = np.maximum.accumulate(np.where(is_open & (signs.num_quotes[ids] > 0), places, 0))
    following = np.where(signs.is_blank[after] & ~is_last, np.append(after[1:], END), after)
    goes_on = closed & (begins[opens] | signs.begins_small[following])
    ends: Mask = lines | ((marked | closed) & freely & ~is_open & ~goes_on)
    return ends


def _hidden(rows: Rows, ids: Ids) -> NDArray[np.float64]:
    """Bytes that each token hides: the hidden bytes of its row, shared evenly among the row's unknown tokens."""
    unknown = ids == UNKNOWN
    if not unknown.any():
        return np.zeros(len(ids))
    lengths = np.diff(rows.offsets)
    row = np.repeat(np.arange(len(lengths)), lengths)
    counts = np.bincount(row[unknown], minlength=len(lengths))
    share = np.asarray(rows.hidden_bytes) / np.maximum(counts, 1)
    return np.where(unknown, share[row], 0.0)


def _unquoted(token: bytes) -> bytes:
    for quote in _QUOTES:
        token = token.removesuffix(quote)
    return token


def _mask(values: Any) -> Mask:
    return np.fromiter(values, bool)
