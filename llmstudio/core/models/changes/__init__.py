"""What may be done to a model that its family has built: recorded in its checkpoints and applied again whenever it is built.

A new head, frozen parts, shared layers: a change is a file with a `Change` and a line in `CHANGES`.

- recorded: what a change is, and how one that was made is recorded
- head: a head for classes
- lora: small matrices beside those that stay as they are
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmstudio.core.errors import StudioError
from llmstudio.core.models.changes import head, lora
from llmstudio.core.models.changes.recorded import Change, Recorded

if TYPE_CHECKING:
    from llmstudio.core.models.base import LanguageModel

__all__ = ["CHANGES", "Change", "Recorded", "apply_all", "change_of"]

CHANGES: dict[str, Change] = {head.NAME: head.Head(), lora.NAME: lora.Lora()}


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
