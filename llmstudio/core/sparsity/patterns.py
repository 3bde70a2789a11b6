"""Patterns: where in a matrix weights go. A method scores them, a pattern takes the lowest in the places that it allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pattern:
    """How many weights of a matrix go, and where.

    Attributes:
        zeros: How many of the matrix go; of groups it follows from `keep` and `group`.
        by_row: Whether every row loses as many as any other, give or take one.
        keep: Of how many of each group stay; 0 where there are no groups.
        group: Neighbours of a row that form a group; what is left over at a row's end is a smaller one.
    """

    zeros: int
    by_row: bool = False
    keep: int = 0
    group: int = 0

    @property
    def takes_nothing(self) -> bool:
        """Whether no weight goes."""
        return not self.zeros and not self.group

    def kept(self, scores: Tensor) -> Tensor:
        """True for what stays: all but the lowest scores (O, D), of equal ones those that come first."""
        if self.group:
            return _kept_in_groups(scores, self.keep, self.group)
        if not self.by_row:
            return ~lowest(scores, self.zeros)
        counts = torch.tensor(share_out(self.zeros / max(1, scores.numel()), [scores.shape[1]] * len(scores)))
        return _ranks(scores) >= counts[:, None].to(scores.device)

    def part(self, size: int, of: int, before: int) -> Pattern:
        """The pattern of `size` columns of `of`, `before` of which lie at their left; parts' zeros add up to all."""
        until = round(self.zeros * (before + size) / of)
        return Pattern(until - round(self.zeros * before / of), self.by_row, self.keep, self.group)

    def share(self, share: float) -> Pattern:
        """The pattern when only a share of all that shall go is gone; of groups, one weight after the other."""
        if not self.group:
            return Pattern(round(self.zeros * share), self.by_row)
        going = round((self.group - self.keep) * share)
        return Pattern(0, self.by_row, self.group - going, self.group)


def zeros_of(shape: Sequence[int], keep: int, group: int) -> int:
    """How many weights of a matrix (O, D) go where `keep` of every `group` neighbours stay."""
    rows, width = shape
    whole, rest = divmod(width, group)
    return rows * (whole * (group - keep) + rest - _kept_of(rest, keep, group))


def lowest(scores: Tensor, k: int) -> Tensor:
    """True for exactly the `k` lowest scores; among equal ones, those that come first. Shape as `scores`."""
    flat = scores.flatten()
    chosen = torch.zeros(flat.numel(), dtype=torch.bool, device=scores.device)
    if k > 0:
        threshold = flat.kthvalue(k).values
        chosen = flat < threshold
        ties = (flat == threshold).nonzero().flatten()
        chosen[ties[: k - int(chosen.sum())]] = True
    return chosen.view(scores.shape)


def share_out(share: float, sizes: Sequence[int]) -> list[int]:
    """How many of each size are taken so that the sum is `round(share * total)` and none is off by more than one.

    Example: `share_out(0.5, [3, 3, 3])` is `[2, 1, 1]`: rounded running totals (2, 3, 4), not three times 1.5 rounded.
    """
    taken, total, counts = 0, 0, []
    for size in sizes:
        total += size
        # Running totals can grow by one more than a small part holds, when rounding falls awkwardly.
        counts.append(min(size, round(share * total) - taken))
        taken += counts[-1]
    return counts


def _ranks(scores: Tensor) -> Tensor:
    """The place of each score among those of its row, the lowest first."""
    return scores.argsort(dim=-1, stable=True).argsort(dim=-1)


def _kept_in_groups(scores: Tensor, keep: int, group: int) -> Tensor:
    rows, width = scores.shape
    whole = width - width % group
    gone = _ranks(scores[:, :whole].reshape(rows, -1, group)) < group - keep
    kept = [~gone.view(rows, whole)]
    if rest := width - whole:
        kept.append(_ranks(scores[:, whole:]) >= rest - _kept_of(rest, keep, group))
    return torch.cat(kept, dim=1)


def _kept_of(rest: int, keep: int, group: int) -> int:
    """How many stay of a group that is smaller than the others: no smaller a share."""
    return -(-rest * keep // group)
