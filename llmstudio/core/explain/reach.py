"""How far back a prediction reaches: which of the tokens before it the model's next guess depends on, and how strongly.

For every family that predicts the next token: a recurrent model's reach fades with distance, a Transformer's need not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.work import Stop, check


def gradient_reach(
    model: LanguageModel, ids: Sequence[int], position: int, *, stop: Stop | None = None
) -> NDArray[np.float32]:
    """How much the guess at one place of a text moves with the vector of each token read.

    Args:
        model: Any model with a table of tokens called `embed`; it is left as it was.
        ids: The text, T tokens.
        position: The guess looked at is the one made after reading this token, 0 to T - 2: of `ids[position + 1]`.
        stop: Looked at before each part of the model, and after it on the way back.

    Returns:
        (T,): length of the gradient of the true next token's logit by the embedding of each token; zero beyond `position`.

    Raises:
        StudioError: The text has no token after `position`, or what is read up to there is longer than the model can look
            back on; or a stop came in between.
    """
    if not 0 <= position < len(ids) - 1:
        raise StudioError("There is no next token to look back from: choose a place before the end of the text.")
    table: Any = model.embed
    vectors: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        vectors.append(out.detach().requires_grad_())
        return vectors[-1]

    def look(_module: nn.Module, given: tuple[Any, ...]) -> None:
        check(stop)
        for entering in given:
            if isinstance(entering, Tensor) and entering.requires_grad:
                entering.register_hook(lambda _gradient: check(stop))  # type: ignore[no-untyped-call]

    hooks = [table.register_forward_hook(keep)] + [part.register_forward_pre_hook(look) for part in model.modules()]
    try:
        with torch.inference_mode(False), torch.enable_grad():
            read = torch.tensor([list(ids[: position + 1])], device=model.device)
            hidden = model(Batch(read)).hidden[0, -1]
            logit = model.head(hidden)[ids[position + 1]]
            check(stop)
            (gradient,) = torch.autograd.grad(logit, vectors[0])
    finally:
        for hook in hooks:
            hook.remove()
    lengths = np.zeros(len(ids), dtype=np.float32)
    lengths[: position + 1] = gradient.reshape(position + 1, -1).norm(dim=1).cpu().numpy()
    return lengths
