"""Tasks that are learned by guessing tokens, or the classes of a text; a teacher's guesses may count along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from llmstudio.core.batch import Batch
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import LOGITS_AT_ONCE
from llmstudio.core.tasks.base import Task
from llmstudio.core.tasks.beside.soft_targets import soft_cross_entropy
from llmstudio.core.tasks.loss import counted, flattened, token_losses


class Guesses(Protocol):
    """What a model guesses of a batch, and the right answers."""

    def loss(self) -> Tensor:
        """Of all of them, summed as they are weighted."""

    def distilled(self, teacher: Self, share: float, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
        """Sums as `loss`: by the right answers and by what a teacher guesses, of which `share` of the loss is made; then,
        without gradients, each of the two alone. See `beside.soft_targets`.
        """


class Guessing(Task):
    """A task whose loss is that of guesses."""

    def guesses(self, model: LanguageModel, batch: Batch) -> Guesses:
        """What a model guesses of a batch; one in evaluation mode reads it as it is, whatever is hidden from learners."""
        raise AssertionError("every such task guesses something of its own")

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: the weighted sum over its guesses, over the weight of the whole step."""
        return self.guesses(model, batch).loss() / total_weight


@dataclass(frozen=True)
class TokenGuesses:
    """Tokens that a model guesses.

    Attributes:
        model: The model.
        hidden: (B, T, D) what its head reads.
        targets: (B, T) the right tokens, or `IGNORED`.
        weights: (B, T) how much each counts; None if all count alike.
        label_smoothing: Share of every target that is spread over all tokens.
        few: Whether many places are ignored: these get no logits.
    """

    model: LanguageModel
    hidden: Tensor
    targets: Tensor
    weights: Tensor | None = None
    label_smoothing: float = 0.0
    few: bool = False

    def loss(self) -> Tensor:
        """See `Guesses`."""
        hidden, targets, *weights = self._placed(self.hidden)
        losses = token_losses(self.model, hidden, targets, label_smoothing=self.label_smoothing)
        return (losses * weights[0] if weights else losses).sum()

    def distilled(self, teacher: TokenGuesses, share: float, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
        """See `Guesses`; logits are made piece by piece where they are many, as in `loss.token_losses`."""

        def soft(hidden: Tensor, theirs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            with torch.no_grad():
                wanted = teacher.model.head(theirs)
            logits = self.model.head(hidden)
            return soft_cross_entropy(logits, wanted, targets, share, temperature, label_smoothing=self.label_smoothing)

        hidden, targets, *weights = self._placed(self.hidden)
        # Recurrent models keep time first: the teacher's places come in the order of the model's.
        theirs, *_ = self._placed(teacher.hidden, like=self.hidden)
        rows = max(1, LOGITS_AT_ONCE // self.model.vocab_size)
        if len(hidden) <= rows:
            found = list(soft(hidden, theirs, targets))
        else:
            split = zip(*(torch.split(each, rows) for each in (hidden, theirs, targets)), strict=True)
            pieces = [checkpoint(soft, *piece, use_reentrant=False) for piece in split]
            found = [torch.cat(part) for part in zip(*pieces, strict=True)]
        mixed, by_targets, by_teacher = ((each * weights[0] if weights else each).sum() for each in found)
        return mixed, by_targets, by_teacher

    def _placed(self, hidden: Tensor, like: Tensor | None = None) -> tuple[Tensor, ...]:
        """Hidden vectors (N, D), their targets (N,) and, where there are any, weights (N,), in the order of `like`'s."""
        if self.few:
            return counted(hidden, self.targets)
        beside = (self.targets,) if self.weights is None else (self.targets, self.weights)
        if like is not None and like.transpose(0, 1).is_contiguous():
            hidden = hidden.transpose(0, 1).contiguous().transpose(0, 1)
        elif like is not None:
            hidden = hidden.contiguous()
        return flattened(hidden, *beside)
