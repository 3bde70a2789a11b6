"""Settings of the recurrent families (RNN, LSTM, GRU), and their parameter counts by arithmetic (no torch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmstudio.core.models.config import (
    FLOAT,
    Activations,
    Left,
    LeftBehind,
    Look,
    Matrices,
    ModelConfig,
    Parameters,
)
from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class RecurrentConfig(ModelConfig):
    """What the three have in common: a state that is read and written anew at every token.

    Attributes:
        gates: Rows of weights a unit of the state has: one a gate, and one for what may be written.
        kept: Values a unit and token take until the backward pass is over: in 32 bits, and in the width of products; so that
            forecasts come near what runs were measured to take.
        kept_step_by_step: The same where recurrent dropout makes each token a step of its own.
        left_behind: See `ModelConfig`.
    """

    gates: ClassVar[int]
    kept: ClassVar[tuple[int, int]]
    kept_step_by_step: ClassVar[tuple[int, int]]
    left_behind: ClassVar[LeftBehind]

    num_layers: int = setting(
        2, label="Layers", help="How many recurrent layers stand on one another.", ge=1, le=64, symbol="L"
    )
    hidden_dim: int = setting(
        256, label="State width", help="How many numbers a layer remembers from token to token.", ge=1, le=16384, symbol="H"
    )
    embed_dim: int = setting(128, label="Width", help="How many numbers describe one token.", ge=1, le=16384, symbol="E")
    context_length: int = setting(
        64,
        label="Steps back",
        help="How many tokens back a mistake is followed to correct what was remembered. The memory itself reaches further.",
        ge=8,
        le=65536,
        unit="tokens",
        symbol="T",
        source="Werbos 1990; Mikolov et al. 2010",
    )
    dropout: float = setting(
        0.0,
        label="Dropout",
        help="Share of signals silenced at random between layers while learning; not those a layer sends to itself.",
        ge=0.0,
        le=0.9,
        source="Zaremba et al. 2014, arXiv:1409.2329",
    )
    recurrent_dropout: float = setting(
        0.0,
        label="Recurrent dropout",
        help="Share of what a layer sends to itself that is silenced while learning, the same part at every token of a row."
        " Without a fast kernel: a step takes several times as long.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Gal and Ghahramani 2016, arXiv:1512.05287",
    )
    tie_embeddings: bool = setting(
        True,
        label="Tied embeddings",
        help="The table that reads tokens also writes them: fewer weights. A state of another width is projected first.",
        advanced=True,
        source="Press and Wolf 2017, arXiv:1608.05859",
    )
    layer_norm: bool = setting(
        False,
        label="Layer norm",
        help="Brings what enters each layer, and what leaves the last, to one scale: deep stacks learn sooner.",
        advanced=True,
        source="Ba et al. 2016, arXiv:1607.06450",
    )
    residual: bool = setting(
        False,
        label="Residual",
        help="Adds a layer's input to its output wherever both have the same width.",
        advanced=True,
        source="He et al. 2016, arXiv:1512.03385; Wu et al. 2016, arXiv:1609.08144",
    )
    carry_state: bool = setting(
        True,
        label="Carry the state",
        help="Running text is read on from batch to batch with what is remembered, as a person reads, instead of beginning"
        " each row with an empty head.",
        advanced=True,
        source="Mikolov et al. 2010; Merity et al. 2018, arXiv:1708.02182",
    )

    @property
    def looks_back(self) -> None:
        """No limit: what is remembered goes on from token to token."""
        return None

    @property
    def is_plain(self) -> bool:
        """True if each layer takes what the one before gives, as it is: a library may run them all in one call.

        It could silence signals between layers too, but on a processor leaves its fast path then: a sixth of the pace.
        """
        return not (self.layer_norm or self.residual or self.dropout)

    @property
    def input_dims(self) -> tuple[int, ...]:
        """Width of what enters each layer."""
        return (self.embed_dim, *[self.hidden_dim] * (self.num_layers - 1))

    @property
    def features_dim(self) -> int:
        """See `ModelConfig`."""
        return self.embed_dim if self.tie_embeddings else self.hidden_dim

    @property
    def is_projected(self) -> bool:
        """True if the state has another width than the tied table and is brought to it by a matrix."""
        return self.tie_embeddings and self.hidden_dim != self.embed_dim

    def parameters(self, vocab_size: int) -> dict[str, Parameters]:
        """See `ModelConfig`. A layer's own norm stands before it; what projects the state is of `head`."""
        hidden, norm = self.hidden_dim, 2 * self.layer_norm
        cells = [self.gates * hidden * (width + hidden + 2) + norm * width for width in self.input_dims]
        projection = hidden * self.embed_dim if self.is_projected else 0
        return {
            "embed": Parameters(vocab_size * self.embed_dim, 0),
            **{f"layers.{number}": Parameters(0, cell) for number, cell in enumerate(cells)},
            "norm": Parameters(0, norm * hidden),
            "head": Parameters(0 if self.tie_embeddings else vocab_size * hidden, projection),
        }

    def matrices(self) -> dict[str, Matrices]:
        """See `ModelConfig`."""
        rows = self.gates * self.hidden_dim
        cells: dict[str, Matrices] = {
            f"layers.{number}": {"cells": ((rows, width), (rows, self.hidden_dim))}
            for number, width in enumerate(self.input_dims)
        }
        return cells | ({"head": {"others": ((self.embed_dim, self.hidden_dim),)}} if self.is_projected else {})

    def activations(self, *, tokens: int, context: int, number_format: str) -> dict[str, Activations]:
        """See `ModelConfig`. Every token's gates and states stay, in every layer: time is a kind of depth."""
        product = FLOAT if number_format == "fp32" else 2
        wide, narrow = self.kept_step_by_step if self.recurrent_dropout else self.kept
        entering = product + FLOAT * (2 * self.layer_norm + self.residual)
        dropped = FLOAT + 1 if self.dropout else 0  # what is left, and what was kept
        state = self.hidden_dim * (wide * FLOAT + narrow * product + dropped)
        leaving = self.hidden_dim * FLOAT + (self.embed_dim * FLOAT if self.is_projected else 0)
        return {
            "embed": Activations(tokens * self.embed_dim * (FLOAT + dropped)),
            **{
                f"layers.{number}": Activations(tokens * (state + width * entering), tokens * width * product)
                for number, width in enumerate(self.input_dims)
            },
            "head": Activations(tokens * leaving),
        }

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`. What one layer takes: a look reads more tokens at once than small batches have."""
        step, looking = (
            self.activation_bytes(tokens=count, context=self.context_length, number_format=number_format)
            for count in (tokens, look.tokens_at_once(context))
        )
        return max(0, looking - step) // self.num_layers

    @property
    def carries_state(self) -> bool:
        """See `ModelConfig`."""
        return self.carry_state

    def idle(self) -> dict[str, Words]:
        """See `ModelConfig`."""
        if self.residual and all(width != self.hidden_dim for width in self.input_dims):
            return {"residual": words("no layer's input is as wide as its output")}
        return {}

    def attention_flops(self, context: int) -> float:
        """See `ModelConfig`: 0, it has no attention."""
        return 0.0

    def why_not_exportable(self) -> Words | None:
        """See `ModelConfig`."""
        return words(
            "Recurrent models exist only in this program: the formats of others are made for Transformers. To export a"
            " model, train the family decoder."
        )


@dataclass(frozen=True)
class RNNConfig(RecurrentConfig):
    """The plain recurrent network: the new state is a bend of the token and the old state. Source: Elman 1990."""

    gates: ClassVar[int] = 1
    kept: ClassVar[tuple[int, int]] = (2, 2)
    kept_step_by_step: ClassVar[tuple[int, int]] = (4, 4)
    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(24, 0.0), Left(32, -0.2, 0.75), Left(40, 0.85), Left(44, 0.55))


@dataclass(frozen=True)
class LSTMConfig(RecurrentConfig):
    """Long short-term memory: a cell that only gates may write, keep and read. Source: Hochreiter and Schmidhuber 1997;
    forget gate: Gers et al. 2000.
    """

    gates: ClassVar[int] = 4
    kept: ClassVar[tuple[int, int]] = (6, 6)  # half of it are holes that its fused kernel's large blocks leave in memory
    kept_step_by_step: ClassVar[tuple[int, int]] = (10, 6)
    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(24, 0.0), Left(20, 0.05, 0.25), Left(36, 0.15, 0.25), Left(36, 0.8))

    def look_bytes(
        self, vocab_size: int, *, tokens: int, context: int, number_format: str, guessed_share: float, look: Look
    ) -> int:
        """See `ModelConfig`. What it says."""
        return look.tokens_at_once(context) * self.num_layers * self.hidden_dim * FLOAT


@dataclass(frozen=True)
class GRUConfig(RecurrentConfig):
    """Gated recurrent unit: two gates, no cell beside the state. Source: Cho et al. 2014, arXiv:1406.1078."""

    gates: ClassVar[int] = 3
    kept: ClassVar[tuple[int, int]] = (6, 8)
    kept_step_by_step: ClassVar[tuple[int, int]] = (10, 6)
    left_behind: ClassVar[LeftBehind] = LeftBehind(Left(16, 0.2), Left(18, 0.0, 0.5), Left(40, 1.55, 0.75), Left(32, 1.1))
