"""Settings that several families have, written once: each function gives a field with a default of the family's own."""

from __future__ import annotations

from typing import Any

from llmstudio.core.settings import setting


def layers(default: int, help: str = "How many blocks the text passes through.", *, least: int = 1) -> Any:
    """Depth."""
    return setting(default, label="Layers", help=help, ge=least, le=128, symbol="L")


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


def head_width() -> Any:
    """Numbers of an attention head."""
    return setting(
        0,
        label="Head width",
        help="How many numbers each head looks with; 0 shares the width out among the heads.",
        ge=0,
        le=1024,
        advanced=True,
        symbol="d_k",
    )


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


def positions() -> Any:
    """How a token learns where it stands."""
    return setting(
        "rotary",
        label="Positions",
        help="How a token learns where it stands. Without any, a model that looks back feels the order only through who may"
        " look at whom, and one that looks both ways not at all.",
        choices={
            "rotary": "rotary (turned)",
            "learned": "learned table",
            "sinusoidal": "sines and cosines",
            "none": "none",
        },
        advanced=True,
        source="Vaswani et al. 2017, arXiv:1706.03762; Su et al. 2021, arXiv:2104.09864; Kazemnejad et al. 2023",
    )


def norm() -> Any:
    """What keeps signals at one scale."""
    return setting(
        "rms",
        label="Norm",
        help="What keeps signals at one scale: by their size alone, or by their mean as well.",
        choices={"rms": "RMSNorm", "layer": "LayerNorm"},
        advanced=True,
        source="Zhang and Sennrich 2019, arXiv:1910.07467; Ba et al. 2016, arXiv:1607.06450",
    )


def norm_place() -> Any:
    """Where the norms stand."""
    return setting(
        "before",
        label="Norm stands",
        help="Before each part of a layer, or after it as in the first Transformer, which learns less surely when deep.",
        choices={"before": "before", "after": "after"},
        advanced=True,
        source="Xiong et al. 2020, arXiv:2002.04745",
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
