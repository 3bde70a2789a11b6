"""What every family of models has in common: what goes in and what comes out.

Shapes, here and in all model code: B rows, T positions, D width, V vocabulary, H heads, K head width.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.config import PAD


@dataclass(frozen=True)
class Batch:
    """Rows of tokens.

    Attributes:
        ids: (B, T) int64, padded with PAD at the right.
        targets: (B, T) int64, the token that each position should predict; -100 where none counts. None when only speaking.
        weights: (B, T) float32, how much each target counts; None if all count alike.
        source: (B, S) int64, the text that an encoder reads, padded with PAD at the right; None where there is none.
    """

    ids: Tensor
    targets: Tensor | None = None
    weights: Tensor | None = None
    source: Tensor | None = None

    @property
    def num_tokens(self) -> int:
        """Tokens that are read; what only fills rows up is not."""
        return sum(int(torch.count_nonzero(ids != PAD)) for ids in (self.ids, self.source) if ids is not None)

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on a device."""
        tensors = {n: t for n in ("ids", "targets", "weights", "source") if (t := getattr(self, n)) is not None}
        return replace(self, **{name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()})


@dataclass(frozen=True)
class Output:
    """What a model says of a batch.

    Attributes:
        hidden: (B, T, D); `head(hidden)` gives logits. Kept apart so that a loss may visit the vocabulary in pieces.
        state: What the model remembers of the rows, to be handed back with their next tokens; None if none was given.
        parts: Named extras (a latent's KL, attention maps when asked for).
    """

    hidden: Tensor
    state: Any = None
    parts: dict[str, Tensor] = field(default_factory=dict)


class LanguageModel(nn.Module):
    """A model that predicts tokens.

    Attributes:
        config: The family's settings it was built from.
        vocab_size: V.
    """

    config: Any
    vocab_size: int

    def forward(self, batch: Batch, state: Any = None) -> Output:
        """Hidden vectors of every position; with a `state`, of the tokens that follow what the state remembers."""
        raise AssertionError("every family writes its own forward")

    def head(self, hidden: Tensor) -> Tensor:
        """Logits (..., V) of hidden vectors (..., D)."""
        raise AssertionError("every family writes its own head")

    def init_state(self, batch_size: int, max_tokens: int) -> Any:
        """An empty memory for `batch_size` rows of up to `max_tokens` tokens."""
        raise AssertionError("every family writes its own memory")

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device


def check_memory(is_own: bool, *, remembered: int, rows: int) -> None:
    """Raise StudioError unless a memory is of this model (`is_own`), and of as many rows as are to be read on."""
    if not is_own:
        raise StudioError("This memory is of another model, which this one cannot read on from: begin anew.")
    if remembered != rows:
        raise StudioError(
            "This memory is of {remembered|row|rows} of text, but {rows:,} are to be read on: give as many, or begin anew.",
            remembered=remembered,
            rows=rows,
        )
