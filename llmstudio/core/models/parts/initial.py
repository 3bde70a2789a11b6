"""The random weights that a Transformer begins with."""

from __future__ import annotations

import math

import torch
from torch import nn


def init_weights(model: nn.Module, num_layers: int, generator: torch.Generator) -> None:
    """Small normal weights; layers that write to the residual stream start smaller, by the square root of their number.

    Source: Radford et al. 2019 (GPT-2).
    """
    for name, weight in model.named_parameters():
        if weight.dim() < 2:
            continue
        if "convolution" in name:
            # Random shares of the neighbours tell channels apart from the first step on.
            with torch.no_grad():
                weight.uniform_(-0.5, 0.5, generator=generator)
                weight[0] = 1.0
            continue
        std = 0.02 if "embed" in name else 1 / math.sqrt(weight.shape[1])
        if name.endswith(("out.weight", "down.weight")):
            std /= math.sqrt(2 * num_layers)
        with torch.no_grad():
            weight.normal_(0, std, generator=generator)
