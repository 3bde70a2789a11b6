"""Whether the weights in sight are still those on disk: a run that went on gives a model others under its old name."""

from __future__ import annotations

from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.gui.session.session import Session


class WeightsSeen:
    """Remembers by model which weights were looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[str, object] = {}

    def note(self, model: str) -> None:
        """Its weights are looked at as they are now."""
        self._seen[model] = self._weights(model)

    def have_changed(self, model: str) -> bool:
        """Whether it has other weights than those that were noted; False where none were."""
        return model in self._seen and self._seen[model] != self._weights(model)

    def _weights(self, name: str) -> object:
        about = self._session.items.find("model", name)
        if about is None:
            return None
        card = about.model_card
        steps = tuple(step_of(folder) for folder in checkpoint_folders(about.path))
        return about.id, card.hash, card.result.steps if card.result else 0, steps
