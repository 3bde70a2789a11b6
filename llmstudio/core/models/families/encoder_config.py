"""Settings of the Transformer encoder, and its counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmstudio.core.models.config import (
    FLOAT,
    LOGITS_AT_ONCE,
    LOOKED_LOGITS_AT_ONCE,
    LOOKED_PLACES_AT_LEAST,
    Activations,
    Left,
    LeftBehind,
    Look,
    Matrices,
    Parameters,
)
from llmstudio.core.models.families import shared_settings
from llmstudio.core.models.families.blocks import MadeOfBlocks


@dataclass(frozen=True)
class EncoderConfig(MadeOfBlocks):
    """A Transformer encoder: the decoder's blocks, looking both ways, trained by filling in hidden words.

    Source: Devlin et al. 2019, arXiv:1810.04805.
    """

    left_behind: ClassVar[LeftBehind] = LeftBehind(
        Left(8, 0.35, 0.75), Left(18, 0.5, 0.5), Left(16, 0.4, 1.0), Left(34, 1.25, 0.5)
    )

    num_layers: int = shared_settings.layers(
        4,
        "How many blocks the text passes through. With 0 a token's vector knows nothing of its neighbours: enough for a head"
        " that looks for phrases, and too little to guess hidden words.",
        least=0,
    )
    embed_dim: int = shared_settings.width(128)
    num_heads: int = shared_settings.heads(4)
    context_length: int = shared_settings.context(128, "How many tokens the model reads at once.")
    head_width: int = shared_settings.head_width()
    hidden_dim: int = shared_settings.hidden_width()
    activation: str = shared_settings.activation()
    tie_embeddings: bool = shared_settings.tied_embeddings()
    convolution_width: int = shared_settings.short_convolution(
        9,
        "How many neighbouring tokens, on both sides together, are mixed before each part of a layer; 0 for none."
        " What stands close by is learned sooner.",
    )
    dropout: float = shared_settings.dropout(0.0)
    positions: str = shared_settings.positions()
    norm: str = shared_settings.norm()
    norm_place: str = shared_settings.norm_place()

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """See `ModelConfig`."""
        return self.blocks.parameters(vocab_size)

    def matrices(self) -> dict[str, Matrices]:
        """See `ModelConfig`."""
        return self.blocks.matrices()

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """See `ModelConfig`."""
        return self.blocks.activations(tokens=tokens, context=context, number_format=number_format)

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`. It reads a layer at a time, and its logits lie where a step's did."""
        looked_at = look.tokens_at_once(context)
        step, looking = (
            self.activation_bytes(tokens=count, context=self.context_length, number_format=number_format)
            for count in (tokens, looked_at)
        )
        learned, guessed = round(guessed_share * tokens) * vocab_size, round(look.guessed_share * looked_at) * vocab_size
        at_once = max(LOOKED_PLACES_AT_LEAST * vocab_size, LOOKED_LOGITS_AT_ONCE)
        more = min(guessed, at_once) - min(learned, LOGITS_AT_ONCE)
        return max(0, looking // max(1, self.num_layers) - step + 2 * FLOAT * more)

    def attention_flops(self, context: int) -> float:
        """See `ModelConfig`: twice a decoder's, as no causal mask hides half of it."""
        return 2 * self.blocks.attention_flops(context)
