"""Sparse from the first step on: a fixed mask, or one in which the smallest weights give way to others as it learns.

As many come back as go, in every matrix, so the number of zeros stays as it is.

Sources: Mocanu et al. 2018, arXiv:1707.04780 (SET); Evci et al. 2020, arXiv:1911.11134 (RigL).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.patterns import lowest
from llmstudio.core.sparsity.sparsifiers.base import Sparsifier, seeded
from llmstudio.core.sparsity.sparsifiers.schedules import cosine, is_change, span


class Static(Sparsifier):
    """What is gone is drawn before the first step; of a model that has learned the smallest weights go."""

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """Choose what is there; what had been pruned before is gone in any case. Raises StudioError as everywhere."""
        super().begin(is_learned=is_learned, is_pruned=is_pruned)
        draw = seeded(self.seed, -1)
        scores = {
            name: (p.detach().abs() if is_learned else draw(p)).masked_fill(~self.masked[name].stays, -1.0)
            for name, p in self.parameters.items()
        }
        self._mask(self._choose(scores, 1.0))


class SET(Static):
    """Sparse evolutionary training: a share of the smallest weights gives way to others, drawn by chance, as are their
    values: no larger than any weight that stayed. What begins at zero might stay there, where no gradient comes.
    """

    def begin_step(self, step: int, max_steps: int) -> None:
        """Exchange weights, where that is due."""
        super().begin_step(step, max_steps)
        if not exchanges(self.config, step, max_steps):
            return
        draw = seeded(self.seed, step)
        for name, parameter in self.parameters.items():
            stays, added = evolved(parameter.detach(), self.masked[name].stays, draw, self.config.drop_share)
            if parameter.requires_grad:  # else it does not learn yet
                self._set({name: stays})
                parameter.data.add_(added)


class RigL(Static):
    """A share of the smallest weights, which falls like a cosine, gives way to those with the largest gradients.

    The gradients are those of the dense matrix at this step. What comes back begins at zero.
    """

    def with_gradients(self, step: int, max_steps: int) -> None:
        """Exchange weights, where that is due and all gradients are numbers: in 16 bits they may not be."""
        gradients = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
        if exchanges(self.config, step, max_steps) and all(bool(torch.isfinite(g).all()) for g in gradients.values()):
            share = falling_share(self.config, step, max_steps)
            self._set({name: self._exchanged(name, gradient.abs(), share) for name, gradient in gradients.items()})
        super().with_gradients(step, max_steps)

    def _exchanged(self, name: str, worth: Tensor, share: float) -> Tensor:
        """The mask of one matrix after a share of its weights has given way to those of most worth."""
        stays = self.masked[name].stays
        return exchanged(self.parameters[name].detach(), stays, worth, round(share * int(stays.sum())))


def exchanges(config: SparseConfig, step: int, max_steps: int) -> bool:
    """Whether weights give way to others at step `step` of `max_steps`."""
    return step > 0 and is_change(step, 0, span(config, max_steps)[1], config.changes)


def falling_share(config: SparseConfig, step: int, max_steps: int) -> float:
    """The share of weights that gives way with RigL."""
    return config.drop_share * cosine(step, span(config, max_steps)[1])


def evolved(weights: Tensor, stays: Tensor, draw: Callable[[Tensor], Tensor], share: float) -> tuple[Tensor, Tensor]:
    """What of a matrix is there once a share of the smallest has given way to others by chance, and the values of these:
    no larger than any weight that stayed; zero for all that are not new.
    """
    worth, values = draw(weights), 2 * draw(weights) - 1
    now = exchanged(weights, stays, worth, round(share * int(stays.sum())))
    least = weights.abs().masked_fill(~(now & stays), torch.inf).min()
    return now, values.mul_(least.nan_to_num(posinf=0.0)).masked_fill_(stays | ~now, 0.0)


def exchanged(weights: Tensor, stays: Tensor, worth: Tensor, k: int) -> Tensor:
    """Which weights are there once the `k` smallest have gone and of all that are not there the `k` of most `worth` came.

    One that has just gone may come back at once, and then has never been away. All have the shape of `weights`.
    """
    kept = stays & ~lowest(weights.abs().masked_fill(~stays, torch.inf), k)
    return kept | lowest((-worth).masked_fill(kept, torch.inf), k)
