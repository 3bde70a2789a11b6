"""AdamW: each weight steps by its mean gradient over the gradient's usual size.

Source: Loshchilov and Hutter 2019, arXiv:1711.05101.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers.base import Groups, Optimizer, moments

if TYPE_CHECKING:
    import torch


def _make(groups: Groups, config: Any, dtype: torch.dtype) -> torch.optim.Optimizer:
    from torch.optim import AdamW

    betas = (config.beta1, config.beta2)
    return AdamW(groups, lr=config.learning_rate, betas=betas, eps=1e-8, fused=True)


ADAMW = Optimizer(
    "AdamW",
    frozenset(Role),
    ("step", "exp_avg", "exp_avg_sq"),
    partial(moments, 2),
    _make,
    settings=("beta1", "beta2"),
)
