"""One vector a word from those of its tokens."""

from __future__ import annotations

import torch
from torch import Tensor

PIECES = ("first", "last", "mean")
"""Which of a word's tokens tells its tag: the first, the last, or all of them alike."""


def word_vectors(features: Tensor, starts: Tensor, inside: Tensor, pieces: str) -> Tensor:
    """(B, T, D) where a word starts, its vector; elsewhere nothing that counts.

    Args:
        features: (B, T, D) vectors of tokens.
        starts: (B, T) bool, where words start.
        inside: (B, T) bool, False for what belongs to no word: END and padding.
        pieces: One of `PIECES`. What reads forwards has only seen the whole of a word at its last token.
    """
    if pieces == "first":
        return features
    width = starts.shape[1]
    places = torch.arange(width, device=starts.device).expand_as(starts)
    # From behind: where the next word starts, or the first place that belongs to none.
    bounds = torch.where(starts | ~inside, places, width).flip(1).cummin(1).values.flip(1)
    ends = torch.cat([bounds[:, 1:], bounds.new_full((len(bounds), 1), width)], 1) - 1
    ends = ends.clamp(max=width - 1)
    if pieces == "last":
        return _at(features, ends)
    sums = features.float().cumsum(1)
    lengths = (ends - places + 1).clamp_min(1)[..., None]
    before = torch.cat([sums.new_zeros(len(sums), 1, sums.shape[2]), sums[:, :-1]], 1)
    return ((_at(sums, ends) - before) / lengths).to(features.dtype)


def _at(features: Tensor, places: Tensor) -> Tensor:
    return features.gather(1, places[..., None].expand(-1, -1, features.shape[2]))
