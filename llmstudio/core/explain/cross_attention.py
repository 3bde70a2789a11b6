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
        model: Any model that reads a source first; it is only read.
        source: S ids.
        written: T ids, as the model wrote them after ASSISTANT.
        stop: Looked at in every layer.

    Returns:
        (L, H, T, S) by layer and head, for the place at which a token was chosen: each place's shares add up to 1.

    Raises:
        StudioError: Nothing was written, the model reads no source, or a stop came in between.
    """
    if not written:
        raise StudioError("The model wrote nothing, so there is nothing to look back from: give it another text.")
    found: list[Tensor] = []

    def look(name: str, passing: Tensor) -> Tensor:
        check(stop)
        if name.endswith(".cross_attention"):
            found.append(passing[0].float().cpu())
        return passing

    ids = torch.tensor([[ASSISTANT, *written[:-1]]], device=model.device)
    read = torch.tensor([list(source)], device=model.device)
    with torch.inference_mode():
        model(Batch(ids, source=read), tap=Tap(look, frozenset({ATTENTION})))
    if not found:
        raise StudioError("This model reads no source that it could look back to: choose an encoder-decoder.")
    return torch.stack(found).numpy()
