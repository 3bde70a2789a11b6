"""The encoder-decoder Transformer: one half reads the source, the other writes the target and looks at what was read.

A target is written after the sign ASSISTANT and ends with END. What was read of the source is kept as keys and values, which
are computed once however many tokens are written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel, check_memory
from llmstudio.core.models.depth import belongs
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder import Stack
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.parts.attention import (
    Attention,
    KeyValueCache,
    Pass,
    attend,
    check_cache,
    empty_cache,
    padding_of,
)
from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.parts.feed_forward import FeedForward
from llmstudio.core.models.parts.initial import init_weights
from llmstudio.core.models.parts.norms import RMSNorm, make_last_norm, make_norm
from llmstudio.core.models.parts.positions import Positions
from llmstudio.core.models.roles import Role
from llmstudio.core.models.taps import Tap
from llmstudio.core.models.weights.dense import Matrix, Table


@dataclass(frozen=True)
class Source:
    """What was read, as each layer of the writing half looks at it.

    Attributes:
        keys: A tensor (B, H, S, K) for each layer.
        values: The same shapes.
        padding: See `padding_of`, (B, 1, 1, S).
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    padding: Tensor | None

    def take(self, rows: Tensor) -> Source:
        """These rows (N,) of it, in this order."""
        keys, values = (tuple(x.index_select(0, rows) for x in part) for part in (self.keys, self.values))
        return Source(keys, values, None if self.padding is None else self.padding.index_select(0, rows))


@dataclass
class WritingState:
    """What the model remembers while it writes: the source (None until it was read) and the target so far."""

    source: Source | None
    target: KeyValueCache

    def take(self, rows: Tensor) -> WritingState:
        """The memory of these rows (N,), in this order; the old one is not changed by what is written into the new."""
        return WritingState(self.source and self.source.take(rows), self.target.take(rows))


class CrossAttention(nn.Module):
    """Each position of the target looks at all of the source. Places need no numbers here: both halves know their own."""

    matrices = "attention"

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads, self.head_dim = config.num_heads, config.head_dim
        self.q = Matrix(config.embed_dim, config.heads_dim)
        self.kv = Matrix(config.embed_dim, 2 * config.heads_dim)
        self.out = Matrix(config.heads_dim, config.embed_dim, writes=True)
        self.q_norm, self.k_norm = RMSNorm(self.head_dim), RMSNorm(self.head_dim)

    def keys_and_values(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Of the source (B, S, D): two times (B, H, S, K)."""
        keys, values = (self._in_heads(part) for part in self.kv(source).chunk(2, dim=-1))
        return self.k_norm(keys).to(values.dtype), values

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, padding: Tensor | None, layer: int = 0, tap: Tap | None = None
    ) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        queries = self.q_norm(self._in_heads(self.q(x))).to(values.dtype)
        name = f"layers.{layer}.cross_attention" if tap is not None else ""
        mixed = attend(queries, keys, values, padding, causal=False, tap=tap, name=name)
        written: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return written

    def _in_heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, self.head_dim).transpose(1, 2)


class WritingBlock(nn.Module):
    """Attention to the target so far, attention to the source, feed-forward; each added to the residual stream, with its
    norm before it, or after both.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.norms_first = config.norm_place == "before"
        self.attention_norm = make_norm(config)
        self.attention = Attention(config)
        self.cross_norm = make_norm(config)
        self.cross = CrossAttention(config)
        self.feed_forward_norm = make_norm(config)
        self.feed_forward = FeedForward(config)
        self.dropout = config.dropout

    def forward(self, x: Tensor, layer: int, shared: Pass, source: Source) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        x = self._add(x, self.attention_norm, lambda h: self.attention(h, layer, shared))
        keys, values = source.keys[layer], source.values[layer]
        x = self._add(x, self.cross_norm, lambda h: self.cross(h, keys, values, source.padding, layer, shared.tap))
        x = self._add(x, self.feed_forward_norm, self.feed_forward)
        return x if shared.tap is None else shared.tap(f"layers.{layer}", x)

    def _add(self, x: Tensor, norm: nn.Module, part: Callable[[Tensor], Tensor]) -> Tensor:
        written = drop(part(norm(x) if self.norms_first else x), self.dropout, self.training)
        added: Tensor = x + written if self.norms_first else norm(x + written)
        return added


class EncoderDecoder(Positions, LanguageModel):
    """Two halves of as many layers, which share one table of tokens."""

    reads_source = True

    def __init__(self, config: EncoderDecoderConfig, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        shape = config.blocks
        self.embed = belongs(Table(vocab_size, config.embed_dim), "embed")
        self.encoder = Stack(shape, "source.")
        self.blocks = nn.ModuleList(belongs(WritingBlock(shape), f"layers.{n}") for n in range(config.num_layers))
        self.norm = belongs(make_last_norm(shape), "norm")
        if not config.tie_embeddings:
            self.unembed = belongs(Matrix(config.embed_dim, vocab_size, role=Role.HEAD), "head")
        self.make_positions(shape)
        init_weights(self, config.num_layers, generator)

    def read(self, source: Tensor, tap: Tap | None = None) -> Source:
        """What the writing half needs of the source (B, S). Raises StudioError beyond the context."""
        padding = padding_of(source)
        hidden = self.encoder(self.embed(source), padding, None if tap is None else tap.under("source."))
        pairs = [block.cross.keys_and_values(hidden) for block in self.blocks]  # type: ignore[union-attr, operator]
        return Source(tuple(keys for keys, _ in pairs), tuple(values for _, values in pairs), padding)

    def forward(self, batch: Batch, state: WritingState | None = None, tap: Tap | None = None) -> Output:
        """See `LanguageModel.forward`. `batch.source` is read once: with a state, only the first time.

        Raises:
            StudioError: There is no source, source or target are beyond the context, or the state is not one of this model.
        """
        if state is not None:
            check_memory(isinstance(state, WritingState), remembered=0, rows=0)
            check_cache(state.target, self.config.blocks, len(batch.ids))
        source = None if state is None else state.source
        if source is None:
            if batch.source is None:
                raise StudioError("This model rewrites a text, such as a sentence to translate: give it one.")
            source = self.read(batch.source, tap)
        cache = None if state is None else state.target
        start = 0 if cache is None else cache.length
        end = start + batch.ids.shape[1]
        if end > self.config.context_length:
            raise StudioError(
                "This model can write {limit:,} tokens, but {count:,} were given: shorten the text.",
                limit=self.config.context_length,
                count=end,
            )
        x, cos, sin = self.add_positions(self.embed(batch.ids), start, tap)
        shared = Pass(cos, sin, cache, tap=tap)
        for layer, block in enumerate(self.blocks):
            x = block(x, layer, shared, source)
        if state is not None:
            state.source, state.target.length = source, end
        x = self.norm(x)
        return Output(x if tap is None else tap("hidden", x), state)

    def features(self, batch: Batch, tap: Tap | None = None) -> Tensor:
        """See `LanguageModel`: what the half that reads makes of the rows."""
        under = None if tap is None else tap.under("source.")
        read: Tensor = self.encoder(self.embed(batch.ids), padding_of(batch.ids), under)
        return read

    def head(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return (self.embed if self.config.tie_embeddings else self.unembed).multiply(hidden)

    def init_state(self, batch_size: int, max_tokens: int) -> WritingState:
        """An empty memory; the source is read with the first tokens."""
        return WritingState(None, empty_cache(self.config.blocks, self.embed.weight, batch_size, max_tokens))
