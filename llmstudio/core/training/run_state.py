"""How far a run has come, and what it goes back to where a sitting is thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.training_config import TrainingConfig


@dataclass
class RunState:
    """How far a run has come; goes into every checkpoint beside weights and moments.

    Attributes:
        step: Steps taken.
        tokens: Tokens seen.
        seconds: Seconds spent in steps and looks, over all sittings, awake: no pauses, no breaks, no sleep.
        best_loss: Lowest validation loss of a check so far; None before the first.
        best_step: Its step.
        checks_without_progress: Checks since then.
        peak_bytes: Highest memory above the base so far, looks, sample texts and saving included.
        first_loss: Loss of the first step, or, if higher, of the first after which the loss keeps its meaning.
        last_loss: Loss of the latest step; None before the first, and if it is no number.
        looked_step: Step of the latest check. In a checkpoint of another step a check may still be due.
        sampled_step: Step of the latest sample text.
        recent_loss: Training loss, smoothed over some twenty steps; None before the first.
        best_train_loss: Of the step before the best check, as `last_loss`.
        best_recent_loss: Of then, as `recent_loss`.
        by_heart_step: Best step from which on the model was said to learn by heart; 0 if it was not.
        good_step: The last step whose weights were seen to lose no more than at the start.
        seconds_allowed: `seconds` at which a run by the clock is to end, in whichever sitting; 0 where steps are the limit.
        first_deal: Number of the batch of its first step; above 0 if it begins from weights that have seen batches before.
    """

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best_loss: float | None = None
    best_step: int = 0
    checks_without_progress: int = 0
    peak_bytes: int = 0
    first_loss: float | None = None
    last_loss: float | None = None
    looked_step: int = 0
    sampled_step: int = 0
    recent_loss: float | None = None
    best_train_loss: float | None = None
    best_recent_loss: float | None = None
    by_heart_step: int = 0
    good_step: int = 0
    seconds_allowed: float = 0.0
    first_deal: int = 0

    @property
    def deal(self) -> int:
        """Number of the next step's batch, counted from the first batch that these weights or their forebears saw."""
        return self.first_deal + self.step

    def at_start(self) -> RunState:
        """Before the first step of the same run."""
        return RunState(seconds_allowed=self.seconds_allowed, first_deal=self.first_deal)


@dataclass(frozen=True)
class Before:
    """What there was before a sitting.

    Attributes:
        step: Steps taken.
        training: The settings that the run had been stopped with.
        facts: What its checkpoint held beside tensors.
        checkpoints: Steps of those that stay until the sitting has ended: its newest, its best, and the newest good one.
        lines: What had been said at `step` after its checkpoint, as written: how the run had ended, for one.
    """

    step: int
    training: TrainingConfig
    facts: Mapping[str, Any]
    checkpoints: frozenset[int]
    lines: Sequence[bytes] = ()
