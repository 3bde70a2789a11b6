"""The loss of a next-token model: cross-entropy, weighted, and summed so that batches of any shape add up."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import LOGITS_AT_ONCE, LOOKED_LOGITS_AT_ONCE, LOOKED_PLACES_AT_LEAST
from llmstudio.core.tasks.cross_entropy import cross_entropy

_PLACES = 64


def token_losses(model: LanguageModel, hidden: Tensor, targets: Tensor, *, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of every target, nats, (N,); 0 where ignored. hidden (N, D), targets (N,).

    `label_smoothing` is the share of every target that is spread over all tokens.
    """
    is_learning = torch.is_grad_enabled()
    rows = max(1, LOGITS_AT_ONCE // model.vocab_size) if is_learning else _looked_at_once(model)
    if len(hidden) <= rows:
        return _cross_entropy(model, hidden, targets, label_smoothing)
    pieces = zip(torch.split(hidden, rows), torch.split(targets, rows), strict=True)
    if not is_learning:
        # Room for all losses comes first: one that is made behind its logits stays there, and the next piece finds no place
        # where the last one was, so that the process grows by a piece each time.
        losses = hidden.new_empty(len(hidden), dtype=torch.float32)
        for room, (h, t) in zip(torch.split(losses, rows), pieces, strict=True):
            room.copy_(_cross_entropy(model, h, t, label_smoothing))
        return losses
    return torch.cat([checkpoint(_cross_entropy, model, h, t, label_smoothing, use_reentrant=False) for h, t in pieces])


def likeliest(model: LanguageModel, hidden: Tensor) -> Tensor:
    """The token with the highest logit at every place, (N,). hidden (N, D)."""
    rows = _looked_at_once(model)
    found = hidden.new_empty(len(hidden), dtype=torch.int64)  # first, as the losses above
    for room, piece in zip(torch.split(found, rows), torch.split(hidden, rows), strict=True):
        room.copy_(model.head(piece).argmax(-1))
    return found


def flattened(hidden: Tensor, *beside: Tensor) -> tuple[Tensor, ...]:
    """Hidden vectors (B, T, D) as (N, D) and what stands beside each place (B, T) as (N,), in the order they have in memory.

    Recurrent models work with time first: to turn that round would copy every hidden vector, and its gradient.
    """
    if hidden.transpose(0, 1).is_contiguous():
        hidden, beside = hidden.transpose(0, 1), tuple(tensor.t() for tensor in beside)
    return hidden.flatten(0, 1), *(tensor.flatten() for tensor in beside)


def counted(hidden: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Only the positions that count: hidden (B, T, D) and targets (B, T) become (N, D) and (N,). The others get no logits.

    N is filled up to a multiple of 64 with ignored places: libraries keep a plan for every shape they meet.
    """
    places = (targets.flatten() != IGNORED).nonzero().flatten()
    filling = -len(places) % _PLACES
    aimed = F.pad(targets.flatten()[places], (0, filling), value=IGNORED)
    return hidden.flatten(0, 1).index_select(0, F.pad(places, (0, filling))), aimed


def num_counted(batch: Batch) -> float:
    """How many targets of a batch count."""
    assert batch.targets is not None
    return float((batch.targets != IGNORED).sum())


def _looked_at_once(model: LanguageModel) -> int:
    """Places whose logits are there at once where nothing is learned."""
    return max(LOOKED_PLACES_AT_LEAST, LOOKED_LOGITS_AT_ONCE // model.vocab_size)


def _cross_entropy(model: LanguageModel, hidden: Tensor, targets: Tensor, label_smoothing: float) -> Tensor:
    return cross_entropy(model.head(hidden), targets, label_smoothing=label_smoothing)
