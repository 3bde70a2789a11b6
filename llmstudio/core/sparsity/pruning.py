"""Pruning: from scores to masks with an exact number of zeros, over the whole model or within each layer.

It neither trains nor measures. Asked for a sparsity, it takes away exactly `round(sparsity * prunable weights)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.criteria import CRITERIA
from llmstudio.core.sparsity.masks import Masks, apply_masks, prunable


def prune_model(model: nn.Module, config: PruningConfig) -> Masks:
    """Set the least important weights of `model` to zero, in place. Returns the masks that did it, by parameter name.

    Raises:
        StudioError: As `prune_masks`.
    """
    masks = prune_masks(model, config)
    apply_masks(model, masks)
    return masks


def prune_masks(model: nn.Module, config: PruningConfig) -> Masks:
    """The masks that pruning by `config` would apply; the model stays as it is. The same model and seed give the same masks.

    Weights that are zero already score lowest and so count among the zeros: pruning again goes on where it stopped.

    Raises:
        StudioError: The model has nothing to prune, or holds weights that are not numbers.
    """
    parameters = prunable(model, keep_embeddings=config.keep_embeddings)
    if not parameters:
        raise StudioError("This model has no weights to prune: take away the tick at the embeddings, or choose another one.")
    criterion, generator = CRITERIA[config.method], torch.Generator().manual_seed(config.seed)
    scores = {name: criterion(p, generator) for name, p in parameters.items()}
    for name, score in scores.items():
        # One pass: a maximum is not a number if any value is not, and infinite if any is.
        if score.numel() and not math.isfinite(float(score.max())):
            raise StudioError(
                "{name} holds weights that are not numbers, so this model cannot be pruned: its training has diverged."
                " Choose an earlier checkpoint or train again with a lower learning rate.",
                name=name,
            )
    if config.scope == "layer":
        counts = share_out(config.sparsity, [s.numel() for s in scores.values()])
        return {name: ~lowest(s, k) for (name, s), k in zip(scores.items(), counts, strict=True)}
    flat = torch.cat([s.flatten() for s in scores.values()])
    kept = ~lowest(flat, round(config.sparsity * flat.numel()))
    pieces = torch.split(kept, [s.numel() for s in scores.values()])
    return {name: piece.view(s.shape) for (name, s), piece in zip(scores.items(), pieces, strict=True)}


def lowest(scores: Tensor, k: int) -> Tensor:
    """True for exactly the `k` lowest scores; among equal ones, those that come first. Shape as `scores`."""
    flat = scores.flatten()
    chosen = torch.zeros(flat.numel(), dtype=torch.bool)
    if k > 0:
        threshold = flat.kthvalue(k).values
        chosen = flat < threshold
        ties = (flat == threshold).nonzero().flatten()
        chosen[ties[: k - int(chosen.sum())]] = True
    return chosen.view(scores.shape)


def share_out(share: float, sizes: Sequence[int]) -> list[int]:
    """How many of each size are taken so that the sum is `round(share * total)` and none is off by more than one.

    Example: `share_out(0.5, [3, 3, 3])` is `[2, 1, 1]`: rounded running totals (2, 3, 4), not three times 1.5 rounded.
    """
    taken, total, counts = 0, 0, []
    for size in sizes:
        total += size
        # Running totals can grow by one more than a small part holds, when rounding falls awkwardly.
        counts.append(min(size, round(share * total) - taken))
        taken += counts[-1]
    return counts
