"""The decoder in numpy: the next token of one text, as fast as this processor allows.

Below ten million weights a token costs more in calling operations than in arithmetic, and numpy calls them several times
faster than torch. So the decoder has a second spelling of its forward pass here, for one text and few positions, on
the same weights and the same cache; the tests hold the two together. Every other case goes through the model itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.decoder import Decoder
from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.quantized.matrix import QuantizedMatrix
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix
from llmstudio.core.models.weights.sparse.standing_in import learned_weights
from llmstudio.core.words import Words, words

Array = NDArray[np.float32]
NumpyProduct = Callable[[Array], Array]
"""Multiplies vectors (n, width) with a matrix: (n, rows)."""


class NumpyDecoder(PlainDecoder):
    """The Transformer decoder on a processor, in numpy. Weights and cache are shared with torch, not copied."""

    @classmethod
    def can_run(cls, model: LanguageModel) -> Words | None:
        """The decoder, with the positions, norms and reach of Qwen3, in 32 bits on the processor."""
        if not (isinstance(model, Decoder) and model.config.is_standard):
            return words("Only decoders with rotary positions, RMSNorm before each part and no window are written in numpy.")
        if model.device.type != "cpu" or next(model.parameters()).dtype != torch.float32:
            return words("Numpy reads weights of 32 bits in the processor's memory only.")
        if learned_weights(model):
            return words("A run that keeps nonzeros alone has no room for all of its numbers.")
        return None

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        super().__init__(model, prompt_ids)
        assert isinstance(model, Decoder)
        config = model.config
        self._config = config
        self._queries, self._kv_heads, self._width = config.num_heads, config.kv_heads, config.head_dim
        self._embed = _array(model.embed.dense())
        self._unembed = self._product(model.embed if config.tie_embeddings else model.unembed)
        self._norm = _array(next(model.norm.parameters()))
        # Rotating swaps a head's halves and negates the first; the sign is moved into the table of sines.
        halves = config.context_length, 1, 2, config.head_dim // 2
        self._cos = _array(model.cos).reshape(halves)
        self._sin = _array(model.sin).reshape(halves) * np.array([[-1], [1]], dtype=np.float32)
        self._layers = [_Layer(model, layer, self._product) for layer in range(config.num_layers)]
        self._values = _array(model.value_embed.dense()) if config.value_embeddings else None
        self._keys_seen, self._values_seen = _array(self._state.keys)[:, 0], _array(self._state.values)[:, 0]
        self._last = None if self._state.last is None else _array(self._state.last)[:, :, 0]
        self._latest: dict[tuple[int, int], Array] = {}

    def push(self, token: int) -> None:
        """Read one more token."""
        self.logits = torch.from_numpy(self.read([token])[0])

    def read(self, tokens: Sequence[int]) -> Array:
        """Read n more tokens in one go.

        Returns:
            (n, V): the logits of the token that follows each of them.
        """
        x = self._embed[tokens]
        extra = None if self._values is None else self._values[tokens]
        start, end = self._state.length, self._state.length + len(tokens)
        later: Array | None = None
        if len(tokens) > 1:
            later = np.where(np.arange(end) > np.arange(start, end)[:, None], np.float32(-np.inf), np.float32(0))[:, None]
        for index, layer in enumerate(self._layers):
            h = _normed(x, layer.attention_norm)
            if self._last is not None:
                h = self._convolved(index, 0, h, layer.attention_convolution)
            x += layer.out(self._attend(index, layer, h, extra, later))
            h = _normed(x, layer.feed_forward_norm)
            if self._last is not None:
                h = self._convolved(index, 1, h, layer.feed_forward_convolution)
            x += layer.down(self._activate(layer.up(h)))
        self._state.length = end
        return self._unembed(_normed(x, self._norm))

    def _product(self, weight: Weight) -> NumpyProduct:
        """What multiplies with a weight; here with all of its numbers, its integers or the nonzeros that alone are there."""
        if isinstance(weight, QuantizedMatrix | SparseMatrix):
            return weight.product
        turned = _array(weight.dense()).T
        return lambda x: x.dot(turned)

    def take_back(self, count: int) -> None:
        """Forget the last `count` tokens of the latest `read`; at least one of them must stay."""
        self._state.length -= count
        if self._last is not None:
            for (index, part), latest in self._latest.items():
                end = len(latest) - count
                self._last[index, part] = latest[end - self._last.shape[2] : end]

    def _convolved(self, index: int, part: int, h: Array, weight: Array) -> Array:
        assert self._last is not None
        last = self._last[index, part]
        longer = self._latest[index, part] = np.concatenate([last, h])
        last[:] = longer[len(h) :]
        mixed: Array = weight[-1] * h
        for j in range(len(last)):
            mixed += weight[j] * longer[j : j + len(h)]
        return mixed

    def _attend(self, index: int, layer: _Layer, h: Array, extra: Array | None, later: Array | None) -> Array:
        """(n, D) -> (n, H * K), with the keys and values of these positions added to the cache.

        `later` (n, 1, T) is -inf where a key stands after its query, else 0; None for a single query.
        """
        start, n = self._state.length, len(h)
        end, queries, kv_heads, width = start + n, self._queries, self._kv_heads, self._width
        both = queries + kv_heads
        projected = layer.qkv(h)
        heads = projected[:, : both * width].reshape(n, both, width)
        values = projected[:, both * width :]
        if extra is not None:
            values = values + extra * layer.value_scale
        if layer.head_gain is not None:
            mean = np.einsum("nhk,nhk->nh", heads, heads) / width
            heads = heads * (1 / np.sqrt(mean + 1e-6))[..., None] * layer.head_gain
        halves = heads.reshape(n, both, 2, -1)
        heads = (halves * self._cos[start:end] + halves[:, :, ::-1] * self._sin[start:end]).reshape(n, both, width)
        self._keys_seen[index, :, start:end] = heads[:, queries:].swapaxes(0, 1)
        self._values_seen[index, :, start:end] = values.reshape(n, kv_heads, width).swapaxes(0, 1)
        keys, seen = self._keys_seen[index, :, :end], self._values_seen[index, :, :end]
        # Rows of one key-value head: its query heads at the first position, then at the second ...
        grouped = heads[:, :queries].reshape(n, kv_heads, -1, width).swapaxes(0, 1).reshape(kv_heads, -1, width)
        scores = np.matmul(grouped, keys.swapaxes(1, 2))
        scores *= width**-0.5
        if later is not None:
            scores.reshape(kv_heads, n, -1, end)[...] += later
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        mixed = np.matmul(scores, seen) / scores.sum(axis=-1, keepdims=True)
        rows: Array = mixed.reshape(kv_heads, n, -1, width).swapaxes(0, 1).reshape(n, queries * width)
        return rows

    def _activate(self, wide: Array) -> Array:
        match self._config.activation:
            case "swiglu":
                half = wide.shape[1] // 2
                gate = wide[:, :half]
                # exp overflows to infinity for very negative gates, and x / inf is the zero that is meant
                with np.errstate(over="ignore"):
                    activated: Array = gate / (1 + np.exp(-gate)) * wide[:, half:]
                return activated
            case "relu2":
                positive: Array = np.maximum(wide, 0)
                return positive * positive
            case _:
                gelu: Array = torch.nn.functional.gelu(torch.from_numpy(wide)).numpy()
                return gelu


class _Layer:
    """One block's vectors as arrays, and the products with its matrices."""

    def __init__(self, model: Decoder, layer: int, product: Callable[[Weight], NumpyProduct]) -> None:
        block: Any = model.blocks[layer]
        config = model.config
        self.attention_norm, self.feed_forward_norm = (
            _array(block.attention_norm.weight),
            _array(block.feed_forward_norm.weight),
        )
        self.qkv, self.out = product(block.attention.qkv), product(block.attention.out)
        self.up, self.down = product(block.feed_forward.up), product(block.feed_forward.down)
        self.head_gain: Array | None = None
        if config.qk_norm:
            gains = (block.attention.q_norm.weight, config.num_heads), (block.attention.k_norm.weight, config.kv_heads)
            self.head_gain = np.concatenate([np.tile(_array(gain), (count, 1)) for gain, count in gains])
        if config.convolution_width > 1:
            # Row j weighs the neighbour j places back; the cache holds the oldest first.
            self.attention_convolution = _array(block.attention_convolution.weight)[::-1]
            self.feed_forward_convolution = _array(block.feed_forward_convolution.weight)[::-1]
        if config.value_embeddings:
            self.value_scale = model.value_scale[layer].item()


def _normed(x: Array, gain: Array) -> Array:
    normed: Array
    if len(x) == 1:  # numpy multiplies by a number thrice as fast as by a column of one
        row = x[0]
        normed = x * (1 / np.sqrt(row.dot(row) / len(row) + 1e-6)) * gain
    else:
        mean = np.einsum("nd,nd->n", x, x) / x.shape[1]
        normed = x * (1 / np.sqrt(mean + 1e-6))[:, None] * gain
    return normed


def _array(tensor: Tensor) -> Array:
    array: Array = tensor.detach().numpy()
    return array
