"""Movement pruning: in fine-tuning those weights go that training moves towards zero, however large they are.

Each weight has a score that learns as if it were a weight (the straight-through gradient): it rises where the loss would
have the weight grow and falls where it would have it shrink. What is gone is scored on, as the weight that it was, and comes
back if others fall below it.

Source: Sanh et al. 2020, arXiv:2005.07683 (hard movement pruning; scores step by plain gradients, so their scale is free).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from llmstudio.core.sparsity.sparsifiers.base import taken_up
from llmstudio.core.sparsity.sparsifiers.gradual import Gradual

_SCORE, _RESTING = "score:", "resting:"


class Movement(Gradual):
    """Weights go by their scores, more and more of them."""

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """As everywhere; all scores are alike, but those of what had been pruned before."""
        super().begin(is_learned=is_learned, is_pruned=is_pruned)
        self._points = {
            name: torch.zeros_like(p).masked_fill(~self.masked[name].stays, -torch.inf)
            for name, p in self.parameters.items()
        }
        self._resting = {name: torch.zeros_like(p) for name, p in self.parameters.items()}

    def with_gradients(self, step: int, max_steps: int) -> None:
        """Let the scores learn, where all gradients are numbers."""
        gradients = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
        if not self.is_settled(step, max_steps) and all(bool(torch.isfinite(g).all()) for g in gradients.values()):
            for name, gradient in gradients.items():
                self._points[name].addcmul_(gradient, self.parameters[name].detach() + self._resting[name], value=-1)
        super().with_gradients(step, max_steps)

    def state(self) -> dict[str, Tensor]:
        """Also scores, and what has gone as it was, while it may come back."""
        scores = {_SCORE + name: points for name, points in self._points.items()}
        return super().state() | scores | {_RESTING + name: resting for name, resting in self._resting.items()}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`. Raises ValueError if it is of another model."""
        super().load_state(tensors)
        self._points, self._resting = taken_up(_SCORE, tensors, self.model), taken_up(_RESTING, tensors, self.model)

    def _scores(self) -> dict[str, Tensor]:
        return self._points

    def _set(self, masks: Mapping[str, Tensor]) -> None:
        """As everywhere, but what goes is kept aside, and what comes back is what it was."""
        with torch.no_grad():
            for name, stays in masks.items():
                self.parameters[name].add_(self._resting[name])
                self._resting[name] = self.parameters[name].detach().masked_fill(stays, 0.0)
        super()._set(masks)
        if self.num_zeros == self.goal:
            self._points, self._resting = {}, {}
