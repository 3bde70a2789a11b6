"""The short convolution: each position is mixed with its neighbours."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.roles import Role, declare


class ShortConvolution(nn.Module):
    """Each channel mixes a position with its left neighbours, or with those on both sides, by weights of its own.

    Copying and spelling are learned sooner: what belongs together lies a few tokens apart, and here it meets in one place.
    Source: So et al. 2021, arXiv:2109.08668 (Primer's convolutions); Fu et al. 2023, arXiv:2212.14052 (recall needs them).
    """

    def __init__(self, width: int, dim: int, *, causal: bool = True) -> None:
        super().__init__()
        self.causal = causal
        # Row j weighs the neighbour j places to the left; of both sides, rows 1, 2, 3 ... are 1 left, 1 right, 2 left ...
        self.weight = nn.Parameter(torch.zeros(width, dim))
        declare(self, weight=Role.CONVOLUTION)

    def forward(
        self, x: Tensor, last: Tensor | None, padding: Tensor | None = None, documents: Tensor | None = None
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); last (B, W - 1, D) are the inputs before the first one, and is brought up to date.

        `padding` (see `padding_of`) is silent where both sides are mixed; where only left neighbours are, those of another
        of the `documents` (see `Batch`).
        """
        if not self.causal:
            return self._both_sides(x, padding)
        behind = len(self.weight) - 1
        if last is None:
            longer = F.pad(x, (0, 0, behind, 0))
        else:
            longer = torch.cat((last.to(x.dtype), x), dim=1)
            last.copy_(longer[:, -behind:])
        weight, length = self.weight.to(x.dtype), x.shape[1]
        mixed = x * weight[0]
        for j in range(1, behind + 1):
            left = longer[:, behind - j : behind - j + length]
            if documents is not None:
                left = left * (F.pad(documents, (j, 0), value=-1)[:, :length] == documents)[..., None]
            mixed = torch.addcmul(mixed, left, weight[j])
        return mixed

    def _both_sides(self, x: Tensor, padding: Tensor | None) -> Tensor:
        if padding is not None:
            x = x * (padding[:, 0, 0, :, None] == 0)
        weight, reach, length = self.weight.to(x.dtype), len(self.weight) // 2, x.shape[1]
        longer = F.pad(x, (0, 0, reach, reach))
        mixed = x * weight[0]
        for j in range(1, len(weight)):
            start = reach + (j // 2 if j % 2 == 0 else -(j // 2) - 1)
            mixed = torch.addcmul(mixed, longer[:, start : start + length], weight[j])
        return mixed
