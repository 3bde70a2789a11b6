"""Settings of the text VAE, and its parameter counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.models.config import (
    FLOAT,
    LOGITS_AT_ONCE,
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

# A number in products, what a library's LSTM keeps for each hidden unit and token beside what goes in and out, and what a
# look takes for each: bytes, as measured.
_WIDE, _NARROW = (FLOAT, 44, 24), (2, 34, 16)


@dataclass(frozen=True)
class VAEConfig(ModelConfig):
    """A variational autoencoder of sentences: an LSTM reads one both ways, a few numbers keep it, an LSTM writes it again.

    Source: Bowman et al. 2016, arXiv:1511.06349; Kingma and Welling 2014, arXiv:1312.6114.
    """

    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(64, -0.25), Left(70, -0.3), Left(64, -0.25), Left(70, -0.3))

    latent_dim: int = setting(
        32,
        label="Latent units",
        help="How many numbers keep a whole sentence. Each can be turned like a knob afterwards.",
        ge=1,
        le=1024,
        symbol="z",
    )
    embed_dim: int = shared_settings.width(128)
    hidden_dim: int = setting(
        256,
        label="Hidden width",
        help="What the LSTM that writes remembers from token to token; the two that read have half of it each.",
        ge=8,
        le=16384,
    )
    context_length: int = setting(
        32,
        label="Longest sentence",
        help="Of longer sentences only the beginning is learned. Short sentences train well in minutes, long ones do not.",
        ge=8,
        le=1024,
        unit="tokens",
        symbol="T",
    )
    word_dropout: float = setting(
        0.1,
        label="Word dropout",
        help="Share of the words hidden from the writer while it learns, so that it has to ask the latent units.",
        ge=0.0,
        le=1.0,
        source="Bowman et al. 2016, arXiv:1511.06349",
    )
    dropout: float = shared_settings.dropout(0.1)
    tie_embeddings: bool = shared_settings.tied_embeddings()

    def __post_init__(self) -> None:
        if self.hidden_dim % 2:
            near = self.hidden_dim + 1
            raise StudioError(
                "A hidden width of {width} cannot be halved for reading both ways:"
                " the nearest that can are {below} and {near}.",
                width=self.hidden_dim,
                below=near - 2,
                near=near,
                remedies=(Remedy("set", words("Use a hidden width of {near}", near=near), "model.hidden_dim", str(near)),),
            )

    @property
    def num_layers(self) -> int:
        """One LSTM writes; those that read stand beside it."""
        return 1

    @property
    def features_dim(self) -> int:
        """See `ModelConfig`: the latent units."""
        return self.latent_dim

    @property
    def looks_back(self) -> int:
        """See `ModelConfig`."""
        return self.context_length

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """See `ModelConfig`. `latent` is what stands between the LSTMs that read and the one that writes."""
        width, hidden, latent = self.embed_dim, self.hidden_dim, self.latent_dim
        return {
            "embed": Parameters(vocab_size * width, 0),
            "source.layers.0": Parameters(0, 2 * _lstm(width, hidden // 2)),
            "latent": Parameters(0, 2 * latent * (hidden + 1) + 2 * hidden * (latent + 1)),
            "layers.0": Parameters(0, _lstm(width + latent, hidden)),
            "head": Parameters(0, hidden * width + vocab_size)
            if self.tie_embeddings
            else Parameters(vocab_size * hidden, vocab_size),
        }

    def matrices(self) -> dict[str, Matrices]:
        """See `ModelConfig`."""
        width, hidden, latent = self.embed_dim, self.hidden_dim, self.latent_dim
        reads = ((2 * hidden, width), (2 * hidden, hidden // 2))
        found: dict[str, Matrices] = {
            "source.layers.0": {"cells": (*reads, *reads)},
            "latent": {"others": ((2 * latent, hidden), (2 * hidden, latent))},
            "layers.0": {"cells": ((4 * hidden, width + latent), (4 * hidden, hidden))},
        }
        return found | ({"head": {"others": ((width, hidden),)}} if self.tie_embeddings else {})

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """See `ModelConfig`. The LSTMs keep their inputs, what they say, and at every token their gates and cells."""
        product, gates, _ = _WIDE if number_format == "fp32" else _NARROW
        width, hidden = self.embed_dim, self.hidden_dim
        read, written = 2 * width * product, (width + self.latent_dim) * product
        looked_up, said = (3 * width * FLOAT, hidden * product) if self.dropout else (0, 0)
        return {
            "embed": Activations(tokens * looked_up),
            "source.layers.0": Activations(tokens * (read + hidden * (product + gates)), tokens * read),
            "layers.0": Activations(tokens * (written + hidden * (2 * product + gates)), tokens * written),
            "head": Activations(tokens * said),
        }

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`. It reads more at once than small batches have, and writes what it reads once more."""
        step = self.activation_bytes(tokens=tokens, context=context, number_format=number_format)
        learned = FLOAT * min(round(guessed_share * tokens) * vocab_size, LOGITS_AT_ONCE)
        *_, looked = _WIDE if number_format == "fp32" else _NARROW
        token = looked * self.hidden_dim + 2 * FLOAT * self.embed_dim
        return max(0, round(look.tokens_at_once(context) * token) - step - 2 * learned)

    def attention_flops(self, context: int) -> float:
        """See `ModelConfig`: 0, it has no attention."""
        return 0.0

    def why_not_exportable(self) -> Words | None:
        """See `ModelConfig`."""
        return words(
            "Other programs open models that write on from a text; this one keeps and rebuilds sentences. To export a model,"
            " train the family decoder."
        )


def _lstm(inputs: int, hidden: int) -> int:
    """Weights of an LSTM layer: four gates, each with two matrices and two biases."""
    return 4 * hidden * (inputs + hidden + 2)
