"""Norms: what keeps signals at one scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.roles import Role, declare


class RMSNorm(nn.Module):
    """Scale each vector to unit root mean square, then by a learned gain.

    Source: Zhang and Sennrich 2019, arXiv:1910.07467.
    """

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        declare(self, weight=Role.GAIN)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., D)."""
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


def make_norm(config: DecoderConfig) -> nn.Module:
    """The norm that a configuration asks for, over its width."""
    if config.norm == "layer":
        return LayerNorm(config.embed_dim)
    return RMSNorm(config.embed_dim)


def make_last_norm(config: DecoderConfig) -> nn.Module:
    """The norm behind the last block; where every block ends in a norm, the last of them is that."""
    return make_norm(config) if config.norm_place == "before" else nn.Identity()


class LayerNorm(nn.LayerNorm):
    """Bring each vector to mean 0 and variance 1, then to a learned gain and offset.

    Source: Ba et al. 2016, arXiv:1607.06450.
    """

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        declare(self, weight=Role.GAIN, bias=Role.BIAS)

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., D), in the number format of `x`."""
        return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)
