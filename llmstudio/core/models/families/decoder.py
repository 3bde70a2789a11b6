"""The Transformer decoder: a language model in Qwen3's shape, with a few settings that leave it for speed or a lesson."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.depth import belong, belongs
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.parts.attention import Attention, KeyValueCache, Pass, check_cache, empty_cache, packed_in
from llmstudio.core.models.parts.convolution import ShortConvolution
from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.parts.feed_forward import FeedForward
from llmstudio.core.models.parts.initial import init_weights
from llmstudio.core.models.parts.norms import make_last_norm, make_norm
from llmstudio.core.models.parts.positions import Positions
from llmstudio.core.models.roles import Role, declare
from llmstudio.core.models.taps import Tap
from llmstudio.core.models.weights.dense import Matrix, Table


class Block(nn.Module):
    """Attention, then feed-forward, each added back to the residual stream; its norm stands before it, or after both."""

    def __init__(self, config: DecoderConfig, *, causal: bool = True) -> None:
        super().__init__()
        self.norms_first = config.norm_place == "before"
        self.attention_norm = make_norm(config)
        self.attention = Attention(config, causal=causal)
        self.feed_forward_norm = make_norm(config)
        self.feed_forward = FeedForward(config)
        self.dropout = config.dropout
        self.attention_convolution = self.feed_forward_convolution = None
        if config.convolution_width > 1:
            shape = config.convolution_width, config.embed_dim
            self.attention_convolution = ShortConvolution(*shape, causal=causal)
            self.feed_forward_convolution = ShortConvolution(*shape, causal=causal)

    def forward(self, x: Tensor, layer: int, shared: Pass, extra: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        h = self.attention_norm(x) if self.norms_first else x
        documents = None if shared.packed is None else shared.packed.documents
        if self.attention_convolution is not None:
            h = self.attention_convolution(h, _last(shared.cache, layer, 0), shared.padding, documents)
        x = x + self._drop(self.attention(h, layer, shared, extra))
        if not self.norms_first:
            x = self.attention_norm(x)
        h = self.feed_forward_norm(x) if self.norms_first else x
        if self.feed_forward_convolution is not None:
            h = self.feed_forward_convolution(h, _last(shared.cache, layer, 1), shared.padding, documents)
        x = x + self._drop(self.feed_forward(h))
        x = x if self.norms_first else self.feed_forward_norm(x)
        return x if shared.tap is None else shared.tap(f"layers.{layer}", x)

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.dropout, self.training)


def _last(cache: KeyValueCache | None, layer: int, part: int) -> Tensor | None:
    return None if cache is None or cache.last is None else cache.last[layer, part]


class Decoder(Positions, LanguageModel):
    """A stack of blocks between two uses of one table of tokens."""

    def __init__(self, config: DecoderConfig, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        self.embed = belongs(Table(vocab_size, config.embed_dim), "embed")
        self.blocks = nn.ModuleList(belongs(Block(config), f"layers.{n}") for n in range(config.num_layers))
        self.norm = belongs(make_last_norm(config), "norm")
        if not config.tie_embeddings:
            self.unembed = belongs(Matrix(config.embed_dim, vocab_size, role=Role.HEAD), "head")
        if config.value_embeddings:
            self.value_embed = belongs(Table(vocab_size, config.kv_heads * config.head_dim), "embed")
            self.value_scale = nn.Parameter(torch.full((config.num_layers,), 0.5))
            belong(declare(self, value_scale=Role.GAIN), value_scale="embed")
        self.make_positions(config)
        init_weights(self, config.num_layers, generator)

    def forward(self, batch: Batch, state: KeyValueCache | None = None, tap: Tap | None = None) -> Output:
        """See `LanguageModel.forward`. Raises StudioError beyond the context, or if the state is not one of this model."""
        if state is not None:
            check_cache(state, self.config, len(batch.ids))
        start = 0 if state is None else state.length
        end = start + batch.ids.shape[1]
        if end > self.config.context_length:
            raise StudioError(
                "This model can look back on {limit:,} tokens, but {count:,} were given: shorten the text.",
                limit=self.config.context_length,
                count=end,
            )
        packed = None if batch.documents is None else packed_in(batch.documents, self.config.window)
        places = None if packed is None else packed.places
        x, cos, sin = self.add_positions(self.embed(batch.ids), start, tap, places)
        shared = Pass(cos, sin, state, tap=tap, packed=packed)
        extra = self.value_embed(batch.ids) if self.config.value_embeddings else None
        for layer, block in enumerate(self.blocks):
            scaled = None if extra is None else extra * self.value_scale[layer]
            x = block(x, layer, shared, scaled)
        if state is not None:
            state.length = end
        x = self.norm(x)
        return Output(x if tap is None else tap("hidden", x), state)

    def head(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return (self.embed if self.config.tie_embeddings else self.unembed).multiply(hidden)

    def init_state(self, batch_size: int, max_tokens: int) -> KeyValueCache:
        """An empty cache; it never holds more than the model's context."""
        return empty_cache(self.config, self.embed.weight, batch_size, max_tokens)
