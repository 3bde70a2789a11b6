"""Dropout: a share of the signals is silenced while a model learns."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def drop(x: Tensor, share: float, training: bool) -> Tensor:
    """Silence a share of the values at random while training, and make the others so much louder that the mean stays.

    On a processor torch draws a number for each value, one after the other, which cost an LSTM a fifth of its pace. Here one
    draw of 64 bits decides on four values. Source: Srivastava et al. 2014.
    """
    if not share or not training:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, share)
    draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
    silenced = min(round(share * 2**16), 2**16 - 1)
    kept = (draws.view(torch.int16)[: x.numel()] >= silenced - 2**15).view(x.shape)
    return x * (2**16 / (2**16 - silenced)) * kept
