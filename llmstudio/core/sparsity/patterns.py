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
        gone = (scores == -torch.inf).sum(1).tolist()
        counts = torch.tensor(shared_beside(gone, [scores.shape[1]] * len(scores), self.zeros))
        return _ranks(scores) >= counts[:, None].to(scores.device)

    def part(self, columns: slice, alive: Tensor) -> Pattern:
        """The pattern of some neighbouring columns of a matrix, whose weights are gone where `alive` (O, D) is false.

        Beside what is gone, each part loses the same share; parts' zeros add up to all, or to what is gone if that is more.
        """
        left = [int(alive[:, :end].sum()) for end in (columns.start, columns.stop)]
        gone = len(alive) * (columns.stop - columns.start) - (left[1] - left[0])
        whole = int(alive.sum())
        going = max(0, self.zeros - (alive.numel() - whole))
        until, before = (round(going * each / max(1, whole)) for each in reversed(left))
        return Pattern(gone + until - before, self.by_row, self.keep, self.group)

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


def shared_beside(gone: Sequence[int], sizes: Sequence[int], zeros: int) -> list[int]:
    """How many of each size are taken, `zeros` in all, where so many are `gone` already: of all the same share, but where
    more than that is gone; there nothing is taken. As many as are gone if these are more than `zeros`.

    Example: `shared_beside([3, 0, 0], [4, 4, 4], 6)` is `[3, 2, 1]`.
    """
    free = [*range(len(sizes))]
    while True:
        rest = max(0, zeros - sum(gone[at] for at in range(len(sizes)) if at not in free))
        some = share_out(rest / max(1, sum(sizes[at] for at in free)), [sizes[at] for at in free])
        counts = dict(zip(free, some, strict=True))
        still = [at for at in free if gone[at] <= counts[at]]
        if len(still) == len(free):
            return [counts.get(at, gone[at]) for at in range(len(sizes))]
        free = still


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
