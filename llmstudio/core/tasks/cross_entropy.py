"""Cross-entropy that overwrites the logits it is given: half of the memory, the same numbers to the last bit.

torch keeps logits, their log softmax, its gradient and that of the logits side by side, each as wide as the vocabulary and
by far the largest blocks of a small model. Here the log softmax overwrites the logits, and the gradient of the logits
overwrites that of the log softmax: two blocks instead of four. The operations are torch's own; only the memory differs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from llmstudio.core.dataset.batches import IGNORED


def cross_entropy(logits: Tensor, targets: Tensor, *, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of every target in 32 bits, nats, (N,); 0 where ignored. targets (N,).

    Args:
        logits: (N, V), fresh from a product, which does not need them again: on a processor they are overwritten.
        targets: The right token at each place, or `IGNORED`.
        label_smoothing: Share of every target that is spread over all tokens.
    """
    if logits.device.type != "cpu":  # a GPU's kernels promise nothing of what they do to their own input
        wide = logits.float()
        return F.cross_entropy(wide, targets, ignore_index=IGNORED, reduction="none", label_smoothing=label_smoothing)
    losses: Tensor = _InPlace.apply(logits, targets, label_smoothing)  # type: ignore[no-untyped-call]
    return losses


class _InPlace(torch.autograd.Function):
    """See `cross_entropy`."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, label_smoothing: float) -> Tensor:
        """Keeps the log softmax."""
        ctx.dtype, ctx.label_smoothing = logits.dtype, label_smoothing
        shares = logits.detach().float()
        torch.ops.aten._log_softmax.out(shares, -1, False, out=shares)
        ctx.save_for_backward(shares, targets)
        losses = F.nll_loss(shares, targets, ignore_index=IGNORED, reduction="none")
        if not label_smoothing:
            return losses
        spread = (-shares.sum(-1)).masked_fill_(targets == IGNORED, 0)
        return (1 - label_smoothing) * losses + spread * (label_smoothing / shares.shape[1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        """The gradient of the log softmax becomes that of the logits where it lies."""
        shares, targets = ctx.saved_tensors
        given = given.masked_fill(targets == IGNORED, 0)
        places = targets.clamp_min(0)[:, None]
        if ctx.label_smoothing:
            grads = (given * (ctx.label_smoothing / shares.shape[1])).neg()[:, None].expand_as(shares).contiguous()
            of_targets = (given * (1 - ctx.label_smoothing)).neg()[:, None]
        else:
            grads, of_targets = torch.zeros_like(shares), given.neg()[:, None]
        grads.scatter_add_(1, places, of_targets)
        torch.ops.aten._log_softmax_backward_data.out(grads, shares, -1, torch.float32, out=grads)
        return grads.to(ctx.dtype), None, None
