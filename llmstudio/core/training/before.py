"""A run as it was taken up: what it goes back to where the sitting is thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.training_config import TrainingConfig


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
