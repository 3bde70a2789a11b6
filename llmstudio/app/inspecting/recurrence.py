"""What each unit and gate of a recurrence held while it read a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.inspecting.ready import MAX_TOKENS, ready
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Inside:
    """A recurrence over a text of T tokens.

    Attributes:
        tokens: What stands on the page, token by token.
        layers: By layer, (T, H) values by name: `state`, `cell`, and each gate of the family; `candidate` is what would have
            been written.
        num_left_out: Tokens of the text beyond the first T, which were not looked at.
    """

    tokens: tuple[str, ...]
    layers: tuple[Mapping[str, Values], ...]
    num_left_out: int = 0

    def most_telling(self, layer: int, what: str, count: int = 1) -> list[int]:
        """The units that vary most from token to token, the first of them most."""
        order = np.argsort(-self.layers[layer][what].var(axis=0), kind="stable")
        return [int(unit) for unit in order[:count]]


def look_inside(project: Project, model: str, text: str, *, stop: Stop | None = None) -> Inside:
    """What each unit of a recurrence held while it read a text.

    Raises:
        StudioError: The text is empty, or the model has no recurrence.
    """
    loaded = ready(project, model, "recurrence", stop)
    from llmstudio.core.explain.recurrence import trace

    spans = loaded.tokenizer.spans(text)
    found: Any = loaded.model
    layers = trace(found, [span.id for span in spans[:MAX_TOKENS]], stop=stop)
    named = tuple(
        {"state": layer.hidden} | ({"cell": layer.cell} if layer.cell is not None else {}) | dict(layer.gates)
        for layer in layers
    )
    return Inside(tuple(span.text for span in spans[:MAX_TOKENS]), named, max(0, len(spans) - MAX_TOKENS))
