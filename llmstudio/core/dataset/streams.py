"""Running text read side by side: each row of a batch goes on where the same row of the batch before it ended.

    text      | A B C D E F | G H I J K L | M N O P Q R |
    batch 0     A B           G H           M N             three streams, windows of two tokens
    batch 1     C D           I J           O P             the state that batch 0 left goes on here

For models that carry a state. Like every batch, these are a pure function of the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.tokenizer.config import PAD
from llmstudio.core.words import words

# Side by side, a processor reads many lanes in little more time than one.
_MOST_LANES = 16
_SAMPLED_LANES = 64


@dataclass(frozen=True)
class StreamBatch(Batch):
    """A window of every stream, or of those of a group.

    Attributes:
        group: Which streams these are; each group has a state of its own.
        begins: True if the streams begin here, so that nothing is remembered yet.
    """

    group: int = 0
    begins: bool = False

    def split(self, n: int) -> list[Self]:
        """See `Batch`; the parts are groups, numbered in order."""
        return [replace(part, group=group) for group, part in enumerate(super().split(n))]


class Streams:
    """The text cut into `batch_size` streams of equal length, read in windows of `context` tokens.

    When the streams end they begin again, all shifted by the same random piece.
    """

    def __init__(self, rows: Rows, *, context: int, batch_size: int, seed: int, parts: int = 1) -> None:
        """A batch is learned from in `parts`; the error for too little text names the size of one part."""
        self.ids, self.context, self.batch_size, self.seed = rows.ids, context, batch_size, seed
        self.longest, self.most_rows = context, batch_size
        # One window of the text is left over, if there is enough: the spare tokens are the room for the shift.
        self.windows = max(1, (len(self.ids) - context) // (batch_size * context))
        if len(self.ids) - 1 < batch_size * context:
            fitting = (len(self.ids) - 1) // (parts * context)
            raise StudioError(
                "The training text has {tokens|token|tokens}, too few for {rows|row|rows} of {context} side by side:"
                " use fewer rows, a smaller context or more text.",
                tokens=len(self.ids),
                rows=batch_size,
                context=context,
                remedies=_fewer_rows(fitting),
            )
        self._spare = len(self.ids) - 1 - self.windows * batch_size * context

    def batch(self, step: int) -> StreamBatch:
        """(B, T) windows of all streams and the tokens that follow."""
        epoch, window = divmod(step, self.windows)
        shift = int(np.random.default_rng((self.seed, epoch)).integers(self._spare + 1))
        first = shift + window * self.context
        starts = [first + stream * self.windows * self.context for stream in range(self.batch_size)]
        cut = np.stack([self.ids[s : s + self.context + 1] for s in starts]).astype(np.int64)
        ids, targets = torch.from_numpy(cut[:, :-1].copy()), torch.from_numpy(cut[:, 1:].copy())
        return StreamBatch(ids, targets, begins=window == 0)


@dataclass(frozen=True)
class Lane:
    """A stretch of text to be scored, and the text before it that is only read.

    Attributes:
        read: Where reading begins.
        scored: The first token that counts as a target.
        end: Behind the last one.
    """

    read: int
    scored: int
    end: int


def scoring_lanes(num_tokens: int, *, context: int, max_tokens: int | None = None) -> list[Lane]:
    """Stretches that score every token but the first once, as alike in length as can be, to be read side by side.

    A short text is one lane. The lanes of a longer one begin to read four contexts before they count, so that each goes on
    with a state as if it had read from the start. `max_tokens` takes a sample instead: the middle of many equal parts of
    the text. Few long stretches would be a few scenes of a play, not the play. Each of the many reads two contexts ahead:
    four would cost more than what is scored.
    """
    targets = num_tokens - 1
    wanted = targets if max_tokens is None else min(targets, max_tokens)
    is_sample = wanted < targets
    warm = (2 if is_sample else 4) * context
    most = min(_SAMPLED_LANES, wanted // context) if is_sample else min(_MOST_LANES, wanted // (2 * warm))
    count = max(1, most)
    cuts = [1 + targets * i // count for i in range(count + 1)]
    longest = -(-wanted // count)
    lanes = []
    for start, end in pairwise(cuts):
        scored = start + max(0, end - start - longest) // 2
        lanes.append(Lane(max(0, scored - 1 - warm), scored, min(end, scored + longest)))
    return lanes


def lane_batches(ids: NDArray[np.integer], lanes: list[Lane], *, window: int) -> Iterator[Batch]:
    """All lanes side by side, `window` tokens at a time; what is only read, or beyond a lane's end, counts as no target."""
    longest = max(lane.end - 1 - lane.read for lane in lanes)
    for begin in range(0, longest, window):
        width = min(window, longest - begin)
        given = np.full((len(lanes), width), PAD, dtype=np.int64)
        targets = np.full((len(lanes), width), IGNORED, dtype=np.int64)
        for row, lane in enumerate(lanes):
            start = lane.read + begin
            end = min(start + width, lane.end - 1)
            if start >= end:
                continue
            given[row, : end - start] = ids[start:end]
            quiet = min(max(0, lane.scored - 1 - start), end - start)
            targets[row, quiet : end - start] = ids[start + 1 + quiet : end + 1]
        yield Batch(torch.from_numpy(given), torch.from_numpy(targets))


def _fewer_rows(most: int) -> tuple[Remedy, ...]:
    if most < 1:
        return ()
    return (Remedy("set", words("Use {rows|row|rows}", rows=most), "training.batch_size", str(most)),)
