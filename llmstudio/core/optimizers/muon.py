"""Muon: momentum whose matrix steps are made orthogonal, so that every direction of a weight moves alike.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers"; scale of the step: Liu et al. 2025, arXiv:2502.16982.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers.base import Groups, Optimizer, moments
from llmstudio.core.settings import setting

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_MOMENTUM = 0.95


def learning_rate() -> Any:
    """The setting that Muon alone reads."""
    return setting(
        0.03,
        label="Muon's learning rate",
        help="Step size for the matrices when Muon is used.",
        ge=1e-5,
        le=1.0,
        advanced=True,
    )


def _make(groups: Groups, config: Any, dtype: torch.dtype) -> torch.optim.Optimizer:
    from llmstudio.core.optimizers.stepping import Stepping

    return Stepping(groups, partial(step_alike, dtype=dtype), lr=config.muon_learning_rate, momentum=_MOMENTUM)


def step_alike(
    matrices: list[nn.Parameter], states: list[dict[str, Tensor]], group: dict[str, Any], *, dtype: torch.dtype
) -> None:
    """One step of matrices of one shape, together. The five products of each run in `dtype`: bfloat16 only where the
    processor has instructions for it, for on others it is slower by far.
    """
    import torch

    shape = matrices[0].shape
    grads = [m.grad for m in matrices if m.grad is not None]
    buffers = [state.setdefault("momentum", torch.zeros_like(m)) for m, state in zip(matrices, states, strict=True)]
    torch._foreach_lerp_(buffers, grads, 1 - group["momentum"])
    looked_ahead = torch._foreach_lerp(grads, buffers, group["momentum"])  # Nesterov's momentum
    # A wide matrix that stacks several square ones (queries, keys, values) is orthogonalised square by square.
    parts = -(-shape[0] // shape[1]) if shape[0] % shape[1] == 0 else 1
    stacked = torch.stack(looked_ahead).view(len(matrices) * parts, shape[0] // parts, shape[1])
    steps = orthogonalized(stacked, dtype).view(len(matrices), *shape)
    scale = group["lr"] * max(1.0, shape[0] / parts / shape[1]) ** 0.5
    weights: list[Tensor] = [*matrices]
    torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
    torch._foreach_add_(weights, list(steps.unbind()), alpha=-scale)


def orthogonalized(matrices: Tensor, dtype: torch.dtype) -> Tensor:
    """The nearest matrices (N, R, C) whose singular values all lie near 1, by five Newton-Schulz rounds.

    The quintic's coefficients trade exactness for speed: singular values end between about 0.7 and 1.2 (Jordan et al. 2024).
    """
    import torch

    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.transpose(1, 2) if tall else matrices).to(torch.float32)
    x = (x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)).to(dtype)
    for _ in range(5):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    x = x.to(torch.float32)
    return x.transpose(1, 2) if tall else x


MUON = Optimizer(
    "Muon on matrices, AdamW elsewhere",
    frozenset({Role.MATRIX}),
    ("momentum",),
    partial(moments, 1),
    _make,
    settings=("muon_learning_rate",),
)
