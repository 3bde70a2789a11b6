"""Attention: who looks at whom, with what, and what is remembered of it while a text is written."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.base import check_memory
from llmstudio.core.models.families.decoder_config import EXPLICIT_ATTENTION, DecoderConfig
from llmstudio.core.models.parts.norms import RMSNorm
from llmstudio.core.models.parts.positions import rotate
from llmstudio.core.models.taps import ATTENTION, Tap
from llmstudio.core.models.weights.dense import Matrix
from llmstudio.core.tokenizer.config import PAD

_NEVER = -30_000.0  # added to a score, nothing of it is left; -inf would make a row that sees nothing no number


@dataclass
class KeyValueCache:
    """Keys and values of the tokens seen so far, for every layer, in one preallocated block.

    Attributes:
        keys: (L, B, H_kv, T_max, K); positions from `length` on are unused.
        values: The same shape.
        last: (L, 2, B, W - 1, D): the latest inputs of each layer's two short convolutions of width W, oldest first.
        length: Tokens seen so far.
    """

    keys: Tensor
    values: Tensor
    last: Tensor | None
    length: int = 0

    def take(self, rows: Tensor) -> KeyValueCache:
        """A copy that holds these rows (N,), in this order."""
        keys, values = (x.index_select(1, rows) for x in (self.keys, self.values))
        return KeyValueCache(keys, values, None if self.last is None else self.last.index_select(2, rows), self.length)


def empty_cache(config: DecoderConfig, like: Tensor, rows: int, max_tokens: int) -> KeyValueCache:
    """What a model of this shape remembers before the first token, of so many rows; never more than its context.

    `like` lies where the cache shall lie, in the numbers that it shall hold.
    """
    c, behind = config, config.convolution_width - 1
    shape = (c.num_layers, rows, c.kv_heads, min(max_tokens, c.context_length), c.head_dim)
    last = like.new_zeros(c.num_layers, 2, rows, behind, c.embed_dim) if behind > 0 else None
    return KeyValueCache(like.new_zeros(shape), like.new_zeros(shape), last)


def check_cache(cache: object, config: DecoderConfig, rows: int) -> None:
    """Raise StudioError unless a cache is what a model of this shape remembers of so many rows."""
    if not isinstance(cache, KeyValueCache):
        check_memory(False, remembered=0, rows=rows)
        return
    layers, remembered, heads, _, width = cache.keys.shape
    is_own = (layers, heads, width) == (config.num_layers, config.kv_heads, config.head_dim)
    has_last = config.convolution_width > 1
    check_memory(is_own and (cache.last is not None) == has_last, remembered=remembered, rows=rows)


@dataclass(frozen=True)
class Packed:
    """How the documents of packed rows are kept apart.

    Attributes:
        documents: (B, T), see `Batch`.
        places: (B, T), where in its own document each token stands.
        added: (B, 1, T, T), what to add to the scores so that a token sees itself and what is before it in its document.
    """

    documents: Tensor
    places: Tensor
    added: Tensor


def packed_in(documents: Tensor, window: int = 0) -> Packed:
    """What `documents` (B, T) of packed rows come to where each token looks back on `window` tokens, or on all for 0."""
    length = documents.shape[1]
    at = torch.arange(length, device=documents.device)
    begins = documents != F.pad(documents, (1, 0), value=-1)[:, :length]
    places = at - (begins * at).cummax(1).values
    sees = (documents[:, :, None] == documents[:, None]) & window_mask(length, length, window or length, documents.device)
    return Packed(documents, places, ~sees[:, None] * _NEVER)


@dataclass(frozen=True)
class Pass:
    """What all layers share while a text goes through them.

    Attributes:
        cos: (T, K), by which rotary positions turn queries and keys.
        sin: The same shape.
        cache: What is remembered of the text before, and takes in this one; None if nothing is.
        padding: See `padding_of`. For attention that is not causal: one that looks back never meets what lies behind.
        tap: Sees what passes, if there is one.
        packed: See `packed_in`; None where a row is one document.
    """

    cos: Tensor
    sin: Tensor
    cache: KeyValueCache | None = None
    padding: Tensor | None = None
    tap: Tap | None = None
    packed: Packed | None = None


class Attention(nn.Module):
    """Self-attention with rotary positions, grouped key-value heads and optional QK-norm; each position looks back, or
    both ways where it is not causal.
    """

    matrices = "attention"

    def __init__(self, config: DecoderConfig, *, causal: bool = True) -> None:
        super().__init__()
        self.causal, self.window, self.turns = causal, config.window, config.positions == "rotary"
        self.heads, self.kv_heads, self.head_dim = config.num_heads, config.kv_heads, config.head_dim
        kv_width = self.kv_heads * self.head_dim
        self.qkv = Matrix(config.embed_dim, config.heads_dim + 2 * kv_width)
        self.out = Matrix(config.heads_dim, config.embed_dim, writes=True)
        self.q_norm = RMSNorm(self.head_dim) if config.qk_norm else nn.Identity()
        self.k_norm = RMSNorm(self.head_dim) if config.qk_norm else nn.Identity()

    def forward(self, x: Tensor, layer: int, shared: Pass, extra: Tensor | None = None) -> Tensor:
        """From x (B, T, D); extra (B, T, H_kv K) is added to the values if given. Returns (B, T, D)."""
        cache, tap = shared.cache, shared.tap
        rows, length, _ = x.shape
        kv_width = self.kv_heads * self.head_dim
        q, k, v = self.qkv(x).split((self.heads * self.head_dim, kv_width, kv_width), dim=-1)
        if extra is not None:
            v = v + extra
        q = self.q_norm(q.view(rows, length, self.heads, self.head_dim)).transpose(1, 2)  # (B, H, T, K)
        k = self.k_norm(k.view(rows, length, self.kv_heads, self.head_dim)).transpose(1, 2)
        v = v.view(rows, length, self.kv_heads, self.head_dim).transpose(1, 2)
        if self.turns:
            q, k = rotate(q, shared.cos, shared.sin), rotate(k, shared.cos, shared.sin)
        q, k = q.to(v.dtype), k.to(v.dtype)
        mask, causal = shared.padding, self.causal and length > 1
        if cache is not None:
            start, end = cache.length, cache.length + length
            cache.keys[layer, :, :, start:end], cache.values[layer, :, :, start:end] = k, v
            k, v = cache.keys[layer, :, :, :end], cache.values[layer, :, :, :end]
            if start and causal:
                mask = torch.ones(length, end, dtype=torch.bool, device=x.device).tril(start)
        if shared.packed is not None:
            mask = shared.packed.added
        elif self.causal and self.window and k.shape[2] > self.window:
            mask = window_mask(length, k.shape[2], self.window, x.device)
        name = f"layers.{layer}.attention" if tap is not None else ""
        mixed = attend(q, k, v, mask, causal=causal and mask is None, tap=tap, name=name)
        written: Tensor = self.out(mixed.transpose(1, 2).reshape(rows, length, -1))
        return written


def attend(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *, causal: bool, tap: Tap | None = None, name: str = ""
) -> Tensor:
    """Attention by the faster of two ways. q (B, H, T, K), k and v (B, H_kv, S, K). Returns (B, H, T, K).

    Args:
        q: Queries.
        k: Keys.
        v: Values.
        mask: Added to the scores, or true where a query may look; broadcast to (B, H, T, S). None for none.
        causal: Whether each query sees the keys up to its own place only.
        tap: Sees what `shares` gives, if it asks for attention.
        name: Of the point where it does.
    """
    if tap is not None and ATTENTION in tap.asks:
        found = shares(q, k, mask, causal=causal)
        seen = tap(name, found)
        if seen is not found:  # else the usual way, so that a look changes no bit
            return seen.to(v.dtype) @ v.repeat_interleave(q.shape[1] // v.shape[1], dim=1)
    short = max(q.shape[2], k.shape[2]) <= EXPLICIT_ATTENTION
    if torch.is_grad_enabled() and short and q.device.type == "cpu" and (mask is None or mask.is_floating_point()):
        return explicit_attention(q, k, v, mask, causal=causal)
    # Attention dropout would refuse the fast kernel on a processor, so dropout lives on the residual stream only.
    mask = mask.to(q.dtype) if mask is not None and mask.is_floating_point() else mask
    return F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal, enable_gqa=q.shape[1] != k.shape[1])


def shares(q: Tensor, k: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
    """How much each query takes of each key, (B, H, T, S) in 32 bits; each query's sum to 1. Arguments as of `attend`."""
    keys = k.repeat_interleave(q.shape[1] // k.shape[1], dim=1)
    scores = q.float() @ keys.float().transpose(2, 3) * q.shape[-1] ** -0.5
    if causal:
        mask = torch.ones(scores.shape[2:], dtype=torch.bool, device=q.device).tril()
    if mask is not None:
        scores = scores + mask if mask.is_floating_point() else scores.masked_fill(~mask, -torch.inf)
    return torch.softmax(scores, dim=-1)


def window_mask(length: int, end: int, window: int, device: torch.device) -> Tensor:
    """Keys that each of the last `length` of `end` positions attends to: `window`, its own included. (length, end), bool."""
    behind = torch.arange(end - length, end, device=device)[:, None] - torch.arange(end, device=device)
    return (behind >= 0) & (behind < window)


def explicit_attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool = True) -> Tensor:
    """Attention with its scores in the open. q (B, H, T, K), k and v (B, H_kv, S, K). Returns (B, H, T, K).

    On a processor and for short rows its backward pass takes a third of the fused kernel's time, for B H T S more memory.
    `bias` (B, 1, 1 or T, S) is added to the scores where `causal` does not say it all.
    """
    rows, heads, length, width = q.shape
    if k.shape[1] != heads:
        k, v = (x.repeat_interleave(heads // x.shape[1], dim=1) for x in (k, v))
    if causal:
        added = torch.full((length, length), -torch.inf, dtype=q.dtype, device=q.device).triu(1)
    elif bias is None:
        added = q.new_zeros(1)
    else:
        added = bias.to(q.dtype).expand(rows, heads, -1, -1).flatten(0, 1)
    flat_q, flat_k, flat_v = (x.reshape(rows * heads, -1, width) for x in (q, k, v))
    scores = torch.baddbmm(added, flat_q, flat_k.transpose(1, 2), alpha=width**-0.5)
    return torch.bmm(torch.softmax(scores, dim=-1).to(v.dtype), flat_v).view(rows, heads, length, width)


def padding_of(ids: Tensor) -> Tensor | None:
    """What to add to the scores of keys so that padding is never looked at: (B, 1, 1, T); None if there is none.

    A row of nothing but padding looks at it evenly, and nobody looks at that row.
    """
    empty = ids == PAD
    return empty[:, None, None] * _NEVER if bool(empty.any()) else None
