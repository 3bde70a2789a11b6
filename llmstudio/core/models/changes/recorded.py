"""What a change is, and how one that was made is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from llmstudio.core.models.base import LanguageModel

# One that was made: its name in `CHANGES` as `change`, beside what it was made with.
Recorded = Mapping[str, Any]


class Change(Protocol):
    """A change of a model's shape or weights, from plain values."""

    def apply(self, model: LanguageModel, recorded: Recorded) -> None:
        """Change `model` in place."""

    def num_parameters(self, count: int, recorded: Recorded) -> int:
        """How many weights a model of `count` has after it."""
