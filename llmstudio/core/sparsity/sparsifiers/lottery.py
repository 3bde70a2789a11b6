"""Lottery tickets: train, take the smallest weights away, set the others back to what they were early on, and train again.

Sources: Frankle and Carbin 2019, arXiv:1803.03635; back to an early step, not to the first: Frankle et al. 2020,
arXiv:1912.05671.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from llmstudio.core.sparsity.sparsifiers.base import Sparsifier, by_size, taken_up
from llmstudio.core.sparsity.sparsifiers.schedules import rounds_of, share_of_round
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import words

_EARLY = "early:"


class Lottery(Sparsifier):
    """Rounds of training. The batches go on; the optimizers forget, and the learning rate begins again."""

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """As everywhere; nothing is remembered yet."""
        super().begin(is_learned=is_learned, is_pruned=is_pruned)
        self._early: dict[str, Tensor] = {}

    def begin_step(self, step: int, max_steps: int) -> None:
        """Remember the weights of the early step, and begin a round."""
        super().begin_step(step, max_steps)
        if self.is_settled(step, max_steps):
            return
        rounds = rounds_of(self.config, max_steps)
        if step == rounds.early:
            self._early = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        if (number := rounds.begins(step)) and self._early:
            gone = self.num_zeros / self.goal
            share = share_of_round(self.config.sparsity, number, rounds.number)
            self._set(self._choose(by_size(self.parameters, self.masked), max(gone, share)))
            self._rewind()
            self.news.append(
                words(
                    "Round {round} of {rounds}: {share} of the weights that may go are gone; the others are again what they"
                    " were at step {early:,}.",
                    round=number,
                    rounds=rounds.number,
                    share=percent(self.sparsity),
                    early=rounds.early,
                )
            )
            if self.is_settled(step, max_steps):
                self._early = {}

    def pace(self, step: int, max_steps: int) -> tuple[int, int]:
        """Each round has the learning rates of the first, from the early step on."""
        if not self.goal:
            return step, max_steps
        rounds = rounds_of(self.config, max_steps)
        if step < rounds.first:
            return step, rounds.first
        left = max_steps - step
        if not self.is_settled(step, max_steps):
            left = (left - 1) % rounds.each + 1
        return max(rounds.early, rounds.first - left), rounds.first

    def state(self) -> dict[str, Tensor]:
        """Also the weights of the early step, until the last round has begun with them."""
        return super().state() | {_EARLY + name: weights for name, weights in self._early.items()}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`. Raises ValueError if it is of another model."""
        super().load_state(tensors)
        self._early = taken_up(_EARLY, tensors, self.model)

    @torch.no_grad()
    def _rewind(self) -> None:
        for name, parameter in self.model.named_parameters():
            parameter.copy_(self._early[name])
        self._keep_zeros()
        self.optimizers.forget()
