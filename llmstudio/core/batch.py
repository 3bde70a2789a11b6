"""What goes into a model and what comes out of it: the contract between rows of tokens and every family of models.

Shapes, here and in all model code: B rows, T positions, S positions of a source, D width, V vocabulary, H heads, K head
width.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import torch
from torch import Tensor

from llmstudio.core.tokenizer.config import PAD


@dataclass(frozen=True)
class Batch:
    """Rows of tokens.

    Attributes:
        ids: (B, T) int64, padded with PAD at the right.
        targets: (B, T) int64, the token that each position should predict; -100 where none counts. None when only speaking.
        weights: (B, T) float32, how much each target counts; None if all count alike.
        labels: int64 marks to be told, (B,) of texts or (B, T) of tokens, -100 where none counts; None where there are none.
        source: (B, S) int64, the text that an encoder reads, padded with PAD at the right; None where there is none.
        documents: (B, T) int64, in packed rows the number of the document that each token is of, ascending from left to
            right; a token sees those of its own document only. None where a row is one document.
    """

    ids: Tensor
    targets: Tensor | None = None
    weights: Tensor | None = None
    source: Tensor | None = None
    labels: Tensor | None = None
    documents: Tensor | None = None

    @property
    def num_tokens(self) -> int:
        """Tokens that are read; what only fills rows up is not."""
        return sum(int(torch.count_nonzero(ids != PAD)) for ids in (self.ids, self.source) if ids is not None)

    def split(self, n: int) -> list[Self]:
        """At most `n` batches of consecutive rows, as alike in size as can be, that together are this one."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        pieces = {name: value.tensor_split(n) for name, value in values.items() if isinstance(value, Tensor)}
        parts = [replace(self, **{name: cut[i] for name, cut in pieces.items()}) for i in range(n)]
        return [part for part in parts if len(part.ids)]

    def to(self, device: torch.device | str) -> Batch:
        """The same batch with all its tensors on a device."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        tensors = {name: value for name, value in values.items() if isinstance(value, Tensor)}
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
