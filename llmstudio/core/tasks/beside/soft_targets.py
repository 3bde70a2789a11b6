"""The loss of a model that learns from right answers and from the distribution of a teacher at once.

A teacher's distribution says more than the right answer: which wrong ones are nearly right. Divided by a temperature the
scores of both give flatter distributions, in which the unlikely counts too; times its square, the gradient by the teacher
stays as large as that by the right answers. Source: Hinton, Vinyals and Dean 2015, arXiv:1503.02531.

    loss = (1 - share) * cross-entropy + share * T^2 * KL(teacher at T || model at T)

The gradient of the logits is made with the loss, in the blocks that the loss was made in: four as wide as the vocabulary at
most, one that stays.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from llmstudio.core.dataset.batches import IGNORED


def soft_cross_entropy(
    logits: Tensor, teacher: Tensor, targets: Tensor, share: float, temperature: float, *, label_smoothing: float = 0.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Of every place, in 32 bits, nats, (N,), and 0 where ignored: the loss, and without a gradient its two parts, the
    cross-entropy of the target and T^2 times the divergence from the teacher.

    Args:
        logits: (N, V), fresh from a product, which does not need them again: they may be overwritten.
        teacher: The teacher's, the same.
        targets: (N,) the right token at each place, or `IGNORED`.
        share: Of the teacher, in the loss.
        temperature: T.
        label_smoothing: Share of every target that is spread over all tokens.
    """
    found: tuple[Tensor, Tensor, Tensor] = _SoftTargets.apply(  # type: ignore[no-untyped-call]
        logits, teacher, targets, share, temperature, label_smoothing
    )
    return found


class _SoftTargets(torch.autograd.Function):
    """See `soft_cross_entropy`."""

    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, teacher: Tensor, targets: Tensor, share: float, temperature: float, smoothing: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Keeps the gradient of the logits where every place counts once."""
        ignored = targets == IGNORED
        ours = logits.detach().float()
        theirs = _log_softmax(teacher.detach().float().div_(temperature))
        soft, hard = _log_softmax(ours / temperature), _log_softmax(ours)
        losses = F.nll_loss(hard, targets, ignore_index=IGNORED, reduction="none")
        if smoothing:
            spread = -hard.sum(-1) / hard.shape[1]
            losses = (1 - smoothing) * losses + smoothing * spread.masked_fill_(ignored, 0)
        apart = theirs - soft
        divergence = apart.mul_(theirs.exp_()).sum(-1).mul_(temperature**2).masked_fill_(ignored, 0)
        del apart
        gradient = soft.exp_().sub_(theirs).mul_(share * temperature)
        hard = hard.exp_().sub_(smoothing / hard.shape[1])
        hard.scatter_add_(1, targets.clamp_min(0)[:, None], hard.new_full((len(hard), 1), smoothing - 1))
        gradient.add_(hard, alpha=1 - share).masked_fill_(ignored[:, None], 0)
        ctx.dtype = logits.dtype
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(losses, divergence)
        return (1 - share) * losses + share * divergence, losses, divergence

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        """As much of it as every place counts."""
        (gradient,) = ctx.saved_tensors
        return (gradient * given[:, None]).to(ctx.dtype), None, None, None, None, None


def _log_softmax(x: Tensor) -> Tensor:
    """On a processor where `x` lies; a GPU's kernels promise nothing of what they do to their own input."""
    if x.device.type != "cpu":
        return F.log_softmax(x, -1)
    found: Tensor = torch.ops.aten._log_softmax.out(x, -1, False, out=x)
    return found
