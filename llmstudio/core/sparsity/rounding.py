"""Rounding: weights as 16 bits tell them, so that the file holds 16 bits a number. It moves every weight a little.

It neither prunes nor writes: a file keeps in 16 bits whatever is the same in 16 bits (`core.models.checkpoint.codecs`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_LEAST = 2.0**-24  # the smallest number above zero in 16 bits


@dataclass(frozen=True)
class Rounding:
    """By how much rounding moved a model.

    Attributes:
        share: Length of what was added to all weights, as a share of their own length (root of the sum of squares).
        most: The furthest that one weight was moved.
        left: Names of the parameters that stay as they were, for they hold numbers beyond the 65,504 of 16 bits.
    """

    share: float
    most: float
    left: tuple[str, ...] = ()


def rounded(weights: Tensor) -> Tensor:
    """The nearest numbers that 16 bits tell, still 32 bits wide; the same tensor if one of them is out of their reach.

    What is not zero stays so: the share of zeros is what was asked for, and no weight is lost to rounding.
    """
    halves = weights.half().float()
    if not bool(halves.isfinite().all()):
        return weights
    lost = (halves == 0) & (weights != 0)
    return torch.where(lost, weights.sign() * _LEAST, halves)


def round_model(model: nn.Module) -> Rounding:
    """Round every parameter of `model`, in place."""
    moved, length, most, left = 0.0, 0.0, 0.0, []
    for name, parameter in model.named_parameters():
        weights = parameter.detach()
        new = rounded(weights)
        if new is weights:
            left.append(name)
        by = (new - weights).double()
        moved, length = moved + float(by.square().sum()), length + float(weights.double().square().sum())
        most = max(most, float(by.abs().max())) if by.numel() else most
        weights.copy_(new)
    return Rounding(math.sqrt(moved / length) if length else 0.0, most, tuple(left))
