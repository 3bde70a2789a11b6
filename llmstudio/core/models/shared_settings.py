"""Settings that several families have, written once: each function gives a field with a default of the family's own."""

from __future__ import annotations

from typing import Any

from llmstudio.core.settings import setting


def layers(default: int, help: str = "How many blocks the text passes through.") -> Any:
    """Depth."""
    return setting(default, label="Layers", help=help, ge=1, le=128, symbol="L")


def width(default: int) -> Any:
    """Size of a token's vector."""
    return setting(
        default,
        label="Width",
        help="How many numbers describe one token inside the model.",
        ge=8,
        le=16384,
        symbol="d_model",
    )


def heads(default: int) -> Any:
    """Attention heads."""
    help = "How many places each token can look at in one layer."
    return setting(default, label="Heads", help=help, ge=1, le=128, symbol="h")


def context(default: int, help: str) -> Any:
    """Tokens that are read at once."""
    return setting(default, label="Context", help=help, ge=8, le=65536, unit="tokens", symbol="T")


def hidden_width() -> Any:
    """Size of the feed-forward part."""
    return setting(
        0,
        label="Hidden width",
        help="Width inside the feed-forward part; 0 chooses it from the width.",
        ge=0,
        le=65536,
        advanced=True,
    )


def activation() -> Any:
    """The bend of the feed-forward part."""
    return setting(
        "swiglu",
        label="Activation",
        help="The bend in the feed-forward part. Without one, all layers would collapse into one.",
        choices={"swiglu": "SwiGLU", "relu2": "ReLU squared", "gelu": "GELU"},
        advanced=True,
        source="Shazeer 2020, arXiv:2002.05202; So et al. 2021, arXiv:2109.08668",
    )


def tied_embeddings() -> Any:
    """One table of tokens or two."""
    return setting(
        True,
        label="Tied embeddings",
        help="The table that reads tokens also writes them: fewer weights.",
        advanced=True,
        source="Press and Wolf 2017, arXiv:1608.05859",
    )


def short_convolution(most: int, help: str) -> Any:
    """Neighbours mixed before each part of a layer."""
    return setting(
        0,
        label="Short convolution",
        help=help,
        ge=0,
        le=most,
        unit="tokens",
        advanced=True,
        source="So et al. 2021, arXiv:2109.08668",
    )


def dropout(default: float) -> Any:
    """Share of signals silenced."""
    return setting(
        default,
        label="Dropout",
        help="Share of signals silenced at random while learning, against learning by heart.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Srivastava et al. 2014",
    )
