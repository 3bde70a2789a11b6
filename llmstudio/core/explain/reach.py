"""How far back a prediction reaches: which of the tokens before it the model's next guess depends on, and how strongly.

For every family that predicts the next token: a recurrent model's reach fades with distance, a Transformer's need not.
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
from llmstudio.core.models.taps import Tap
from llmstudio.core.work import Stop, check


def gradient_reach(
    model: LanguageModel, ids: Sequence[int], position: int, *, stop: Stop | None = None
) -> NDArray[np.float32]:
    """How much the guess at one place of a text moves with the vector of each token read.

    Args:
        model: Any model that reads one text; it is only read.
        ids: The text, T tokens.
        position: The guess looked at is the one made after reading this token, 0 to T - 2: of `ids[position + 1]`.
        stop: Looked at wherever the model has a tap, and there again on the way back.

    Returns:
        (T,): length of the gradient of the true next token's logit by the embedding of each token; zero beyond `position`.

    Raises:
        StudioError: The text has no token after `position`, or what is read up to there is longer than the model can look
            back on; or a stop came in between.
    """
    if not 0 <= position < len(ids) - 1:
        raise StudioError("There is no next token to look back from: choose a place before the end of the text.")
    vectors: list[Tensor] = []

    def look(name: str, passing: Tensor) -> Tensor:
        check(stop)
        if name == "embed":
            passing = passing.detach().requires_grad_()
            vectors.append(passing)
        passing.register_hook(lambda _gradient: check(stop))  # type: ignore[no-untyped-call]
        return passing

    with torch.inference_mode(False), torch.enable_grad():
        read = torch.tensor([list(ids[: position + 1])], device=model.device)
        hidden = model(Batch(read), tap=Tap(look)).hidden[0, -1]
        logit = model.head(hidden)[ids[position + 1]]
        check(stop)
        (gradient,) = torch.autograd.grad(logit, vectors)
    lengths = np.zeros(len(ids), dtype=np.float32)
    lengths[: position + 1] = gradient.reshape(position + 1, -1).norm(dim=1).cpu().numpy()
    return lengths
