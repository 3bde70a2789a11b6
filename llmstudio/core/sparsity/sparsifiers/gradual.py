"""Gradual magnitude pruning: the smallest weights go, many at first and ever fewer, while the others learn on.

Source: Zhu and Gupta 2017, arXiv:1710.01878.
"""

from __future__ import annotations

from torch import Tensor

from llmstudio.core.sparsity.sparsifiers.base import Sparsifier, by_size
from llmstudio.core.sparsity.sparsifiers.schedules import cubic, is_change, span
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import words


class Gradual(Sparsifier):
    """Weights go by their size, for good."""

    def begin_step(self, step: int, max_steps: int) -> None:
        """Take away what is to be gone by now."""
        super().begin_step(step, max_steps)
        begin, end = span(self.config, max_steps)
        is_due = step >= end or is_change(step, begin, end, self.config.changes)
        if is_due and not self.is_settled(step, max_steps):
            gone = self.num_zeros / max(1, self.goal)  # by an earlier pruning, or under a plan of fewer steps
            self._set(self._choose(self._scores(), max(gone, cubic(step, begin, end))))
            if self.is_settled(step, max_steps):
                share = percent(self.sparsity)
                self.news.append(words("{share} of the weights that may go are zero now, as asked.", share=share))

    def _scores(self) -> dict[str, Tensor]:
        """How much each weight matters: by its size."""
        return by_size(self.parameters, self.masked)
