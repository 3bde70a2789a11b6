"""How a token learns where it stands: its vector is turned by its place, or something is added to it, or nothing is done."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from llmstudio.core.models.depth import belongs
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.taps import Tap
from llmstudio.core.models.weights.dense import Table


def sinusoids(length: int, dim: int) -> Tensor:
    """Sines and cosines of each place at `dim` / 2 speeds (length, dim), as loud as fresh embeddings: louder, they drown.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    speed = 10_000.0 ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angle = torch.outer(torch.arange(length, dtype=torch.float64), speed)
    return (0.02 * math.sqrt(2) * torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)).float()


def rotary_tables(head_dim: int, length: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines (length, K) of the angles by which position t turns pair i: t / base^(2i/K).

    Source: Su et al. 2021, arXiv:2104.09864.
    """
    frequency = base ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = torch.outer(torch.arange(length, dtype=torch.float64), frequency).repeat(1, 2)
    return angle.cos().float(), angle.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the halves of each head against each other. x (B, H, T, K); cos and sin (T, K) or (B, 1, T, K)."""
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * cos + turned * sin


class Positions(nn.Module):
    """A model, or a half of one, that adds positions to its tokens, by the setting `positions`."""

    cos: Tensor
    sin: Tensor
    places: Tensor

    def make_positions(self, config: DecoderConfig) -> None:
        """Make the tables for every position of the context."""
        self.positions = config.positions
        cos, sin = rotary_tables(config.head_dim, config.context_length, config.rope_base)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        if config.positions == "learned":
            self.place_embed = belongs(Table(config.context_length, config.embed_dim), "embed")
        elif config.positions == "sinusoidal":
            self.register_buffer("places", sinusoids(config.context_length, config.embed_dim), persistent=False)

    def add_positions(
        self, x: Tensor, start: int = 0, tap: Tap | None = None, places: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Add positions from `start` on to the vectors (B, T, D) of tokens: what goes into the first block, and the cosines
        and sines (T, K) by which attention turns its queries and keys. A `tap` sees the vectors as they come.

        `places` (B, T) are the positions where these do not simply follow each other; cosines and sines are (B, 1, T, K)
        then.
        """
        if tap is not None:
            x = tap("embed", x)
        at: slice | Tensor = slice(start, start + x.shape[1]) if places is None else places
        if self.positions == "learned":
            x = x + self.place_embed.weight[at]
        elif self.positions == "sinusoidal":
            x = x + self.places[at]
        cos, sin = self.cos[at].to(x.dtype), self.sin[at].to(x.dtype)
        return (x, cos, sin) if places is None else (x, cos[:, None], sin[:, None])
