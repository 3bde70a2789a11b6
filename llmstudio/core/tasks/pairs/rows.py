"""Where sources and targets lie in rows with answers, and batches of them.

A model in two halves gets the source apart. Any other reads a row as it was laid out, `source <assistant> TARGET <end>`, of
which only the target counts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, ByLength
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD
from llmstudio.core.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Pairs:
    """Where sources and targets lie in rows' ids.

    Attributes:
        rows: The rows.
        starts: (N,) where each source begins.
        middles: (N,) where its target begins, behind ASSISTANT.
        ends: (N,) where the target ends, END included.
        context_length: Longest source, and longest target; of rows that are read as a whole the longest row.
        num_left_out: Rows that are too long, or lack one half.
        is_apart: Whether the source is read apart from the target, else both in one row.
    """

    rows: Rows
    starts: NDArray[np.int64]
    middles: NDArray[np.int64]
    ends: NDArray[np.int64]
    context_length: int
    num_left_out: int
    is_apart: bool = True

    def __len__(self) -> int:
        return len(self.starts)

    def source(self, index: int) -> NDArray[Any]:
        """Ids of a source."""
        return self.rows.ids[self.starts[index] : self.middles[index] - 1]

    def target(self, index: int) -> NDArray[Any]:
        """Ids of a target, END included."""
        return self.rows.ids[self.middles[index] : self.ends[index]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) tokens of source and target together."""
        return self.ends - self.starts - 1

    def padded(self, indices: NDArray[np.int64]) -> tuple[int, int]:
        """Tokens that each of these pairs' sources, and each of their targets, takes side by side.

        In one row both are the row.
        """
        if not self.is_apart:
            width = min(padded_length(int(self.lengths[indices].max())), self.context_length)
            return width, width
        longest = (self.middles - 1 - self.starts)[indices].max(), (self.ends - self.middles)[indices].max()
        size, length = (min(padded_length(int(n)), self.context_length) for n in longest)
        return size, length

    def batch(self, indices: NDArray[np.int64]) -> Batch:
        """Sources, targets as they are read (ASSISTANT before them), and as they are predicted (END behind them)."""
        if not self.is_apart:
            return self._batch_of_rows(indices)
        size, length = self.padded(indices)
        source = np.full((len(indices), size), PAD, np.int64)
        ids = np.full((len(indices), length), PAD, np.int64)
        targets = np.full((len(indices), length), IGNORED, np.int64)
        for row, index in enumerate(indices):
            read, target = self.source(index), self.target(index)
            source[row, : len(read)], targets[row, : len(target)] = read, target
            ids[row, 0], ids[row, 1 : len(target)] = ASSISTANT, target[:-1]
        return Batch(torch.from_numpy(ids), torch.from_numpy(targets), source=torch.from_numpy(source))

    def _batch_of_rows(self, indices: NDArray[np.int64]) -> Batch:
        """Whole rows, in which only the tokens of targets are predicted."""
        shape = len(indices), self.padded(indices)[0]
        ids, targets = np.full(shape, PAD, np.int64), np.full(shape, IGNORED, np.int64)
        for row, index in enumerate(indices):
            start, middle, end = self.starts[index], self.middles[index], self.ends[index]
            ids[row, : end - 1 - start] = self.rows.ids[start : end - 1]
            targets[row, middle - 1 - start : end - 1 - start] = self.rows.ids[middle:end]
        return Batch(torch.from_numpy(ids), torch.from_numpy(targets))


def split_pairs(rows: Rows, context_length: int, *, is_apart: bool = True) -> Pairs:
    """The rows that have a source and a first answer of up to `context_length` tokens, the answer's END included: each of
    them, or where they are not read apart both together.
    """
    starts, row_ends = (np.asarray(x, np.int64) for x in (rows.offsets[:-1], rows.offsets[1:]))
    ids = np.asarray(rows.ids)
    middles = _next(ids == ASSISTANT, starts) + 1
    ends = _next(ids == END, middles) + 1
    is_pair = (middles < row_ends) & (ends <= row_ends)
    sources, targets = middles - 1 - starts, ends - middles
    longest = np.maximum(sources, targets) if is_apart else sources + targets
    fits = is_pair & (sources >= 1) & (targets >= 2) & (longest <= context_length)
    return Pairs(rows, starts[fits], middles[fits], ends[fits], context_length, int(np.count_nonzero(~fits)), is_apart)


def follow(rows: Rows, tokenizer: Tokenizer, context_length: int) -> Rows:
    """Running text as rows `sentence <assistant> FOLLOWING <end>`.

    A sentence of more than `context_length` tokens is read as far as that. As a target it has no end, and is left out.
    """
    cut = cut_sentences(rows, tokenizer, context_length)
    ids, offsets = cut.rows.ids, cut.rows.offsets
    ends_whole = ids[offsets[1:] - 1] == END
    sources = np.flatnonzero(np.diff(cut.documents) == 0)
    mark, texts = np.array([ASSISTANT], ids.dtype), [ids[a + 1 : b] for a, b in itertools.pairwise(offsets)]
    pairs = [np.concatenate([texts[i][: len(texts[i]) - int(ends_whole[i])], mark, texts[i + 1]]) for i in sources]
    joined = np.concatenate(pairs) if pairs else ids[:0]
    row_bytes, hidden = (counts[sources] + counts[sources + 1] for counts in (cut.rows.row_bytes, cut.rows.hidden_bytes))
    return Rows(joined, np.cumsum([0, *map(len, pairs)]), None, row_bytes, hidden)


def _next(marks: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first mark at or behind each place; beyond all marks, one past the end."""
    marked = np.append(np.flatnonzero(marks), len(marks))
    found: NDArray[np.int64] = marked[np.searchsorted(marked[:-1], places)]
    return found


class PairBatches:
    """Pairs of similar length side by side."""

    def __init__(self, pairs: Pairs, *, batch_size: int, seed: int) -> None:
        self.pairs = pairs
        # Of source and target, the mean: that is what a row takes of either.
        self.longest = -(-sum(pairs.padded(np.arange(len(pairs)))) // 2)
        self._dealt = ByLength(pairs.lengths, batch_size=batch_size, seed=seed)
        self.most_rows = self._dealt.most_rows

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""
        return self.pairs.batch(self._dealt.at(step))
