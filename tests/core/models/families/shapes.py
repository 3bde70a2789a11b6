"""What the laws of the Transformers with two-sided attention are tried on: small shapes, made models, drawn tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig

VOCAB = 40
C = TypeVar("C", EncoderConfig, EncoderDecoderConfig)


def varied(small: C) -> list[C]:
    """A shape with positions, norms and places of norms of every kind."""
    return [
        small,
        replace(small, positions="learned", norm="layer"),
        replace(small, positions="sinusoidal", norm_place="after"),
        replace(small, positions="none", norm="layer", norm_place="after"),
        replace(small, positions="learned", norm="layer", norm_place="after"),
        replace(small, num_heads=3, head_width=6),
    ]


def drawn_ids(rows: int, length: int, seed: int = 1) -> Tensor:
    """Tokens (rows, length) that are no signs."""
    return torch.randint(7, VOCAB, (rows, length), generator=torch.Generator().manual_seed(seed))
