"""At random: what every other method has to beat."""

from __future__ import annotations

import torch
from torch import Tensor

from llmstudio.core.sparsity.methods.layer import Layer


def scores(layer: Layer) -> Tensor:
    """(O, D), by lot, uniform in [0, 1)."""
    # 64 bits, so that two weights practically never draw the same lot.
    return torch.rand(layer.weight.shape, generator=layer.generator, dtype=torch.float64)
