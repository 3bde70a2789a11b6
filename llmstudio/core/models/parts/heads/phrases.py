"""Phrases: windows of neighbouring tokens, each of which looks for a few words that belong together."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.parts.heads.sizes import FILTERS, WIDTHS
from llmstudio.core.models.weights.dense import Matrix


class Phrases(nn.Module):
    """What a text says, wherever it says it: of every filter the loudest answer among all windows of its width.

    Source: Kim 2014, arXiv:1408.5882 (TextCNN); Collobert et al. 2011, arXiv:1103.0398.
    """

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.filters = nn.ModuleList(Matrix(reach * width, FILTERS, bias=True) for reach in WIDTHS)
        with torch.no_grad():
            for matrix in self.filters:
                assert isinstance(matrix, Matrix)
                matrix.weight.normal_(0, matrix.in_features**-0.5, generator=generator)
                matrix.bias.zero_()

    def forward(self, features: Tensor, counted: Tensor) -> Tensor:
        """(B, T, D) -> (B, FEATURES). A window may begin before the text; padding (counted False) is silent."""
        features = features * counted.unsqueeze(-1)
        length, loudest = features.shape[1], []
        for reach, matrix in zip(WIDTHS, self.filters, strict=True):
            longer = F.pad(features, (0, 0, reach - 1, 0))
            windows = torch.cat([longer[:, at : at + length] for at in range(reach)], dim=-1)
            loudest.append((matrix(windows).relu() * counted.unsqueeze(-1)).amax(1))
        return torch.cat(loudest, dim=-1)
