"""Numbers on a grid: small integers, with a scale for each row of a matrix or for each group of neighbours in a row.

A scale is a number of 16 bits, so that its product with an integer of at most 8 bits has fewer digits than 32 bits tell: it
is exact, and from the products alone scale and integers are found again. So nobody has to remember of a matrix that it was
quantised: its numbers say it.

Source: Jacob et al. 2018, arXiv:1712.05877 (symmetric, no offset: zero stays zero).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

LARGEST = {4: 7, 8: 127}
"""Of each width in bits, the largest integer; the smallest is its negative."""
GROUPS = (0, 128, 64, 32)
"""Neighbours of a row that may share a scale; 0 for all of it."""
_DIGITS_UNUSED = 0x3F  # the last of a 32-bit number: a product has 11 digits of the scale and 7 of the integer
_SOME = 1 << 10
_TRIED = 16  # rows, and groups, that tell of nearly every matrix that it lies on no grid


@dataclass(frozen=True, eq=False)
class Grid:
    """A matrix as integers and scales.

    Attributes:
        integers: (..., width) int8.
        scales: (rows, groups) float16, rows being all that lie above the last dimension.
        bits: Width of an integer, a key of `LARGEST`.
        group: Neighbours that share a scale, fewer at a row's end; 0 for all of a row.
    """

    integers: Tensor
    scales: Tensor
    bits: int
    group: int

    def dense(self) -> Tensor:
        """The numbers, in 32 bits: exactly scale times integer."""
        width = self.integers.shape[-1]
        spread = spread_scales(self.scales.float(), width, self.group)
        return self.integers.float() * spread.view(self.integers.shape)

    def rows(self, which: slice) -> Grid:
        """Some rows of a matrix."""
        return Grid(self.integers[which], self.scales[which], self.bits, self.group)


def num_groups(width: int, group: int) -> int:
    """Scales of a row."""
    return -(-width // group) if group else min(width, 1)


def spread_scales(scales: Tensor, width: int, group: int) -> Tensor:
    """(rows, groups) -> (rows, width), to each number its scale."""
    return scales.repeat_interleave(group or max(1, width), dim=1)[:, :width]


def scales_for(weights: Tensor, bits: int, group: int) -> Tensor:
    """The smallest scales (rows, groups) with which a grid reaches every number; infinite where none of 16 bits does."""
    peaks = _grouped(weights.detach().float(), group).abs().amax(-1)
    wanted = peaks / LARGEST[bits]
    scales = wanted.half()
    short = scales.float() < wanted
    return torch.where(short, (scales.view(torch.int16) + 1).view(torch.float16), scales)


def nearest(weights: Tensor, scales: Tensor, bits: int, group: int) -> Grid:
    """Every number of a matrix moved to the nearest that its scale allows."""
    spread = spread_scales(scales.float(), weights.shape[-1], group).view(weights.shape)
    most = LARGEST[bits]
    integers = (weights.detach().float() / spread).nan_to_num_(0.0).round_().clamp_(-most, most)
    return Grid(integers.to(torch.int8), scales, bits, group)


def recognised(numbers: Tensor) -> Grid | None:
    """The grid of the fewest bits on which a matrix of 32-bit numbers lies, up to the sign of zeros; None if on none."""
    if numbers.dim() < 2 or not numbers.numel():
        return None
    some = numbers.flatten()[:_SOME].contiguous()
    if bool((some.view(torch.int32) & _DIGITS_UNUSED).any()):
        return None
    width, rows = numbers.shape[-1], numbers.reshape(numbers.shape[:-1].numel(), numbers.shape[-1])
    for bits, most in LARGEST.items():
        for group in GROUPS:
            if group >= width:
                continue
            few = _grouped(rows[:: max(1, len(rows) // _TRIED)], group)
            if _found_scales(few, most) is None:
                continue
            scales = _found_scales(_grouped(rows, group), most)
            if scales is not None:
                return nearest(numbers, scales, bits, group)
    return None


def _grouped(matrix: Tensor, group: int) -> Tensor:
    """(..., width) -> (rows, groups, group), the last filled up with zeros."""
    width = matrix.shape[-1]
    size, groups = group or max(1, width), num_groups(width, group)
    rows = matrix.reshape(matrix.shape[:-1].numel(), width)
    return F.pad(rows, (0, groups * size - width)).view(len(rows), groups, size)


def _found_scales(parts: Tensor, most: int) -> Tensor | None:
    """The scales (rows, groups) of numbers (rows, groups, group) that are products with integers up to `most`.

    The largest of a group is one of these times its scale, mostly the last: the integers are tried from there down to the
    half, below which half of the scale would do as well.
    """
    flat = parts.flatten(0, 1)
    peaks = flat.abs().amax(-1)
    if not bool(peaks.isfinite().all()):
        return None
    fullest = flat.count_nonzero(-1).topk(min(_TRIED, len(flat))).indices
    if not all(_is_on_some(flat[at], peaks[at], most) for at in fullest):
        return None
    scales, is_open = torch.zeros_like(peaks), peaks > 0
    for largest in range(most, most // 2, -1):
        (at,) = is_open.nonzero(as_tuple=True)
        if not len(at):
            break
        scale = peaks[at] / largest
        fits = scale.half().float() == scale
        at, scale = at[fits], scale[fits]
        integers = (flat[at] / scale[:, None]).round_()
        fits = (integers.mul_(scale[:, None]) == flat[at]).all(-1)
        scales[at[fits]] = scale[fits]
        is_open[at[fits]] = False
    return None if bool(is_open.any()) else scales.half().view(parts.shape[:2])


def _is_on_some(numbers: Tensor, peak: Tensor, most: int) -> bool:
    """Whether one group lies on a grid, all possible scales tried at once."""
    if not bool(peak):
        return True
    scales = peak / torch.arange(most // 2 + 1, most + 1)
    scales = scales[scales.half().float() == scales]
    return bool(((numbers / scales[:, None]).round_() * scales[:, None] == numbers).all(-1).any())
