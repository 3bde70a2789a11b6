"""Where a model looked in its source while it wrote: which words of the one text stand behind each word of the other.

The shares are those by which the values of the source are mixed. They show where the model looked, which is not always why
it wrote what it wrote: what is passed on next to the mix counts as well (Jain and Wallace 2019, arXiv:1902.10186).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.taps import ATTENTION, Tap
from llmstudio.core.tokenizer.config import ASSISTANT
from llmstudio.core.work import Stop, check


def cross_attention(
    model: LanguageModel, source: Sequence[int], written: Sequence[int], *, stop: Stop | None = None
) -> NDArray[np.float32]:
    """How much each token that was written took of each token of the source.

    Args:
        model: Any model that rewrites; it is only read.
        source: S ids.
        written: T ids, as the model wrote them after ASSISTANT.
        stop: Looked at in every layer.

    Returns:
        (L, H, T, S) by layer and head, for the place at which a token was chosen. Each place's shares add up to 1 where the
        source is read apart; else to what is left beside what that place took of the written text. L is 0 for a model
        without attention.

    Raises:
        StudioError: Nothing was written, or a stop came in between.
    """
    if not written:
        raise StudioError("The model wrote nothing, so there is nothing to look back from: give it another text.")
    found: list[Tensor] = []

    def look(name: str, passing: Tensor) -> Tensor:
        check(stop)
        if name.endswith(".cross_attention" if model.reads_source else ".attention"):
            found.append(passing[0, :, -len(written) :, : len(source)].float().cpu())
        return passing

    begun = [ASSISTANT, *written[:-1]]
    batch = Batch(torch.tensor([[*source, *begun]], device=model.device))
    if model.reads_source:
        batch = Batch(torch.tensor([begun], device=model.device), source=torch.tensor([list(source)], device=model.device))
    with torch.inference_mode():
        model(batch, tap=Tap(look, frozenset({ATTENTION})))
    return torch.stack(found).numpy() if found else np.zeros((0, 0, len(written), len(source)), np.float32)
