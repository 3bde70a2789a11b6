"""Gram matrices as methods need them."""

from __future__ import annotations

import torch
from torch import Tensor

DAMPING = 0.01  # of the mean of the diagonal, which keeps an inverse from growing without bounds


def damped(gram: Tensor, share: float = DAMPING) -> Tensor:
    """In 64 bits, with a part of its mean diagonal added to it, and a one where an input is always zero."""
    wide = gram.double()
    diagonal = wide.diagonal()
    add = share * diagonal.mean() + (diagonal == 0)
    return wide + torch.diag(add)


def objective(weight: Tensor, target: Tensor, gram: Tensor) -> float:
    """Half the mean squared difference of what two matrices (O, D) give, summed over outputs."""
    off = (weight - target).double()
    return 0.5 * float(((off @ gram.double()) * off).sum())


def solved_on(target: Tensor, gram: Tensor, kept: Tensor, start: Tensor, steps: int = 30) -> Tensor:
    """The best weights (O, D) in given places: conjugate gradients in all rows at once, preconditioned by the diagonal.

    Args:
        target: (O, D), what shall be come near.
        gram: (D, D), damped.
        kept: (O, D) bool, where weights may be.
        start: (O, D), what to begin with; zero elsewhere.
        steps: Of conjugate gradients.
    """
    gram = gram.to(target.dtype)
    weight, diagonal = start * kept, gram.diagonal()
    residual = ((target - weight) @ gram) * kept
    turned = residual / diagonal
    way = turned.clone()
    size = (residual * turned).sum(1, keepdim=True)
    for _ in range(steps):
        ahead = (way @ gram) * kept
        length = size / (way * ahead).sum(1, keepdim=True).clamp_min(torch.finfo(target.dtype).tiny)
        weight = weight + length * way
        residual = residual - length * ahead
        turned = residual / diagonal
        after = (residual * turned).sum(1, keepdim=True)
        way = turned + way * (after / size.clamp_min(torch.finfo(target.dtype).tiny))
        size = after
    return weight
