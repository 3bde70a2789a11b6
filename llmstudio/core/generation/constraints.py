"""What may not come next, and what had better not: from a row of logits to one that a token may be drawn from.

Tokens that are no text (padding, unknown, the signs of roles) are never drawn, whatever the model thinks of them. Against
text that runs in circles there are four means, all off by default and each from its own source:

- repetition penalty (Keskar et al. 2019, arXiv:1909.05858, CTRL): the logit of what was said lately is divided by it, or
  multiplied where it lies below zero, so that it always falls;
- presence and frequency penalty (OpenAI's API): taken off the logit once, or as often as the token was said;
- no repeated n-gram (Paulus et al. 2017, arXiv:1705.04304): a token that would end an n-gram for the second time is out.

Every decoding path asks here before it draws, so they all write the same text. Special tokens are exempt: a text that may
not end because it ended before would never end.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.tokenizer.config import END, SPECIALS

_NUMPYS = (torch.float32, torch.float64)


def not_text(stop_ids: Sequence[int] = (END,)) -> list[int]:
    """The special tokens that never belong to a text: all but its end and what else may end it."""
    return [special for special in range(len(SPECIALS)) if special != END and special not in stop_ids]


class Constraints:
    """The constraints on one text as it grows.

    Args:
        config: The penalties.
        said: The prompt, and what was written of the text before it where the model no longer reads that.
        stop_ids: Special tokens that may be drawn since they end the text.
    """

    def __init__(self, config: GenerationConfig, said: Sequence[int] = (), stop_ids: Sequence[int] = (END,)) -> None:
        self._config = config
        self._not_text = np.array(not_text(stop_ids))
        self._said: list[int] = []
        self._lately: Counter[int] = Counter()
        self._followers: dict[tuple[int, ...], set[int]] = {}
        for token in said if config.has_penalties else ():
            self.push(token)

    def push(self, token: int) -> None:
        """One more token of the text."""
        if not self._config.has_penalties:
            return
        self._said.append(token)
        self._lately[token] += 1
        window, n = self._config.penalty_window, self._config.no_repeat_ngram_size
        if window and len(self._said) > window:
            gone = self._said[-window - 1]
            self._lately[gone] -= 1
            if not self._lately[gone]:
                del self._lately[gone]
        if n and len(self._said) >= n:
            *before, last = self._said[-n:]
            self._followers.setdefault(tuple(before), set()).add(last)

    def apply(self, logits: Tensor) -> Tensor:
        """A copy of `logits` (V,) with what may not come at minus infinity and what had better not lowered."""
        # In numpy: for so few numbers torch's calls would cost a tenth of a small model's token.
        values = (logits.detach() if logits.dtype in _NUMPYS else logits.detach().float()).cpu().numpy().copy()
        values[self._not_text] = -math.inf
        if self._config.has_penalties:
            self._lower(values)
        return torch.from_numpy(values)

    def _lower(self, values: NDArray[Any]) -> None:
        config = self._config
        said = np.fromiter(self._lately, np.int64, len(self._lately))
        counts = np.fromiter(self._lately.values(), values.dtype, len(self._lately))
        said, counts = said[said >= len(SPECIALS)], counts[said >= len(SPECIALS)]
        scores, strength = values[said], config.repetition_penalty
        scores = np.where(scores > 0, scores / strength, scores * strength)
        values[said] = scores - (config.presence_penalty + config.frequency_penalty * counts)
        if (n := config.no_repeat_ngram_size) and len(self._said) >= n - 1:
            before = tuple(self._said[len(self._said) - n + 1 :])
            if out := [token for token in self._followers.get(before, ()) if token >= len(SPECIALS)]:
                values[out] = -math.inf
