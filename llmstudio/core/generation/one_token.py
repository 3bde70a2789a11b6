"""One more token for one text: what a model says next, as fast as this processor allows.

Below ten million weights a token costs more in calling operations than in arithmetic, and numpy calls them several times
faster than torch. So the decoder has a second spelling of its forward pass here, for one row and one position, on the
same weights and the same cache; the tests hold the two together. Every other case goes through the model itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.models.base import Batch, LanguageModel
from llmstudio.core.models.transformer import Decoder

Array = NDArray[np.float32]


class Speaker:
    """A model that has read a prompt and takes one token at a time.

    Attributes:
        logits: (V,) of the token that comes next.
    """

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        self._model = model
        with torch.inference_mode():
            self._state = model.init_state(1, model.config.context_length)
            self.logits = self._read(prompt_ids)

    def push(self, token: int) -> None:
        """Read one more token."""
        with torch.inference_mode():
            self.logits = self._read([token])

    def _read(self, ids: Sequence[int]) -> Tensor:
        output = self._model(Batch(torch.tensor([list(ids)], device=self._model.device)), self._state)
        self._state = output.state
        return self._model.head(output.hidden[0, -1])


class DecoderSpeaker(Speaker):
    """The Transformer decoder on a processor, in numpy. Weights and cache are shared with torch, not copied."""

    def __init__(self, model: Decoder, prompt_ids: Sequence[int]) -> None:
        super().__init__(model, prompt_ids)
        config = model.config
        self._config = config
        self._embed = _array(model.embed.weight)
        self._unembed = self._embed if config.tie_embeddings else _array(model.unembed.weight)
        self._norm = _array(next(model.norm.parameters()))
        self._cos, sin = _array(model.cos), _array(model.sin)
        half = config.head_dim // 2
        # Rotating swaps a head's halves and negates the first; the sign is moved into the table of sines.
        self._sin = np.concatenate([-sin[:, :half], sin[:, half:]], axis=1)
        self._swap = np.r_[half : config.head_dim, 0:half]
        self._layers = [_Layer(model, layer) for layer in range(config.num_layers)]
        self._values = _array(model.value_embed.weight) if config.value_embeddings else None
        self._keys_seen, self._values_seen = _array(self._state.keys)[:, 0], _array(self._state.values)[:, 0]
        self._last = None if self._state.last is None else _array(self._state.last)[:, :, 0]

    def push(self, token: int) -> None:
        """Read one more token."""
        x = self._embed[token].copy()
        extra = None if self._values is None else self._values[token]
        for index, layer in enumerate(self._layers):
            h = _normed(x, layer.attention_norm)
            if self._last is not None:
                h = _convolved(h, layer.attention_convolution, self._last[index, 0])
            x += layer.out.dot(self._attend(index, layer, h, extra))
            h = _normed(x, layer.feed_forward_norm)
            if self._last is not None:
                h = _convolved(h, layer.feed_forward_convolution, self._last[index, 1])
            x += layer.down.dot(self._bend(layer.up.dot(h)))
        self._state.length += 1
        self.logits = torch.from_numpy(self._unembed.dot(_normed(x, self._norm)))

    def _attend(self, index: int, layer: _Layer, h: Array, extra: Array | None) -> Array:
        c, at = self._config, self._state.length
        queries, width = c.num_heads, c.head_dim
        both = queries + c.kv_heads
        projected = layer.qkv.dot(h)
        heads = projected[: both * width].reshape(both, width)
        values = projected[both * width :]
        if extra is not None:
            values = values + extra * layer.value_scale
        if layer.head_gain is not None:
            mean = np.einsum("hk,hk->h", heads, heads) / width
            heads = heads * (1 / np.sqrt(mean + 1e-6))[:, None] * layer.head_gain
        heads = heads * self._cos[at] + heads[:, self._swap] * self._sin[at]
        self._keys_seen[index, :, at] = heads[queries:]
        self._values_seen[index, :, at] = values.reshape(c.kv_heads, width)
        keys, seen = self._keys_seen[index, :, : at + 1], self._values_seen[index, :, : at + 1]
        grouped = heads[:queries].reshape(c.kv_heads, queries // c.kv_heads, width)
        scores = np.matmul(grouped, keys.transpose(0, 2, 1))
        scores *= width**-0.5
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        mixed: Array = np.matmul(scores, seen) / scores.sum(axis=-1, keepdims=True)
        return mixed.reshape(queries * width)

    def _bend(self, wide: Array) -> Array:
        match self._config.activation:
            case "swiglu":
                half = len(wide) // 2
                gate = wide[:half]
                # exp overflows to infinity for very negative gates, and x / inf is the zero that is meant
                with np.errstate(over="ignore"):
                    bent: Array = gate / (1 + np.exp(-gate)) * wide[half:]
                return bent
            case "relu2":
                positive: Array = np.maximum(wide, 0)
                return positive * positive
            case _:
                gelu: Array = torch.nn.functional.gelu(torch.from_numpy(wide)).numpy()
                return gelu


class _Layer:
    """One block's weights as arrays."""

    def __init__(self, model: Decoder, layer: int) -> None:
        block: Any = model.blocks[layer]
        config = model.config
        self.attention_norm, self.feed_forward_norm = (
            _array(block.attention_norm.weight),
            _array(block.feed_forward_norm.weight),
        )
        self.qkv, self.out = _array(block.attention.qkv.weight), _array(block.attention.out.weight)
        self.up, self.down = _array(block.feed_forward.up.weight), _array(block.feed_forward.down.weight)
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


def speaker_for(model: LanguageModel, prompt_ids: Sequence[int]) -> Speaker:
    """The fastest speaker there is for this model here, with the prompt read."""
    on_processor = model.device.type == "cpu" and next(model.parameters()).dtype == torch.float32
    if isinstance(model, Decoder) and model.config.is_standard and on_processor:
        return DecoderSpeaker(model, prompt_ids)
    return Speaker(model, prompt_ids)


def _normed(x: Array, gain: Array) -> Array:
    normed: Array = x * (1 / np.sqrt(x.dot(x) / len(x) + 1e-6)) * gain
    return normed


def _convolved(h: Array, weight: Array, last: Array) -> Array:
    mixed: Array = (weight[:-1] * last).sum(axis=0) + weight[-1] * h
    last[:-1] = last[1:]
    last[-1] = h
    return mixed


def _array(tensor: Tensor) -> Array:
    array: Array = tensor.detach().numpy()
    return array
