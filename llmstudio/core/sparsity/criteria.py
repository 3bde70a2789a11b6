"""Criteria: how much a weight matters. A criterion gives each weight of a matrix a score; the lowest scores go first.

Adding one = one function and one line in `CRITERIA`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Criterion = Callable[[Tensor, torch.Generator], Tensor]


def magnitude(weight: Tensor, generator: torch.Generator) -> Tensor:
    """Importance |w|: a small weight changes its sum little. Any shape in and out; `generator` is not used.

    Source: Han et al. 2015, arXiv:1506.02626.
    """
    return weight.detach().abs().float().cpu()


def random(weight: Tensor, generator: torch.Generator) -> Tensor:
    """Importance by lot, uniform in [0, 1): what every other criterion has to beat. Any shape in and out."""
    # 64 bits, so that two weights practically never draw the same lot.
    return torch.rand(weight.shape, generator=generator, dtype=torch.float64)


CRITERIA: dict[str, Criterion] = {"magnitude": magnitude, "random": random}
