"""The classes that a model guesses of texts, and their loss: by the right ones, or by a teacher's guesses as well."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.tasks.classes.balancing import Balance


@dataclass(frozen=True)
class ClassGuesses:
    """Classes of texts.

    Attributes:
        logits: (B, C) what each class scores.
        truth: (B, C) 1 for each class of a text.
        balance: What a text's loss is.
    """

    logits: Tensor
    truth: Tensor
    balance: Balance

    def loss(self) -> Tensor:
        """See `guessing.Guesses`."""
        return self.balance.losses(self.logits, self.truth).sum()

    def distilled(self, teacher: ClassGuesses, share: float, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
        """See `guessing.Guesses`; where a text may have several classes, each is a distribution of two of its own."""
        ours, theirs = self.logits.float() / temperature, teacher.logits.float() / temperature
        if self.balance.several:
            sides = [(F.logsigmoid(sign * ours), F.logsigmoid(sign * theirs)) for sign in (1, -1)]
        else:
            sides = [(F.log_softmax(ours, -1), F.log_softmax(theirs, -1))]
        divergence = sum(
            (F.kl_div(mine, wanted, reduction="sum", log_target=True) for mine, wanted in sides), ours.new_zeros(())
        )
        by_targets, by_teacher = self.loss(), temperature**2 * divergence
        return (1 - share) * by_targets + share * by_teacher, by_targets.detach(), by_teacher.detach()
