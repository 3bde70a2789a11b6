"""Rows with marks as batches: texts with a class each, or sentences with a tag at every word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import ByLength, evenly
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.dataset.writing import NO_MARK
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.tasks.settings import MarkedSettings
from llmstudio.core.tokenizer.config import END, PAD
from llmstudio.core.words import words


class MarkedRows:
    """The rows of a split as a model reads them: whole, or of a long one the beginning and END.

    Of all rows only a share may be taken, of every class alike; with the same seed a smaller share is part of a larger one.
    All rows that come `beside` them are taken, and stand at the end.

    Attributes:
        lengths: (N,) tokens of each row as it is read.
        num_cut: Rows that are longer than the context.
        row_marks: (N,) the mark of each row's END.
    """

    def __init__(self, rows: Rows, context: int, *, share: float = 1.0, seed: int = 0, beside: Rows | None = None) -> None:
        marks = _marks_of(rows)
        kept = _drawn(marks, share, seed) if share < 1 else np.arange(len(marks))
        if beside is not None:
            kept = np.concatenate([kept, len(marks) + np.arange(beside.num_rows)])
            rows = _joined(rows, beside)
            marks = _marks_of(rows)
        self.rows, self.context = rows, context
        self.starts = np.asarray(rows.offsets[:-1], np.int64)[kept]
        whole = np.diff(np.asarray(rows.offsets, np.int64))[kept]
        self.lengths = np.minimum(whole, context)
        self.num_cut = int((whole > context).sum())
        self.row_marks = marks[kept]

    def __len__(self) -> int:
        return len(self.starts)

    def ids(self, index: int) -> NDArray[np.int64]:
        """Ids of a row as it is read, without its END."""
        start = self.starts[index]
        return np.asarray(self.rows.ids[start : start + self.lengths[index] - 1], np.int64)

    def batch(self, indices: NDArray[np.int64], *, each: bool) -> Batch:
        """These rows side by side, with the marks of their tokens (`each`), or of whole rows, as labels."""
        width = min(padded_length(int(self.lengths[indices].max())), self.context)
        ids = np.full((len(indices), width), PAD, np.int64)
        marks = np.full((len(indices), width), NO_MARK, np.int64)
        assert self.rows.marks is not None
        for row, index in enumerate(indices):
            start, length = self.starts[index], self.lengths[index]
            ids[row, :length] = self.rows.ids[start : start + length]
            ids[row, length - 1] = END
            if each:
                marks[row, : length - 1] = self.rows.marks[start : start + length - 1]
        labels = marks if each else self.row_marks[indices]
        return Batch(torch.from_numpy(ids), labels=torch.from_numpy(labels))

    def looks(self, max_tokens: int | None) -> list[NDArray[np.int64]]:
        """The rows in groups of like length, to be read one group at a time; evenly spread ones within `max_tokens`."""
        chosen = np.arange(len(self))
        total = int(self.lengths.sum())
        if max_tokens is not None and total > max_tokens:
            chosen = evenly(len(self), len(self) * max_tokens / total)
        order = chosen[np.argsort(self.lengths[chosen], kind="stable")]
        look, groups, at = MarkedSettings().look, [], 0
        while at < len(order):
            # Sorted by length: none before it is longer.
            longest = int(self.lengths[order[min(at + look.rows, len(order)) - 1]])
            count = look.rows_at_once(padded_length(longest))
            groups.append(order[at : at + count])
            at += count
        return groups

    def notes(self, unlearned: Sequence[str]) -> list[Noted]:
        """What is said of them at a run's beginning: how many are cut, and of which names nothing is learned."""
        found = []
        if self.num_cut:
            found.append(
                words(
                    "{n:,} of {all|text is|texts are} longer than the context of {context:,} tokens: of these only the"
                    " beginning is read.",
                    n=self.num_cut,
                    all=len(self),
                    context=self.context,
                )
            )
        if unlearned:
            found.append(
                words(
                    "Nothing is learned of {names}: nothing in the training part has it, though one of the others does.",
                    names=", ".join(unlearned),
                )
            )
        return [Noted(job="train", message=message, level="warning") for message in found]


class MarkedBatches:
    """Batches of marked rows, those of similar length together: every epoch each row once, in a new order, or those that
    `shown` names (see `ByLength`).
    """

    def __init__(
        self,
        rows: MarkedRows,
        *,
        batch_size: int,
        seed: int,
        each: bool,
        shown: Callable[[int], NDArray[np.int64]] | None = None,
    ) -> None:
        if not len(rows):
            raise StudioError("The training text has no rows with labels: import texts with labels.")
        self.rows, self.each = rows, each
        self._dealt = ByLength(rows.lengths, batch_size=batch_size, seed=seed, shown=shown)
        self.most_rows = self._dealt.most_rows
        self.longest = min(padded_length(int(rows.lengths.max())), rows.context)

    def batch(self, step: int) -> Batch:
        """The batch of step `step`, counted from 0."""
        return self.rows.batch(self._dealt.at(step), each=self.each)


def _marks_of(rows: Rows) -> NDArray[np.int64]:
    """(N,) the mark of each row's END."""
    assert rows.marks is not None, "these rows have no marks"
    marks: NDArray[np.int64] = np.asarray(rows.marks, np.int64)[np.asarray(rows.offsets[1:]) - 1]
    return marks


def _joined(first: Rows, second: Rows) -> Rows:
    assert first.marks is not None
    assert second.marks is not None
    return Rows(
        np.concatenate([first.ids, second.ids.astype(first.ids.dtype)]),
        np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]]),
        None,
        np.concatenate([first.row_bytes, second.row_bytes]),
        np.concatenate([first.hidden_bytes, second.hidden_bytes]),
        np.concatenate([first.marks, second.marks]),
    )


def _drawn(marks: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Numbers of so many of the rows, in order, at least one of every class."""
    drawn = []
    for mark in np.unique(marks):
        own = np.random.default_rng((seed, int(mark) - NO_MARK)).permutation(np.flatnonzero(marks == mark))
        drawn.append(own[: max(1, round(share * len(own)))])
    return np.sort(np.concatenate(drawn)) if drawn else np.zeros(0, np.int64)
