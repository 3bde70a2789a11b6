"""The random weights that a Transformer begins with."""

from __future__ import annotations

import math

import torch
from torch import nn

from llmstudio.core.models.roles import TABLES, VECTORS, Role, roles_of
from llmstudio.core.models.weights.dense import Matrix


@torch.no_grad()
def init_weights(model: nn.Module, num_layers: int, generator: torch.Generator) -> None:
    """Small normal weights; layers that write to the residual stream start smaller, by the square root of their number.

    Source: Radford et al. 2019 (GPT-2).
    """
    roles = roles_of(model)
    writers = {id(module.weight) for module in model.modules() if isinstance(module, Matrix) and module.writes}
    for name, weight in model.named_parameters():
        if roles[name] in VECTORS:
            continue
        if roles[name] == Role.CONVOLUTION:
            # Random shares of the neighbours tell channels apart from the first step on.
            weight.uniform_(-0.5, 0.5, generator=generator)
            weight[0] = 1.0
            continue
        std = 0.02 if roles[name] in TABLES else 1 / math.sqrt(weight.shape[1])
        if id(weight) in writers:
            std /= math.sqrt(2 * num_layers)
        weight.normal_(0, std, generator=generator)
