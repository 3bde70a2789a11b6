"""Settings of the encoder-decoder Transformer, and its counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmstudio.core.models.config import TEMPORARY, Activations, Left, LeftBehind, Look, Matrices, Parameters
from llmstudio.core.models.families import shared_settings
from llmstudio.core.models.families.blocks import MadeOfBlocks


@dataclass(frozen=True)
class EncoderDecoderConfig(MadeOfBlocks):
    """A Transformer in two halves: one reads the source, the other writes the target and looks at what was read.

    Source: Vaswani et al. 2017, arXiv:1706.03762.
    """

    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(26, 0.15), Left(64, 0.75, 0.5), Left(26, 0.15), Left(64, 0.75, 0.5))

    num_layers: int = shared_settings.layers(3, "Blocks of the half that reads, and as many of the half that writes.")
    embed_dim: int = shared_settings.width(128)
    num_heads: int = shared_settings.heads(4)
    context_length: int = shared_settings.context(64, "How many tokens a source may have, and a target.")
    head_width: int = shared_settings.head_width()
    hidden_dim: int = shared_settings.hidden_width()
    activation: str = shared_settings.activation()
    tie_embeddings: bool = shared_settings.tied_embeddings()
    dropout: float = shared_settings.dropout(0.0)
    positions: str = shared_settings.positions()
    norm: str = shared_settings.norm()
    norm_place: str = shared_settings.norm_place()

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """See `ModelConfig`. The halves share the table that reads; the places of both are of `embed`."""
        half = self.blocks.parameters(vocab_size)
        table, places = half["embed"]
        reads = half["layers.0"]
        gain = self.embed_dim * (2 if self.norm == "layer" else 1)
        writes = Parameters(0, reads.others + 4 * self.embed_dim * self.blocks.heads_dim + 2 * self.blocks.head_dim + gain)
        return {
            "embed": Parameters(table, 2 * places),
            **{f"source.layers.{number}": reads for number in range(self.num_layers)},
            "source.norm": half["norm"],
            **{f"layers.{number}": writes for number in range(self.num_layers)},
            "norm": half["norm"],
            "head": half["head"],
        }

    def matrices(self) -> dict[str, Matrices]:
        """See `ModelConfig`."""
        width, heads, reads = self.embed_dim, self.blocks.heads_dim, self.blocks.matrices()
        looks = ((heads, width), (2 * heads, width), (width, heads))
        writes = {part: kinds | {"attention": (*kinds["attention"], *looks)} for part, kinds in reads.items()}
        return {f"source.{part}": kinds for part, kinds in reads.items()} | writes

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """See `ModelConfig`; for `tokens` of the source and as many of the target."""
        half = self.blocks.activations(tokens=tokens, context=context, number_format=number_format)
        # Looking at the source keeps about what self-attention does, and a layer of this is about a third of one of those.
        looking = sum(kept.num_bytes for kept in half.values()) // 3
        once = half.pop(TEMPORARY).num_bytes
        reads = {f"source.{part}": kept for part, kept in half.items()}
        writes = {part: Activations(kept + kept // 3, came_in) for part, (kept, came_in) in half.items()}
        rest = looking - sum(kept // 3 for kept, _ in half.values())
        return reads | writes | {TEMPORARY: Activations(2 * once + rest)}

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`: nothing, a step took more."""
        return 0

    def attention_flops(self, context: int) -> float:
        """See `ModelConfig`: 2 for the whole source, 1 for the target behind a causal mask, 2 for target to source."""
        return 5 * self.blocks.attention_flops(context)
