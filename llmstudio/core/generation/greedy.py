"""Many texts written side by side, each by the likeliest token every time, until all of them have ended."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.generation.constraints import not_text
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.sparse.twin import as_read


def greedy_rows(
    model: LanguageModel, prompts: Tensor, *, max_new_tokens: int, stop_ids: Sequence[int], source: Tensor | None = None
) -> list[list[int]]:
    """The likeliest continuation of every row, without the token that ended it.

    Args:
        model: In evaluation mode.
        prompts: (B, T) ids, all of one length.
        max_new_tokens: Longest continuation, its end included.
        stop_ids: Tokens that end a text.
        source: (B, S) what an encoder-decoder reads; None for a model without.
    """
    model, forbidden = as_read(model, len(prompts)), not_text(stop_ids)
    with torch.inference_mode():
        state = model.init_state(len(prompts), prompts.shape[1] + max_new_tokens - 1)
        # Room for all that is written comes first. A token that is kept behind its logits stays there, and the next logits
        # find no place where these were: the process would grow by a block as wide as the vocabulary with every token.
        written = torch.zeros(len(prompts), max_new_tokens, dtype=torch.int64, device=model.device)
        done = torch.zeros(len(prompts), dtype=torch.bool, device=model.device)
        ends = torch.tensor(list(stop_ids), device=model.device)
        fresh, count = prompts.to(model.device), 0
        while count < max_new_tokens and not bool(done.all()):
            output = model(Batch(fresh, source=source), state)
            state = output.state
            logits = model.head(output.hidden[:, -1])
            logits[:, forbidden] = -torch.inf
            torch.argmax(logits, -1, out=written[:, count])
            del logits
            fresh = written[:, count, None]
            done |= torch.isin(fresh[:, 0], ends)
            count += 1
        rows: list[list[int]] = written[:, :count].tolist()
    return [_until(row, stop_ids) for row in rows]


def _until(row: list[int], stop_ids: Sequence[int]) -> list[int]:
    return next((row[:place] for place, token in enumerate(row) if token in stop_ids), row)
