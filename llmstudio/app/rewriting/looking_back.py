"""Where a model looked in a text while it rewrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.inspecting.ready import ready
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@dataclass(frozen=True)
class LookedBack:
    """Shares between the tokens of a text and those that were written.

    Attributes:
        read: The S tokens of the text.
        written: The T tokens of the other.
        shares: (L, T, S): by layer, the mean over its heads of how much each written token took of each token read.
    """

    read: tuple[str, ...]
    written: tuple[str, ...]
    shares: NDArray[np.float32]

    def of(self, layer: int | None) -> NDArray[np.float32]:
        """(T, S) of a layer, counted from 0; the mean of all for None."""
        chosen: NDArray[np.float32] = self.shares.mean(0) if layer is None else self.shares[layer]
        return chosen


def looked_back(
    project: Project, model: str, text: str, written: Sequence[int], *, stop: Stop | None = None
) -> LookedBack | None:
    """Where a model looked in `text` for each of the tokens `written`, as `rewrite` gives them; None for a model
    that remembers instead.

    Raises:
        StudioError: The text is empty, nothing was written, or the model does not rewrite.
    """
    loaded = ready(project, model, "rewrite", stop)
    from llmstudio.core.explain.cross_attention import cross_attention
    from llmstudio.core.generation.beam import most_read, nothing_to_rewrite

    source = loaded.tokenizer.encode(text.strip())[: most_read(loaded.model)]
    if not source:
        raise nothing_to_rewrite()
    shares = cross_attention(loaded.model, source, written, stop=stop)
    if not len(shares):
        return None
    told = [tuple(loaded.tokenizer.token(id) for id in ids) for ids in (source, written)]
    return LookedBack(told[0], told[1], shares.mean(1))
