"""Rounding: weights as fewer bits tell them, so that the file holds fewer bits a number. It moves every weight a little.

16 bits a number; or 8 or 4, with a scale for each row of a matrix or for each group of its neighbours. It neither prunes nor
writes: a file keeps in few bits whatever is the same in few bits (`core.models.checkpoint.codecs`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from llmstudio.core.models.checkpoint.grids import GROUPS, Grid, nearest, scales_for
from llmstudio.core.models.roles import TABLES, roles_of
from llmstudio.core.sparsity.masks import prunable

_LEAST = 2.0**-24  # the smallest number above zero in 16 bits


class Width(NamedTuple):
    """How wide a number is kept, in bits, and of 8 or 4 how many neighbours of a row share a scale: 0 for all of it, `FEW`
    for the fewest among which there are about 32 that are not zero.
    """

    bits: int = 32
    group: int = 0


FEW = -1
_FEW = 32
FULL, HALF = Width(), Width(16)
WIDTHS = {"fp32": FULL, "fp16": HALF, "int8": Width(8), "int4": Width(4, FEW)}
"""What `PruningConfig.number_format` stands for. In 4 bits a row has too few steps for its largest number and the rest."""


@dataclass(frozen=True)
class Rounding:
    """By how much rounding moved a model.

    Attributes:
        share: Length of what was added to all weights, as a share of their own length (root of the sum of squares).
        most: The furthest that one weight was moved.
        left: Names of the parameters that stay as they were, for they hold numbers beyond the 65,504 of 16 bits.
        zeros: Weights that were not zero, and are now.
    """

    share: float
    most: float
    left: tuple[str, ...] = ()
    zeros: int = 0


def widths_of(model: nn.Module, width: Width, *, keep_embeddings: bool) -> dict[str, Width]:
    """How wide each parameter is kept, by name, if matrices are to be kept so.

    8 and 4 bits are for matrices, and for tables unless `keep_embeddings`, which have a scale for each token; all others
    have 16 bits then.
    """
    if width.bits >= 16:
        return {name: width for name, _ in model.named_parameters()}
    roles = roles_of(model)
    may = prunable(model, keep_embeddings=keep_embeddings)
    own = {name: Width(width.bits) if roles[name] in TABLES else width for name in may}
    return {name: own.get(name, HALF) for name in roles}


def rounded(weights: Tensor, width: Width = HALF) -> Tensor:
    """The nearest numbers that so many bits tell, still 32 bits wide; the same tensor if one of them is out of their reach.

    In 16 bits what is not zero stays so: the share of zeros is what was asked for, and no weight is lost to rounding. In 8
    and 4 zero is the nearest to many.
    """
    if width.bits == 32:
        return weights
    if width.bits < 16:
        found = gridded(weights, width)
        return weights if found is None else found.dense()
    halves = weights.half().float()
    if not bool(halves.isfinite().all()):
        return weights
    lost = (halves == 0) & (weights != 0)
    return torch.where(lost, weights.sign() * _LEAST, halves)


def gridded(weights: Tensor, width: Width) -> Grid | None:
    """The nearest numbers of 8 or 4 bits, as integers and scales; None if a scale is out of reach."""
    group = shared(weights, width)
    scales = scales_for(weights, width.bits, group)
    return nearest(weights, scales, width.bits, group) if bool(scales.isfinite().all()) else None


def shared(weights: Tensor, width: Width) -> int:
    """How many neighbours of a row of this matrix share a scale: a scale costs as much as four numbers of 4 bits."""
    if width.group != FEW:
        return width.group
    density = int(weights.count_nonzero()) / max(1, weights.numel())
    return next((group for group in sorted(GROUPS) if group * density >= 0.75 * _FEW), 0)


def round_model(model: nn.Module, width: Width = HALF, *, keep_embeddings: bool = True) -> Rounding:
    """Round every parameter of `model`, in place, matrices to this width (`widths_of`)."""
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    left = []
    for name, own in widths_of(model, width, keep_embeddings=keep_embeddings).items():
        new = rounded(before[name], own)
        if new is before[name]:
            left.append(name)
        model.get_parameter(name).detach().copy_(new)
    return moved(model, before, left)


def moved(model: nn.Module, before: dict[str, Tensor], left: list[str]) -> Rounding:
    """By how much the parameters of `model` differ from what they were before, by name."""
    by, length, most, zeros = 0.0, 0.0, 0.0, 0
    for name, parameter in model.named_parameters():
        old = before[name]
        off = (parameter.detach() - old).double()
        by, length = by + float(off.square().sum()), length + float(old.double().square().sum())
        most = max(most, float(off.abs().max())) if off.numel() else most
        zeros += int(((old != 0) & (parameter.detach() == 0)).sum())
    return Rounding(math.sqrt(by / length) if length else 0.0, most, tuple(left), zeros)
