"""Batches cut from a dataset's rows, as a pure function of the step: nothing to save, nothing to restore.

Running text: rows are windows of the concatenated documents, cut anywhere. Documents: each row is one document, and rows
of similar length share a batch, so that little is padding; or a row is packed with several documents that do not see each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.packing import pack
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.tokenizer.config import PAD
from llmstudio.core.words import words

IGNORED = -100


class Batches(Protocol):
    """What a trainer asks of its data: all rows of a step in one batch, the same one each time it is asked."""

    @property
    def longest(self) -> int:
        """Tokens of the longest row that a batch can hold, padding included; of pairs, the mean of source and target."""

    @property
    def most_rows(self) -> int:
        """Rows of the fullest step: fewer than were asked for if the text has fewer documents, sentences or pairs."""

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""


class RunningText:
    """Windows of `context` tokens, drawn without regard to where documents end.

    Every epoch visits each window of a freshly shifted grid once, in a new order, so no token is favoured. A batch holds no
    window twice: if the text has fewer windows than rows were asked for, a batch is a whole epoch.
    """

    def __init__(self, rows: Rows, *, context: int, batch_size: int, seed: int) -> None:
        self.ids = rows.ids
        self.windows = (len(self.ids) - 1) // context - 1
        if self.windows < 1:
            raise StudioError(
                "The training text has {tokens|token|tokens}, too few for a context of {context}:"
                " use a smaller context or more text.",
                tokens=len(self.ids),
                context=context,
                remedies=_smaller_context(len(self.ids) // 8),
            )
        self.context, self.batch_size, self.seed = context, min(batch_size, self.windows), seed
        self.longest, self.most_rows = context, self.batch_size
        self._epoch = -1

    def batch(self, step: int) -> Batch:
        """(B, T) windows and the tokens that follow."""
        starts = [self._start(step * self.batch_size + i) for i in range(self.batch_size)]
        cut = np.stack([self.ids[s : s + self.context + 1] for s in starts]).astype(np.int64)
        return Batch(torch.from_numpy(cut[:, :-1].copy()), torch.from_numpy(cut[:, 1:].copy()))

    def _start(self, index: int) -> int:
        epoch, place = divmod(index, self.windows)
        if epoch != self._epoch:
            random = np.random.default_rng((self.seed, epoch))
            self._order, self._shift, self._epoch = (
                random.permutation(self.windows),
                int(random.integers(self.context)),
                epoch,
            )
        return int(self._order[place]) * self.context + self._shift


class ByLength:
    """Deals rows out so that those of similar length share a batch: every epoch each row once, in a new order.

    Where `shown` names the rows of an epoch, of each as many, it is these instead, and one that is named twice comes twice.
    """

    def __init__(
        self,
        lengths: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        shown: Callable[[int], np.ndarray] | None = None,
    ) -> None:
        self.lengths, self.batch_size, self.seed, self.shown = lengths, batch_size, seed, shown
        count = len(lengths) if shown is None else len(shown(0))
        self.batches = -(-count // batch_size)
        self.most_rows = min(batch_size, count)
        self._epoch = -1

    def at(self, step: int) -> np.ndarray:
        """Numbers of the rows of step `step`."""
        epoch, place = divmod(step, self.batches)
        if epoch != self._epoch:
            self._deal(epoch)
        rows: np.ndarray = self._order[place]
        return rows

    def _deal(self, epoch: int) -> None:
        random = np.random.default_rng((self.seed, epoch))
        shuffled = random.permutation(len(self.lengths) if self.shown is None else self.shown(epoch))
        # Sorting inside large random pools keeps lengths together without always showing the same neighbours.
        pool = self.batch_size * 64
        dealt: list[np.ndarray] = []
        for start in range(0, len(shuffled), pool):
            part = shuffled[start : start + pool]
            part = part[np.argsort(self.lengths[part], kind="stable")]
            dealt += [part[i : i + self.batch_size] for i in range(0, len(part), self.batch_size)]
        self._order, self._epoch = [dealt[i] for i in random.permutation(len(dealt))], epoch


class Documents:
    """Whole documents side by side, or several in a row. Those longer than the context are cut into rows of their own.

    Where rows have answers, every other token counts `context_weight`.
    """

    def __init__(
        self, rows: Rows, *, context: int, batch_size: int, seed: int, context_weight: float, packed: bool = False
    ) -> None:
        self.rows, self.context, self.packed = rows, context, packed
        self.context_weight = context_weight
        self.pieces = _pieces(rows.offsets, context)
        if not len(self.pieces):
            raise StudioError("The training text has no document of two tokens or more: add more text.")
        lengths = self.pieces[:, 1] - self.pieces[:, 0]
        self._sharing = pack(lengths - 1, context) if packed else list(np.arange(len(lengths))[:, None])
        self.longest = context if packed else min(padded_length(int(lengths.max()) - 1), context)
        taken = np.array([lengths[sharing].sum() for sharing in self._sharing])
        self._dealt = ByLength(taken, batch_size=batch_size, seed=seed)
        self.batches, self.most_rows = self._dealt.batches, self._dealt.most_rows

    def batch(self, step: int) -> Batch:
        """(B, T) documents, padded to the longest of the batch, or to the context where they are packed."""
        return self._cut([self.pieces[self._sharing[row]] for row in self._dealt.at(step)])

    def cut(self, pieces: np.ndarray) -> Batch:
        """The batch of these pieces, each a row; pieces (N, 2) holds where each starts and ends."""
        return self._cut(list(pieces[:, None]))

    def _cut(self, rows: Sequence[np.ndarray]) -> Batch:
        width = max(int((pieces[:, 1] - pieces[:, 0] - 1).sum()) for pieces in rows)
        shape = len(rows), self.context if self.packed else min(padded_length(width), self.context)
        ids, targets = np.full(shape, PAD, np.int64), np.full(shape, IGNORED, np.int64)
        weights, documents = np.zeros(shape, np.float32), np.zeros(shape, np.int64)
        for row, pieces in enumerate(rows):
            at = 0
            for number, (start, end) in enumerate(pieces):
                to = at + end - start - 1
                ids[row, at:to], targets[row, at:to] = self.rows.ids[start : end - 1], self.rows.ids[start + 1 : end]
                documents[row, at:] = number  # what is left empty belongs to the last one, which does not look ahead
                if self.rows.answer_mask is not None:
                    answer = self.rows.answer_mask[start + 1 : end].astype(np.float32)
                    weights[row, at:to] = answer + (1 - answer) * self.context_weight
                at = to
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(targets),
            torch.from_numpy(weights) if self.rows.answer_mask is not None else None,
            documents=torch.from_numpy(documents) if self.packed else None,
        )


def _pieces(offsets: np.ndarray, context: int) -> np.ndarray:
    """Start and end of every document, or of its parts of up to context + 1 tokens that overlap by one."""
    starts, ends = np.asarray(offsets[:-1]), np.asarray(offsets[1:])
    fits = ends - starts <= context + 1
    pieces = [np.stack([starts[fits], ends[fits]], axis=1)]
    for start, end in zip(starts[~fits], ends[~fits], strict=True):
        cuts = np.arange(start, end - 1, context)
        pieces.append(np.stack([cuts, np.minimum(cuts + context + 1, end)], axis=1))
    joined = np.concatenate(pieces)
    longer: np.ndarray = joined[joined[:, 1] - joined[:, 0] >= 2]
    return longer


def scoring_windows(
    rows: Rows, *, context: int, whole_documents: bool, max_tokens: int | None = None
) -> Iterator[tuple[int, int, int]]:
    """Windows that score every token once: (start, end, first scored), targets being tokens `first scored` to end.

    Running text moves by half a window, so that each token is predicted from at least half a context (but the first ones).
    Documents are scored from their own beginning only. `max_tokens` takes evenly spread windows instead of all.
    """
    spans = (
        list(zip(rows.offsets[:-1].tolist(), rows.offsets[1:].tolist(), strict=True))
        if whole_documents
        else [(0, len(rows.ids))]
    )
    windows = []
    for begin, finish in spans:
        start, scored = begin, begin + 1
        while scored < finish:
            end = min(start + context + 1, finish)
            windows.append((start, end, scored))
            scored = end
            start = max(begin, end - 1 - context // 2)
    if max_tokens is not None and rows.num_tokens > max_tokens:
        windows = [windows[i] for i in evenly(len(windows), len(windows) * max_tokens / rows.num_tokens)]
    yield from windows


def evenly(count: int, wanted: float) -> np.ndarray:
    """About `wanted` of the numbers 0 to `count` - 1, in order, at least one: one of each of as many equal parts.

    Always the same ones, so that looks compare. The position inside each part is random (always the same too): in text that
    alternates (a tale, its question, a tale) even steps would always hit the same kind.
    """
    chosen = min(count, max(1, round(wanted)))
    cuts = np.arange(chosen + 1) * count // max(1, chosen)
    return cuts[:-1] + (np.random.default_rng(0).random(chosen) * np.diff(cuts)).astype(np.int64)


def _smaller_context(largest: int) -> tuple[Remedy, ...]:
    if largest < 8:
        return ()
    return (Remedy("set", words("Use a context of {size:,}", size=largest), "model.context_length", str(largest)),)
