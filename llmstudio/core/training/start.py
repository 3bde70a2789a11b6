"""What a model begins from: random weights that follow from the seed, or another model's checkpoint.

Of a checkpoint the weights are all that is taken: the optimizer remembers nothing, and schedule, rate and batch are the new
run's own. Its batches follow those that the weights have been dealt, so that the same text goes on and does not begin again.
What pruning has set to zero stays zero: the run learns with what is left, so that the new model is as sparse as the old
one. Where a run goes wrong and nothing of its own is known to be good, what it began from is what is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.checkpoint.read import Checkpoint, load_weights
from llmstudio.store.reading import damage_told


@dataclass(frozen=True)
class Start:
    """Where the first weights come from: a checkpoint of a model of the same shape, or chance (None)."""

    checkpoint: Checkpoint | None = None

    def build(
        self, kind: str, config: Any, vocab_size: int, seed: int, *, changes: Sequence[Recorded] = ()
    ) -> LanguageModel:
        """A model as it begins, on the processor; the same seed gives the same random weights.

        What was done to the model that it begins from was done to it too; without one, `changes` are made.

        Raises:
            StudioError: There is no family of that name, or the checkpoint's weights do not fit its shape.
        """
        if self.checkpoint is None:
            return build_model(kind, config, vocab_size, seed, changes=changes)
        model = build_model(kind, config, vocab_size, seed, changes=self.checkpoint.card.changes)
        load_weights(model, self.checkpoint)
        return model

    def first_deal(self, step_rows: int) -> int:
        """The batch of `step_rows` rows that the first step is dealt.

        With the seed, rows and batch of before it is the one behind those that the weights have learned from; with others
        it is dealt in another order. Counted is every batch of all forebears, whichever text it was cut from: an order that
        begins in its middle is as random as any.

        Raises:
            StudioError: The checkpoint does not say how far its run had come in numbers that can be counted.
        """
        if self.checkpoint is None:
            return 0
        kept = self.checkpoint.card.run
        with damage_told(self.checkpoint.path):
            rows = whole_count(kept.training.get("batch_size", 0)) * whole_count(
                kept.training.get("grad_accumulation_steps", 1)
            )
            batches = whole_count(kept.standing.get("first_deal") or 0) + whole_count(kept.standing.get("step") or 0)
            return -(-batches * rows // step_rows)


def whole_count(value: Any) -> int:
    """A number read from a file that counts something. Raises ValueError if it cannot."""
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} counts nothing")
    return value


SCRATCH = Start()
