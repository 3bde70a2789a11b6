"""When weights go and how many: of the number of a step and of all steps, so that a resumed run does as one that was not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from llmstudio.core.sparse_config import SparseConfig


def span(config: SparseConfig, max_steps: int) -> tuple[int, int]:
    """The steps before which weights go for the first and for the last time. The last lies before the end of the run."""
    end = min(round(config.end_share * max_steps), max_steps - 1)
    return min(round(config.begin_share * max_steps), end), end


def is_change(step: int, begin: int, end: int, changes: int) -> bool:
    """Whether step `step` is one of `changes` that are spread evenly from `begin` until `end`, which is none of them."""
    if not begin <= step < end:
        return False
    return changes * (step - begin) // (end - begin) != changes * (step - 1 - begin) // (end - begin)


def cubic(step: int, begin: int, end: int) -> float:
    """How much of the sparsity asked for there is at a step: none until `begin`, quickly more, then slowly all at `end`.

    Source: Zhu and Gupta 2017, arXiv:1710.01878, from a dense model.
    """
    if step >= end:
        return 1.0
    return 1.0 - (1.0 - max(0, step - begin) / (end - begin)) ** 3


def cosine(step: int, end: int) -> float:
    """1 at first, 0 from `end` on, half a cosine between. Source: Evci et al. 2020, arXiv:1911.11134."""
    return 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, end))))


@dataclass(frozen=True)
class Rounds:
    """A training, and others that begin again at an early step of it: each ends where the next begins.

    Attributes:
        first: Steps of the first.
        each: Steps of each of the others.
        number: Of these.
    """

    first: int
    each: int
    number: int

    @property
    def early(self) -> int:
        """The step at which the others begin."""
        return self.first - self.each

    def begins(self, step: int) -> int:
        """Which of the others begins at a step; 0 if none does."""
        round_, rest = divmod(step - self.first, self.each)
        return round_ + 1 if rest == 0 and 0 <= round_ < self.number else 0


def rounds_of(config: SparseConfig, max_steps: int) -> Rounds:
    """The rounds that fill so many steps: as many as asked for, if each has two or more."""
    share, number = 1 - config.rewind_share, min(config.rounds, max(1, max_steps // 2 - 1))
    each = max(1, int(max_steps * share / (1 + number * share)))
    return Rounds(max_steps - number * each, each, number)


def share_of_round(sparsity: float, number: int, of: int) -> float:
    """How much of the sparsity asked for there is from the beginning of a round on: each of them leaves the same share.

    Source: Frankle and Carbin 2019, arXiv:1803.03635.
    """
    return 1.0 if number == of else float((1 - (1 - sparsity) ** (number / of)) / sparsity)
