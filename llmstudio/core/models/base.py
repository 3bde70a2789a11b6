"""What every family of models has in common. What goes in and what comes out is `core.batch`, with the shapes' letters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.parts.heads.class_head import ClassHead
from llmstudio.core.models.taps import Tap


class LanguageModel(nn.Module):
    """A model that predicts tokens.

    Attributes:
        config: The family's settings it was built from.
        vocab_size: V.
        changes: What was done to it after its family had built it, in order.
        class_head: What tells classes; only where a change has added it.
        reads_source: Whether a half of its own reads `Batch.source`, else all that is read stands in `Batch.ids`.
    """

    config: Any
    vocab_size: int
    changes: tuple[Recorded, ...] = ()
    class_head: ClassHead
    reads_source: bool = False

    def forward(self, batch: Batch, state: Any = None, tap: Tap | None = None) -> Output:
        """Hidden vectors of every position; with a `state`, of the tokens that follow what the state remembers.

        A `tap` sees what passes at the points that `taps` names; without one the pass is spared them.
        """
        raise AssertionError("every family writes its own forward")

    def features(self, batch: Batch, tap: Tap | None = None) -> Tensor:
        """Vectors (B, T, F) of texts that are only read: one for each token or, with T = 1, one for the whole text.

        F is `config.features_dim`.
        """
        return self(batch, tap=tap).hidden  # type: ignore[no-any-return]

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
