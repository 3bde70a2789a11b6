"""Proximal steps: after each step every weight comes nearer to zero by the same amount, and those that reach it stay there.

That is the proximal operator of an L1 penalty, the soft threshold, which gives zeros where a penalty in the loss gives small
numbers. How sparse the model gets follows from the penalty. Then the zeros stay and the others learn on without it, since
the penalty has made them too small (the relaxed lasso).

Sources: Parikh and Boyd 2014, Proximal algorithms; Meinshausen 2007, Relaxed lasso.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.sparsity.sparsifiers.base import Sparsifier
from llmstudio.core.sparsity.sparsifiers.schedules import span
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import Words, words

_FIXED = "fixed"


class Proximal(Sparsifier):
    """The penalty acts beside the optimizers, as their weight decay does: by the learning rate of each matrix."""

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """As everywhere, without a number of zeros that is to be reached."""
        self.goal, self._is_fixed = self.num_weights, False
        super().begin(is_learned=is_learned, is_pruned=is_pruned)

    def begin_step(self, step: int, max_steps: int) -> None:
        """Keep the zeros for good, once the penalty has ended."""
        super().begin_step(step, max_steps)
        if not self._is_fixed and step >= span(self.config, max_steps)[1]:
            self._set({name: p.detach() != 0 for name, p in self.parameters.items()})
            self._is_fixed = True
            share = percent(self.sparsity)
            self.news.append(
                words("{share} of the weights that may go are zero and stay so; the others learn on.", share=share)
            )

    def after_step(self, step: int, max_steps: int) -> None:
        """Bring all weights nearer to zero; the largest of a matrix no further than half of the way."""
        if not self._is_fixed:
            for name, parameter in self.parameters.items():
                by = self.optimizers.rate_of(name) * self.config.l1
                soft_threshold(parameter.data, min(by, parameter.detach().abs().max().item() / 2))
        super().after_step(step, max_steps)

    def _goals_beside(self, gone: Sequence[int]) -> dict[str, int]:
        return {}  # none are set

    def is_settled(self, step: int, max_steps: int) -> bool:
        """Whether the zeros are there for good."""
        return self._is_fixed

    @property
    def num_zeros(self) -> int:
        """Those that are zero now."""
        if self._is_fixed:
            return super().num_zeros
        return sum(p.numel() - int(torch.count_nonzero(p)) for p in self.parameters.values())

    def said(self) -> list[Words]:
        """That nobody knows how many it will be."""
        return [words("How many weights become zero follows from the penalty: it is told as the model learns.")]

    def state(self) -> dict[str, Tensor]:
        """Also whether the zeros stay."""
        return super().state() | ({_FIXED: torch.ones(1)} if self._is_fixed else {})

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`. Raises ValueError if it is of another model."""
        super().load_state(tensors)
        self._is_fixed = _FIXED in tensors


def soft_threshold(weights: Tensor, by: float) -> None:
    """Bring all weights nearer to zero, in place, and to exactly zero where they are no further than `by` from it."""
    weights.copy_(F.softshrink(weights, by))
