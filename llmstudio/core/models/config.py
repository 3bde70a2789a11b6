"""What the settings of every family of models can say, by arithmetic alone (no torch)."""

from __future__ import annotations

from typing import Protocol

from llmstudio.core.words import Words

FLOAT = 4  # bytes of a number in 32 bits
# Softmax (where the logits lay) and gradient take 8 bytes; beyond this many they are made and forgotten piece by piece.
LOGITS_AT_ONCE = 2**24


class ModelConfig(Protocol):
    """What every family's settings can say of the model they describe, by arithmetic alone."""

    @property
    def num_layers(self) -> int:
        """Blocks the text passes through."""

    @property
    def embed_dim(self) -> int:
        """Width of a token's vector."""

    @property
    def context_length(self) -> int:
        """Most tokens in a row of training; for a Transformer also the most it can look back on."""

    @property
    def looks_back(self) -> int | None:
        """Most tokens it can look back on when it speaks; None if it carries a memory that has no end."""

    def num_parameters(self, vocab_size: int) -> int:
        """Exact count of trainable numbers for a vocabulary of this size."""

    def table_parameters(self, vocab_size: int) -> int:
        """Those of them that lie in tables of tokens."""

    def activation_bytes(self, vocab_size: int, *, tokens: int, context: int, number_format: str) -> int:
        """Bytes that a forward pass over `tokens` tokens in rows of `context` keeps for the backward pass, without the
        logits.
        """

    def looking_flops(self, context: int) -> float:
        """Floating-point operations a token of one training step beyond six for each parameter: those of attention."""

    def why_not_exportable(self) -> Words | None:
        """None if the shape is one that other programs know, else the reason in words."""
