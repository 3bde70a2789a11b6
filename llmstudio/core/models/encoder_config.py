"""Settings of the Transformer encoder, and its counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class EncoderConfig:
    """A Transformer encoder: the decoder's blocks, looking both ways, trained by filling in hidden words.

    Source: Devlin et al. 2019, arXiv:1810.04805.
    """

    num_layers: int = setting(4, label="Layers", help="How many blocks the text passes through.", ge=1, le=128, symbol="L")
    embed_dim: int = setting(
        128, label="Width", help="How many numbers describe one token inside the model.", ge=8, le=16384, symbol="d_model"
    )
    num_heads: int = setting(
        4, label="Heads", help="How many places each token can look at in one layer.", ge=1, le=128, symbol="h"
    )
    context_length: int = setting(
        128, label="Context", help="How many tokens the model reads at once.", ge=8, le=65536, unit="tokens", symbol="T"
    )
    mask_rate: float = setting(
        0.15,
        label="Hidden share",
        help="Share of the words that are hidden in each row and have to be guessed. More teaches more a step, but leaves"
        " less to guess from.",
        ge=0.01,
        le=0.9,
        source="Devlin et al. 2019, arXiv:1810.04805; Wettig et al. 2023, arXiv:2202.08005",
    )
    whole_words: bool = setting(
        True,
        label="Whole words",
        help="Hide all tokens of a word together: a missing piece is too easily guessed from the rest of its word.",
        source="Cui et al. 2019, arXiv:1906.08101",
    )
    rare_words: float = setting(
        0.5,
        label="Rare words first",
        help="0 hides every word equally often; the higher, the rarer are small frequent words hidden, which teach little.",
        ge=0.0,
        le=1.0,
        source="Mikolov et al. 2013, arXiv:1310.4546",
    )
    hidden_dim: int = setting(
        0,
        label="Hidden width",
        help="Width inside the feed-forward part; 0 chooses it from the width.",
        ge=0,
        le=65536,
        advanced=True,
    )
    activation: str = setting(
        "swiglu",
        label="Activation",
        help="The bend in the feed-forward part. Without one, all layers would collapse into one.",
        choices={"swiglu": "SwiGLU", "relu2": "ReLU squared", "gelu": "GELU"},
        advanced=True,
        source="Shazeer 2020, arXiv:2002.05202; So et al. 2021, arXiv:2109.08668",
    )
    tie_embeddings: bool = setting(
        True,
        label="Tied embeddings",
        help="The table that reads tokens also writes them: fewer weights.",
        advanced=True,
        source="Press and Wolf 2017, arXiv:1608.05859",
    )
    convolution_width: int = setting(
        0,
        label="Short convolution",
        help="How many neighbouring tokens, on both sides together, are mixed before each part of a layer; 0 for none."
        " What stands close by is learned sooner.",
        ge=0,
        le=9,
        unit="tokens",
        advanced=True,
        source="So et al. 2021, arXiv:2109.08668",
    )
    dropout: float = setting(
        0.0,
        label="Dropout",
        help="Share of signals silenced at random while learning, against learning by heart.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Srivastava et al. 2014",
    )

    def __post_init__(self) -> None:
        _ = self.blocks  # refuses widths that do not divide

    @property
    def blocks(self) -> DecoderConfig:
        """The shape of its blocks: that of a decoder of these sizes."""
        return DecoderConfig(
            num_layers=self.num_layers,
            embed_dim=self.embed_dim,
            num_heads=self.num_heads,
            context_length=self.context_length,
            hidden_dim=self.hidden_dim,
            activation=self.activation,
            tie_embeddings=self.tie_embeddings,
            convolution_width=self.convolution_width,
            dropout=self.dropout,
        )

    @property
    def looks_back(self) -> int:
        """See `ModelConfig`."""
        return self.context_length

    def num_parameters(self, vocab_size: int) -> int:
        """Exact count of trainable numbers for a vocabulary of this size."""
        return self.blocks.num_parameters(vocab_size)

    def table_parameters(self, vocab_size: int) -> int:
        """See `ModelConfig`."""
        return self.blocks.table_parameters(vocab_size)

    def activation_bytes(self, vocab_size: int, *, tokens: int, context: int, number_format: str) -> int:
        """See `ModelConfig`."""
        return self.blocks.activation_bytes(vocab_size, tokens=tokens, context=context, number_format=number_format)

    def looking_flops(self, context: int) -> float:
        """See `ModelConfig`; no half of it lies behind a causal mask."""
        return 2 * self.blocks.looking_flops(context)

    def why_not_exportable(self) -> Words | None:
        """None if the shape is one that other programs know, else the reason in words."""
        return words("Only models that write from left to right can be exported.")
