"""Settings of the Transformer decoder, and its counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.models.config import (
    FLOAT,
    TEMPORARY,
    Activations,
    Left,
    LeftBehind,
    Look,
    Matrices,
    ModelConfig,
    Parameters,
)
from llmstudio.core.models.families import shared_settings
from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words

# Up to this context a processor trains faster with attention's scores in the open than with the fused kernel.
EXPLICIT_ATTENTION = 256


@dataclass(frozen=True)
class DecoderConfig(ModelConfig):
    """A Transformer decoder in the shape of Qwen3: pre-norm RMSNorm, rotary positions, grouped-query attention with
    QK-norm, SwiGLU. With `qk_norm` off it is Llama's shape. Whatever leaves these shapes cannot be exported.

    Source: Vaswani et al. 2017, arXiv:1706.03762; Touvron et al. 2023, arXiv:2302.13971; Qwen team 2025, arXiv:2505.09388.
    """

    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(4, 0.35), Left(14, 0.55), Left(14, 0.3), Left(46, 0.85))

    num_layers: int = shared_settings.layers(4)
    embed_dim: int = shared_settings.width(128)
    num_heads: int = shared_settings.heads(4)
    context_length: int = shared_settings.context(128, "How many tokens the model can look back on.")
    num_kv_heads: int = setting(
        0,
        label="Key-value heads",
        help="Heads that share keys and values save memory while talking; 0 for as many as heads.",
        ge=0,
        le=128,
        advanced=True,
        source="Ainslie et al. 2023, arXiv:2305.13245",
    )
    head_width: int = shared_settings.head_width()
    hidden_dim: int = shared_settings.hidden_width()
    activation: str = shared_settings.activation()
    qk_norm: bool = setting(
        True,
        label="QK-norm",
        help="Keeps attention scores in a sane range.",
        advanced=True,
        source="Henry et al. 2020, arXiv:2010.04245",
    )
    tie_embeddings: bool = shared_settings.tied_embeddings()
    convolution_width: int = shared_settings.short_convolution(
        8,
        "How many neighbouring tokens are mixed before each part of a layer; 0 for none. Copying and spelling are"
        " learned sooner. Cannot be exported.",
    )
    value_embeddings: bool = setting(
        False,
        label="Value embeddings",
        help="A second table of tokens feeds the attention's values: more memory, no more time. Cannot be exported.",
        advanced=True,
        source="Zhou et al. 2024, arXiv:2410.17897",
    )
    dropout: float = shared_settings.dropout(0.0)
    positions: str = shared_settings.positions()
    norm: str = shared_settings.norm()
    norm_place: str = shared_settings.norm_place()
    attention_window: int = setting(
        0,
        label="Attention window",
        help="How many tokens back each layer looks; 0 for the whole context. What lies further travels layer by layer.",
        ge=0,
        le=65536,
        unit="tokens",
        advanced=True,
        source="Beltagy et al. 2020, arXiv:2004.05150",
    )
    rope_base: float = setting(
        10_000.0,
        label="Rotary base",
        help="How slowly the slowest clock of positions turns.",
        ge=10,
        le=1e8,
        advanced=True,
        source="Su et al. 2021, arXiv:2104.09864",
    )

    def __post_init__(self) -> None:
        if self.head_width % 2:
            raise StudioError(
                "A head width of {width} is odd, but rotary positions turn numbers in pairs: choose {near}.",
                width=self.head_width,
                near=self.head_width + 1,
                paths=("head_width",),
            )
        if not self.head_width and self.embed_dim % (2 * self.num_heads):
            below = self.embed_dim // (2 * self.num_heads) * 2 * self.num_heads
            near = below or 2 * self.num_heads
            raise StudioError(
                "A width of {width} does not divide into {heads} heads of even size:"
                " the nearest that do are {near} and {above}.",
                width=self.embed_dim,
                heads=self.num_heads,
                near=near,
                above=below + 2 * self.num_heads,
                remedies=(Remedy("set", words("Use a width of {near}", near=near), "model.embed_dim", str(near)),),
                paths=("embed_dim", "num_heads"),
            )
        if self.num_heads % self.kv_heads:
            raise StudioError(
                "{heads} heads cannot share {shared} key-value heads evenly: choose a number that divides {heads}.",
                heads=self.num_heads,
                shared=self.kv_heads,
                paths=("num_kv_heads", "num_heads"),
            )

    @property
    def looks_back(self) -> int:
        """See `ModelConfig`."""
        return self.context_length

    @property
    def can_pack(self) -> bool:
        """See `ModelConfig`."""
        return True

    @property
    def window(self) -> int:
        """Tokens each layer looks back on, itself among them; 0 if that is the whole context."""
        return self.attention_window if self.attention_window < self.context_length else 0

    @property
    def is_standard(self) -> bool:
        """True for the positions, norms and reach of Qwen3."""
        return (self.positions, self.norm, self.norm_place, self.window) == ("rotary", "rms", "before", 0)

    @property
    def kv_heads(self) -> int:
        """Key-value heads in use."""
        return self.num_kv_heads or self.num_heads

    @property
    def head_dim(self) -> int:
        """Numbers a head looks with."""
        return self.head_width or self.embed_dim // self.num_heads

    @property
    def heads_dim(self) -> int:
        """Numbers that all heads of a layer look with, together."""
        return self.num_heads * self.head_dim

    @property
    def feed_forward_dim(self) -> int:
        """Width inside the feed-forward part: 8/3 of the width for the gated SwiGLU, 4 times for the others."""
        if self.hidden_dim:
            return self.hidden_dim
        wide = self.embed_dim * 8 // 3 if self.activation == "swiglu" else self.embed_dim * 4
        return -(-wide // 16) * 16

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """See `ModelConfig`. What stands before the layers, such as learned places and value embeddings, is of `embed`."""
        width, hidden, head = self.embed_dim, self.feed_forward_dim, self.head_dim
        kv_width = self.kv_heads * head
        attention = width * (2 * self.heads_dim + 2 * kv_width) + (2 * head if self.qk_norm else 0)
        feed_forward = width * hidden * (3 if self.activation == "swiglu" else 2)
        gain = width * (2 if self.norm == "layer" else 1)
        convolutions = 2 * width * self.convolution_width if self.convolution_width > 1 else 0
        layer = attention + feed_forward + 2 * gain + convolutions
        table = vocab_size * width
        values = vocab_size * kv_width + self.num_layers if self.value_embeddings else 0
        places = self.context_length * width if self.positions == "learned" else 0
        return {
            "embed": Parameters(table, values + places),
            **{f"layers.{number}": Parameters(0, layer) for number in range(self.num_layers)},
            "norm": Parameters(0, gain if self.norm_place == "before" else 0),
            "head": Parameters(0 if self.tie_embeddings else table, 0),
        }

    def matrices(self) -> dict[str, Matrices]:
        """See `ModelConfig`."""
        width, hidden, kv_width = self.embed_dim, self.feed_forward_dim, self.kv_heads * self.head_dim
        layer: Matrices = {
            "attention": ((self.heads_dim + 2 * kv_width, width), (width, self.heads_dim)),
            "feed_forward": ((hidden * (2 if self.activation == "swiglu" else 1), width), (width, hidden)),
        }
        return {f"layers.{number}": layer for number in range(self.num_layers)}

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """See `ModelConfig`. Residual stream and norm inputs in 32 bits; what products take and give in their width."""
        width, kv_width = self.embed_dim, self.kv_heads * self.head_dim
        product = FLOAT if number_format == "fp32" else 2
        residual = 4 * width * FLOAT + (2 * self.convolution_width * width * FLOAT if self.convolution_width > 1 else 0)
        attention = (2 * self.heads_dim + kv_width * 2) * product * 3 + (width + self.heads_dim) * product
        wide = self.feed_forward_dim * (4 if self.activation == "swiglu" else 3) * product
        # Each layer keeps its softmax, as wide as the products it stands between; one at a time has scores and gradient.
        softmax = product * self.num_heads * context if context <= EXPLICIT_ATTENTION else 0
        layer = Activations(tokens * (residual + attention + wide + softmax), tokens * width * FLOAT)
        layers = {f"layers.{number}": layer for number in range(self.num_layers)}
        return layers | {TEMPORARY: Activations(tokens * softmax * 2)}

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`: nothing, a step took more."""
        return 0

    def attention_flops(self, context: int) -> float:
        """See `ModelConfig`: 12 for each layer, number that heads look with and position; the causal mask hides half, so 6.

        Source: Chowdhery et al. 2022, arXiv:2204.02311, appendix B.
        """
        return 6.0 * self.num_layers * self.heads_dim * min(context, 2 * self.window or context)

    def idle(self) -> dict[str, Words]:
        """See `ModelConfig`."""
        idle = {}
        if self.positions != "rotary":
            idle["rope_base"] = words("positions are not turned")
        if self.head_width * self.num_heads == self.embed_dim:
            idle["head_width"] = words("the width shared out among the heads gives the same")
        if self.num_kv_heads == self.num_heads:
            idle["num_kv_heads"] = words("every head has keys and values of its own anyway")
        if self.attention_window and not self.window:
            idle["attention_window"] = words("it is as wide as the context")
        if self.convolution_width == 1:
            idle["convolution_width"] = words("one token alone has no neighbours")
        return idle

    def why_not_exportable(self) -> Words | None:
        """None if the shape is one that other programs know, else the reason in words."""
        changes = self.changes_for_export()
        if not changes:
            return None
        return words(
            "{ours}: this shape exists only in this program. To export a model, train it with {theirs}.",
            ours=", ".join(f"{name} {getattr(self, name)}" for name in changes),
            theirs=", ".join(f"model.{name}={value}" for name, value in changes.items()),
        )

    def changes_for_export(self) -> dict[str, str]:
        """The settings that leave the shape of Qwen3 and Llama, by name, and as text the values that come back to it."""
        leaves = {
            "activation": (self.activation != "swiglu", "swiglu"),
            "convolution_width": (self.convolution_width > 1, "0"),
            "value_embeddings": (self.value_embeddings, "false"),
            "positions": (self.positions != "rotary", "rotary"),
            "norm": (self.norm != "rms", "rms"),
            "norm_place": (self.norm_place != "before", "before"),
            "attention_window": (bool(self.window), "0"),
        }
        return {name: value for name, (does, value) in leaves.items() if does}
