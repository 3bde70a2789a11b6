"""The Transformer encoder: every token sees the whole text, before and after it. It fills gaps; it does not write on.

It is also the body that classification puts a head on: `read` gives a vector for each token and one for the whole text.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.depth import belongs
from llmstudio.core.models.families.decoder import Block
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.parts.attention import Pass, padding_of
from llmstudio.core.models.parts.initial import init_weights
from llmstudio.core.models.parts.norms import make_last_norm
from llmstudio.core.models.parts.positions import Positions
from llmstudio.core.models.roles import Role
from llmstudio.core.models.taps import Tap
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.tokenizer.config import PAD


class Stack(Positions):
    """Blocks that look both ways, and the norm behind the last of them; `half` begins the names of its parts."""

    def __init__(self, config: DecoderConfig, half: str = "") -> None:
        super().__init__()
        self.context_length = config.context_length
        blocks = (Block(config, causal=False) for _ in range(config.num_layers))
        self.blocks = nn.ModuleList(belongs(block, f"{half}layers.{n}") for n, block in enumerate(blocks))
        self.norm = belongs(make_last_norm(config), f"{half}norm")
        self.make_positions(config)

    def forward(self, x: Tensor, padding: Tensor | None, tap: Tap | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D); padding as `padding_of` gives it. Raises StudioError beyond the context."""
        length = x.shape[1]
        if length > self.context_length:
            raise StudioError(
                "This model can read {limit:,} tokens at once, but {count:,} were given: shorten the text.",
                limit=self.context_length,
                count=length,
            )
        x, cos, sin = self.add_positions(x, tap=tap)
        shared = Pass(cos, sin, padding=padding, tap=tap)
        for layer, block in enumerate(self.blocks):
            x = block(x, layer, shared)
        normed: Tensor = self.norm(x)
        return normed if tap is None else tap("hidden", normed)


class Encoder(LanguageModel):
    """A stack that looks both ways, between two uses of one table of tokens."""

    def __init__(self, config: EncoderConfig, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        self.embed = belongs(Table(vocab_size, config.embed_dim), "embed")
        self.stack = Stack(config.blocks)
        if not config.tie_embeddings:
            self.unembed = belongs(Matrix(config.embed_dim, vocab_size, role=Role.HEAD), "head")
        init_weights(self, config.num_layers, generator)

    def forward(self, batch: Batch, state: Any = None, tap: Tap | None = None) -> Output:
        """See `LanguageModel.forward`; there is no state. Raises StudioError beyond the context."""
        return Output(self.stack(self.embed(batch.ids), padding_of(batch.ids), tap))

    def head(self, hidden: Tensor) -> Tensor:
        """Logits (..., V) of what stands, or is hidden, at each place (..., D)."""
        return (self.embed if self.config.tie_embeddings else self.unembed).multiply(hidden)

    def read(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """A vector for each token (B, T, D), and one for each row (B, D): the mean over all that is not padding."""
        hidden = self(Batch(ids)).hidden
        stands = (ids != PAD).unsqueeze(-1).to(hidden.dtype)
        return hidden, (hidden * stands).sum(1) / stands.sum(1).clamp_min(1)

    def init_state(self, batch_size: int, max_tokens: int) -> Any:
        """Nothing can be remembered. Raises StudioError."""
        raise StudioError("An encoder reads whole texts and fills their gaps; it cannot write on from their end.")
