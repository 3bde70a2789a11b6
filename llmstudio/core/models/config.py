"""What the settings of every family of models can say, by arithmetic alone (no torch)."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

from llmstudio.core.words import Words

FLOAT = 4  # bytes of a number in 32 bits
# Softmax (where the logits lay) and gradient take 8 bytes; beyond this many they are made and forgotten piece by piece.
LOGITS_AT_ONCE = 2**24
# Where nothing is learned, a piece of the logits is made once only, and small ones lie in memory that the process holds
# anyway; but each reads the whole table of tokens, which so many places are worth.
LOOKED_LOGITS_AT_ONCE, LOOKED_PLACES_AT_LEAST = 2**20, 128
# What only the layer at work needs, one layer after the other: it is there once, beside the parts of the model.
TEMPORARY = "temporary"


class Parameters(NamedTuple):
    """How many trainable numbers a part of a model has."""

    tables: int  # in tables of tokens
    others: int


class Activations(NamedTuple):
    """What a part of a model keeps for the backward pass."""

    num_bytes: int
    input_bytes: int = 0  # of a layer those of them that came in: from these the others can be computed again

    def more(self, num_bytes: int) -> Activations:
        """The same with so many bytes beside."""
        return self._replace(num_bytes=self.num_bytes + num_bytes)


class Left(NamedTuple):
    """What lies beside the tensors of a run.

    Attributes:
        mebibytes: What libraries keep, whatever the size.
        share: Blocks that were freed in another order, as a share of the activations.
        filled: The share of the logits that finds room in these.
    """

    mebibytes: int
    share: float
    filled: float = 0.0


class Look(NamedTuple):
    """What a look at the held-out text reads at once: its task decides it.

    Attributes:
        rows: So many rows at most.
        tokens: So many tokens at most, but one row in any case; None for as many as the rows have.
        guessed_share: Share of the tokens that are guessed, and so have logits.
    """

    rows: int = 256
    tokens: int | None = 2048
    guessed_share: float = 1.0

    def within(self, held_out_tokens: int) -> Look:
        """The same where no more text than this is held out; 0 if that is not known."""
        if self.tokens is None or not held_out_tokens:
            return self
        return self._replace(tokens=min(self.tokens, held_out_tokens))

    def rows_at_once(self, longest: int) -> int:
        """How many rows of which the longest has so many tokens."""
        return self.rows if self.tokens is None else min(self.rows, max(1, self.tokens // longest))

    def tokens_at_once(self, context: int) -> int:
        """How many tokens, in rows of `context` where only these are limited."""
        return self.rows * context if self.tokens is None else self.tokens


class LeftBehind(NamedTuple):
    """What a family leaves, by the rows it learns from and the width of its products.

    Libraries keep plans for the shapes of products, and rows of other lengths leave holes that the next ones do not fit.
    Measured by `tests/trials/memory.py` with vocabularies from 100 to 32,000, on running text, pairs and documents; where
    rows vary, after so many steps (150) that it grows no more.

    Attributes:
        alike: Rows that are all alike, in 32 bits.
        alike_narrow: The same, in 16 bits.
        varied: Rows as long as their documents, in 32 bits.
        varied_narrow: The same, in 16 bits.
    """

    alike: Left
    alike_narrow: Left
    varied: Left
    varied_narrow: Left

    def after(self, *, rows_vary: bool, number_format: str) -> Left:
        """What is left after a run on such rows, in this format."""
        if number_format == "fp32":
            return self.varied if rows_vary else self.alike
        return self.varied_narrow if rows_vary else self.alike_narrow


TOKENS = "tokens"
"""The table of tokens, where it is adapted as matrices are."""
Matrices = dict[str, tuple[tuple[int, int], ...]]
"""Shapes (O, D) of the matrices of a part of a model, by kind: attention, feed_forward, cells, others."""


class ModelConfig(Protocol):
    """What every family's settings can say of the model they describe, by arithmetic alone. Sums follow from the parts.

    Parts stand in the order of the model and are named as its taps: `embed`, `layers.0` and on, then `norm` and `head`;
    where a source is read before, its half is named `source.layers.0` and on. A family may have others between these.

    Attributes:
        left_behind: What training leaves in memory beside its own tensors.
    """

    left_behind: ClassVar[LeftBehind]

    @property
    def num_layers(self) -> int:
        """Blocks the text passes through."""

    @property
    def embed_dim(self) -> int:
        """Width of a token's vector."""

    @property
    def features_dim(self) -> int:
        """Width of what `LanguageModel.features` gives."""
        return self.embed_dim

    @property
    def context_length(self) -> int:
        """Most tokens in a row of training; for a Transformer also the most it can look back on."""

    @property
    def looks_back(self) -> int | None:
        """Most tokens it can look back on when it speaks; None if it carries a memory that has no end."""

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """Exact counts of trainable numbers of each part, for a vocabulary of this size."""

    def num_parameters(self, vocab_size: int) -> int:
        """Exact count of trainable numbers for a vocabulary of this size."""
        return sum(map(sum, self.parameters(vocab_size).values()))

    def table_parameters(self, vocab_size: int) -> int:
        """Those of them that lie in tables of tokens."""
        return sum(part.tables for part in self.parameters(vocab_size).values())

    def matrices(self) -> dict[str, Matrices]:
        """The matrices of each part that has any, without tables of tokens and heads."""

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """What each part keeps of a forward pass over `tokens` tokens in rows of `context`, without the logits. Parts that
        keep nothing may be left out; `TEMPORARY` may stand beside the parts.
        """

    def activation_bytes(self, *, tokens: int, context: int, number_format: str) -> int:
        """All bytes of these."""
        kept = self.activations(tokens=tokens, context=context, number_format=number_format)
        return sum(part.num_bytes for part in kept.values())

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """Bytes that a look at the held-out text takes beyond what a step over `tokens` tokens has left behind, of which it
        guessed this share; the look's rows are as long as the step's, at most `context` tokens.
        """

    def attention_flops(self, context: int) -> float:
        """Floating-point operations of attention for a token of a training step; six for each parameter come on top."""

    @property
    def carries_state(self) -> bool:
        """Whether it reads running text on from batch to batch, with what it remembers."""
        return False

    @property
    def can_pack(self) -> bool:
        """Whether it keeps the documents of a packed row apart."""
        return False

    def idle(self) -> dict[str, Words]:
        """Settings that change nothing beside the others, each with the reason."""
        return {}

    def why_not_exportable(self) -> Words | None:
        """None if the shape is one that other programs know, else the reason in words."""
