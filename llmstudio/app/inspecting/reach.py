"""How far back the guess at one place of a text depends on what was read before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.inspecting.ready import MAX_TOKENS, ready
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@dataclass(frozen=True)
class Reach:
    """How strongly each token before one place of a text bears on the guess that is made there.

    Attributes:
        model: Whose guess it is.
        tokens: The text as this model cuts it, (start, end) in characters.
        place: The token that is guessed.
        shares: (T,) how much of the whole each token bears, adding up to 1; 0 from `place` on.
        num_left_out: Tokens before the first that were looked at: beyond what the model sees, or what is looked up at once.
        sees: Tokens the model can look back on; None if it remembers without end.
    """

    model: str
    tokens: tuple[tuple[int, int], ...]
    place: int
    shares: NDArray[np.float32]
    num_left_out: int = 0
    sees: int | None = None


def reach(
    project: Project, models: Sequence[str], text: str, character: int | None = None, *, stop: Stop | None = None
) -> tuple[Reach, ...]:
    """How far back the guess at one place of a text depends on what was read before it, for each of some models.

    Args:
        project: Where the models are.
        models: One, or several to compare, each with its own tokenizer.
        text: What they read.
        character: A character of the text: the guess looked at is that of the token which holds it; None for the last.
        stop: Looked at before each model, and all the while.

    Raises:
        StudioError: A model does not predict the next token, or nothing stands before that place.
    """
    place = len(text) - 1 if character is None else character
    return tuple(_reach(project, model, text, place, stop) for model in models)


def _reach(project: Project, model: str, text: str, character: int, stop: Stop | None) -> Reach:
    loaded = ready(project, model, "reach", stop)
    from llmstudio.core.explain.reach import gradient_reach

    spans = loaded.tokenizer.spans(text)
    place = next((i for i, span in enumerate(spans) if span.end > character), len(spans) - 1)
    if place < 1:
        raise StudioError("Nothing stands before this place to look back at: type a few words, then press a later one.")
    limit = loaded.model.config.looks_back
    first = max(0, place - (MAX_TOKENS if limit is None else int(limit)))
    ids = [span.id for span in spans[first : place + 1]]
    found = gradient_reach(loaded.model, ids, len(ids) - 2, stop=stop)
    shares = np.zeros(len(spans), np.float32)
    shares[first : place + 1] = found / (float(found.sum()) or 1.0)
    shares[place:] = 0.0
    return Reach(model, tuple((span.start, span.end) for span in spans), place, shares, first, limit)
