"""Windows of words: what a word and those beside it say together."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.parts.heads.sizes import HIDDEN
from llmstudio.core.models.weights.dense import Matrix


class WordWindows(nn.Module):
    """The vectors of a word and of `reach` words on each side of it, one behind the other, through a hidden layer.

    Source: Collobert et al. 2011, arXiv:1103.0398 (window approach).
    """

    def __init__(self, width: int, reach: int, generator: torch.Generator) -> None:
        super().__init__()
        self.reach = reach
        self.hidden = Matrix((2 * reach + 1) * width, HIDDEN, bias=True)
        with torch.no_grad():
            self.hidden.weight.normal_(0, self.hidden.in_features**-0.5, generator=generator)
            self.hidden.bias.zero_()

    def forward(self, vectors: Tensor, starts: Tensor, dropout: float = 0.0) -> Tensor:
        """(B, T, D) -> (B, T, HIDDEN) where words start, zeros elsewhere. starts (B, T) bool. Beyond a row is nothing;
        `dropout`: share of the vectors' numbers that are silenced while learning.
        """
        length = max(1, int(starts.sum(1).max())) if len(starts) else 1
        order = torch.argsort((~starts).to(torch.int8), dim=1, stable=True)[:, :length]
        there = torch.arange(length, device=starts.device) < starts.sum(1, keepdim=True)
        packed = vectors.gather(1, order[..., None].expand(-1, -1, vectors.shape[2])) * there[..., None]
        longer = F.pad(drop(packed, dropout, self.training), (0, 0, self.reach, self.reach))
        windows = torch.cat([longer[:, at : at + length] for at in range(2 * self.reach + 1)], dim=-1)
        found: Tensor = self.hidden(windows).relu()
        spread = found.new_zeros(*starts.shape, HIDDEN)
        spread[starts] = found[there]
        return spread
