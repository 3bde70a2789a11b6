"""What may be done to a model that its family has built: recorded in its checkpoints and applied again whenever it is built.

A new head, frozen parts, shared layers: a change is a file with a `Change` and a line in `CHANGES`. None is there yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from llmstudio.core.errors import StudioError

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


CHANGES: dict[str, Change] = {}


def change_of(recorded: Recorded) -> Change:
    """The change that is recorded. Raises StudioError if this version does not know it."""
    name = str(recorded.get("change"))
    if name not in CHANGES:
        raise StudioError("This model was changed in a way that this version does not know: {change}.", change=name)
    return CHANGES[name]


def apply_all(model: LanguageModel, recorded: Sequence[Recorded]) -> None:
    """Make recorded changes in order, and let the model remember them. Raises StudioError for one that is not known."""
    for one in recorded:
        change_of(one).apply(model, one)
        model.changes = (*model.changes, one)
