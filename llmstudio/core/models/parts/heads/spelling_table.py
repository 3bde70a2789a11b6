"""What features of a word's spelling say of its class: a linear model beside the one that reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.parts.heads.sizes import SCALE
from llmstudio.core.models.roles import Role, declare


class SpellingTable(nn.Module):
    """A score of each class for every feature; those of a word's features are added up.

    All scores begin at zero: until something is learned, spelling says nothing. They are held in `SCALE`.
    """

    def __init__(self, num_rows: int, num_classes: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(num_rows, num_classes))
        declare(self, table=Role.BIAS)

    def forward(self, rows: Tensor, dropout: float = 0.0) -> Tensor:
        """(N, C) scores of words. rows (N, F), features of each, 0 for none; `dropout`: share silenced while learning."""
        if not dropout or not self.training:
            return SCALE * F.embedding_bag(rows, self.table, mode="sum", padding_idx=0)
        kept = (torch.rand(rows.shape, device=rows.device) >= dropout).to(self.table.dtype) * (SCALE / (1 - dropout))
        return F.embedding_bag(rows, self.table, mode="sum", padding_idx=0, per_sample_weights=kept)

    def mean(self, rows: Tensor, dropout: float = 0.0) -> Tensor:
        """(N, C) the same for whole texts, over the root of how many features each has: a long one is no surer of itself."""
        count = (rows > 0).sum(1, keepdim=True).clamp_min(1)
        scores: Tensor = self(rows, dropout) / count.sqrt()
        return scores
