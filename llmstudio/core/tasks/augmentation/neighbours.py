"""The tokens whose vectors lie nearest to those of others."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.base import Weight


def token_table(model: LanguageModel) -> Tensor:
    """(V, D) a model's vector of each token, as it is now."""
    return cast(Weight, model.embed).dense()


@torch.no_grad()
def neighbours(table: Tensor, asked: Tensor, among: Tensor, count: int) -> Tensor:
    """The `count` nearest of other tokens, the nearest first; at most as many as there are.

    Args:
        table: (V, D) a vector a token.
        asked: (N,) tokens.
        among: (M,) tokens that may be neighbours; each of `asked` is one of them.
        count: How many of each.

    Returns:
        (N, count) tokens, by the cosine of their vectors.
    """
    unit = F.normalize(table[among].float(), dim=-1)
    likeness = F.normalize(table[asked].float(), dim=-1) @ unit.t()  # (N, M)
    likeness = likeness.masked_fill(asked[:, None] == among, -2.0)
    return among[likeness.topk(min(count, len(among) - 1)).indices]
