"""The parts a Transformer is built from: norm, attention, feed-forward."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.base import check_memory
from llmstudio.core.models.config import EXPLICIT_ATTENTION, DecoderConfig
from llmstudio.core.models.positions import rotate
from llmstudio.core.tokenizer.config import PAD


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


def check_cache(cache: object, config: DecoderConfig, rows: int) -> None:
    """Raise StudioError unless a cache is what a model of this shape remembers of so many rows."""
    if not isinstance(cache, KeyValueCache):
        check_memory(False, remembered=0, rows=rows)
        return
    layers, remembered, heads, _, width = cache.keys.shape
    is_own = (layers, heads, width) == (config.num_layers, config.kv_heads, config.head_dim)
    has_last = config.convolution_width > 1
    check_memory(is_own and (cache.last is not None) == has_last, remembered=remembered, rows=rows)


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


class RMSNorm(nn.Module):
    """Scale each vector to unit root mean square, then by a learned gain.

    Source: Zhang and Sennrich 2019, arXiv:1910.07467.
    """

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
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

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., D), in the number format of `x`."""
        return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class Attention(nn.Module):
    """Self-attention with rotary positions, grouped key-value heads and optional QK-norm; each position looks back, or
    both ways where it is not causal.
    """

    def __init__(self, config: DecoderConfig, *, causal: bool = True) -> None:
        super().__init__()
        self.causal, self.window, self.turns = causal, config.window, config.positions == "rotary"
        self.heads, self.kv_heads, self.head_dim = config.num_heads, config.kv_heads, config.head_dim
        kv_width = self.kv_heads * self.head_dim
        self.qkv = nn.Linear(config.embed_dim, config.embed_dim + 2 * kv_width, bias=False)
        self.out = nn.Linear(config.embed_dim, config.embed_dim, bias=False)
        self.q_norm = RMSNorm(self.head_dim) if config.qk_norm else nn.Identity()
        self.k_norm = RMSNorm(self.head_dim) if config.qk_norm else nn.Identity()

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        extra: Tensor | None,
        cache: KeyValueCache | None,
        layer: int,
        padding: Tensor | None = None,
    ) -> Tensor:
        """From x (B, T, D); extra (B, T, H_kv K) is added to the values if given. Returns (B, T, D).

        `padding` (see `padding_of`) is for attention that is not causal: one that looks back never meets what lies behind.
        """
        rows, length, _ = x.shape
        kv_width = self.kv_heads * self.head_dim
        q, k, v = self.qkv(x).split((self.heads * self.head_dim, kv_width, kv_width), dim=-1)
        if extra is not None:
            v = v + extra
        q = self.q_norm(q.view(rows, length, self.heads, self.head_dim)).transpose(1, 2)  # (B, H, T, K)
        k = self.k_norm(k.view(rows, length, self.kv_heads, self.head_dim)).transpose(1, 2)
        v = v.view(rows, length, self.kv_heads, self.head_dim).transpose(1, 2)
        if self.turns:
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        q, k = q.to(v.dtype), k.to(v.dtype)
        mask, causal = padding, self.causal and length > 1
        if cache is not None:
            start, end = cache.length, cache.length + length
            cache.keys[layer, :, :, start:end], cache.values[layer, :, :, start:end] = k, v
            k, v = cache.keys[layer, :, :, :end], cache.values[layer, :, :, :end]
            if start and causal:
                mask = torch.ones(length, end, dtype=torch.bool, device=x.device).tril(start)
        if self.causal and self.window and k.shape[2] > self.window:
            mask = near(length, k.shape[2], self.window, x.device)
        mixed = attend(q, k, v, mask, causal=causal and mask is None)
        written: Tensor = self.out(mixed.transpose(1, 2).reshape(rows, length, -1))
        return written


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
    """Attention by the faster of two ways. q (B, H, T, K), k and v (B, H_kv, S, K). Returns (B, H, T, K).

    Args:
        q: Queries.
        k: Keys.
        v: Values.
        mask: Added to the scores, or true where a query may look; broadcast to (B, H, T, S). None for none.
        causal: Whether each query sees the keys up to its own place only.
    """
    short = max(q.shape[2], k.shape[2]) <= EXPLICIT_ATTENTION
    if torch.is_grad_enabled() and short and q.device.type == "cpu" and (mask is None or mask.is_floating_point()):
        return explicit_attention(q, k, v, mask, causal=causal)
    # Attention dropout would refuse the fast kernel on a processor, so dropout lives on the residual stream only.
    mask = mask.to(q.dtype) if mask is not None and mask.is_floating_point() else mask
    return F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal, enable_gqa=q.shape[1] != k.shape[1])


def near(length: int, end: int, window: int, device: torch.device) -> Tensor:
    """Which keys the last `length` of `end` places may look at: `window` with themselves. (length, end), bool."""
    behind = torch.arange(end - length, end, device=device)[:, None] - torch.arange(end, device=device)
    return (behind >= 0) & (behind < window)


def explicit_attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool = True) -> Tensor:
    """Attention with its scores in the open. q (B, H, T, K), k and v (B, H_kv, S, K). Returns (B, H, T, K).

    On a processor and for short rows its backward pass takes a third of the fused kernel's time, for B H T S more memory.
    `bias` (B, 1, 1, S) is added to the scores of attention that is not causal.
    """
    rows, heads, length, width = q.shape
    if k.shape[1] != heads:
        k, v = (x.repeat_interleave(heads // x.shape[1], dim=1) for x in (k, v))
    if causal:
        added = torch.full((length, length), -torch.inf, dtype=q.dtype, device=q.device).triu(1)
    elif bias is None:
        added = q.new_zeros(1)
    else:
        added = bias.to(q.dtype).expand(rows, heads, 1, -1).reshape(rows * heads, 1, -1)
    flat_q, flat_k, flat_v = (x.reshape(rows * heads, -1, width) for x in (q, k, v))
    scores = torch.baddbmm(added, flat_q, flat_k.transpose(1, 2), alpha=width**-0.5)
    return torch.bmm(torch.softmax(scores, dim=-1).to(v.dtype), flat_v).view(rows, heads, length, width)


def padding_of(ids: Tensor) -> Tensor | None:
    """What to add to the scores of keys so that padding is never looked at: (B, 1, 1, T); None if there is none.

    A row of nothing but padding looks at it evenly, and nobody looks at that row; -inf would make it no number.
    """
    empty = ids == PAD
    return empty[:, None, None] * -30_000.0 if bool(empty.any()) else None


class FeedForward(nn.Module):
    """Two layers at each position: wide, bent, narrow again. SwiGLU gates one half of the wide layer with the other."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.activation = config.activation
        hidden = config.feed_forward_dim
        self.up = nn.Linear(config.embed_dim, hidden * (2 if self.activation == "swiglu" else 1), bias=False)
        self.down = nn.Linear(hidden, config.embed_dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        wide = self.up(x)
        match self.activation:
            case "swiglu":
                gate, value = wide.chunk(2, dim=-1)
                bent = F.silu(gate) * value
            case "relu2":
                bent = F.relu(wide).square()
            case _:
                bent = F.gelu(wide)
        narrow: Tensor = self.down(bent)
        return narrow


class ShortConvolution(nn.Module):
    """Each channel mixes a position with its left neighbours, or with those on both sides, by weights of its own.

    Copying and spelling are learned sooner: what belongs together lies a few tokens apart, and here it meets in one place.
    Source: So et al. 2021, arXiv:2109.08668 (Primer's convolutions); Fu et al. 2023, arXiv:2212.14052 (recall needs them).
    """

    def __init__(self, width: int, dim: int, *, causal: bool = True) -> None:
        super().__init__()
        self.causal = causal
        # Row j weighs the neighbour j places to the left; of both sides, rows 1, 2, 3 ... are 1 left, 1 right, 2 left ...
        self.weight = nn.Parameter(torch.zeros(width, dim))

    def forward(self, x: Tensor, last: Tensor | None, padding: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D); last (B, W - 1, D) are the inputs before the first one, and is brought up to date.

        `padding` (see `padding_of`) is silent where both sides are mixed.
        """
        if not self.causal:
            return self._both_sides(x, padding)
        behind = len(self.weight) - 1
        if last is None:
            longer = F.pad(x, (0, 0, behind, 0))
        else:
            longer = torch.cat((last.to(x.dtype), x), dim=1)
            last.copy_(longer[:, -behind:])
        weight, length = self.weight.to(x.dtype), x.shape[1]
        mixed = x * weight[0]
        for j in range(1, behind + 1):
            mixed = torch.addcmul(mixed, longer[:, behind - j : behind - j + length], weight[j])
        return mixed

    def _both_sides(self, x: Tensor, padding: Tensor | None) -> Tensor:
        if padding is not None:
            x = x * (padding[:, 0, 0, :, None] == 0)
        weight, reach, length = self.weight.to(x.dtype), len(self.weight) // 2, x.shape[1]
        longer = F.pad(x, (0, 0, reach, reach))
        mixed = x * weight[0]
        for j in range(1, len(weight)):
            start = reach + (j // 2 if j % 2 == 0 else -(j // 2) - 1)
            mixed = torch.addcmul(mixed, longer[:, start : start + length], weight[j])
        return mixed


def init_weights(model: nn.Module, num_layers: int, generator: torch.Generator) -> None:
    """Small normal weights; layers that write to the residual stream start smaller, by the square root of their number.

    Source: Radford et al. 2019 (GPT-2).
    """
    for name, weight in model.named_parameters():
        if weight.dim() < 2:
            continue
        if "convolution" in name:
            # Random shares of the neighbours tell channels apart from the first step on.
            with torch.no_grad():
                weight.uniform_(-0.5, 0.5, generator=generator)
                weight[0] = 1.0
            continue
        std = 0.02 if "embed" in name else 1 / math.sqrt(weight.shape[1])
        if name.endswith(("out.weight", "down.weight")):
            std /= math.sqrt(2 * num_layers)
        with torch.no_grad():
            weight.normal_(0, std, generator=generator)
