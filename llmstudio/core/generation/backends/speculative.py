"""Guessing ahead: where a text repeats itself, several tokens are read for little more than the price of one.

A token costs one passage of all weights through the processor, and a handful of tokens read together costs hardly two. So
what followed the last time these words stood here is read along as a guess. Every guess is checked by the model itself:
the text is the same as without guessing, only sooner. Small models gain nothing: their tokens cost calls, not passages.
Source: Leviathan et al. 2023, arXiv:2211.17192 (speculative decoding); Saxena 2023 (guesses looked up in the prompt).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor

from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.words import Words, words

# Fewer tokens in common are chance more often than repetition, and more guesses cost more than they save.
_SHORTEST, _MOST = 4, 15
# With fewer weights than this, a token costs more in calls than in reading them.
_WORTH_GUESSING = 4_000_000


class SpeculativeDecoder(NumpyDecoder):
    """A decoder that reads the likely next tokens along with the one it is given.

    Attributes:
        guesses: How many tokens were guessed so far.
        hits: How many of them came.
    """

    @classmethod
    def can_run(cls, model: LanguageModel) -> Words | None:
        """What numpy can run, if it is large enough to gain by it."""
        if reason := super().can_run(model):
            return reason
        if sum(parameter.numel() for parameter in model.parameters()) < _WORTH_GUESSING:
            return words("The model is small: reading guesses along would cost as much as it saves.")
        return None

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        super().__init__(model, prompt_ids)
        self._seen = _as_text(prompt_ids)
        self._ahead: deque[tuple[int, Tensor]] = deque()
        self.guesses = self.hits = 0

    def push(self, token: int) -> None:
        """Read one more token, or find that it has been read already."""
        self._seen += _as_text([token])
        if self._ahead:
            guess, logits = self._ahead.popleft()
            if guess == token:
                self.hits += 1
                self.logits = logits
                return
            self.take_back(1 + len(self._ahead))
            self._ahead.clear()
        room = self._config.context_length - self._state.length - 1
        guesses = continuation(self._seen)[:room]
        self.guesses += len(guesses)
        rows = torch.from_numpy(self.read([token, *guesses]))
        self.logits = rows[0]
        self._ahead.extend(zip(guesses, rows[1:], strict=True))


def continuation(seen: str) -> list[int]:
    """What followed the latest place that ends as this text does: as many tokens as the two have in common, 15 at most.

    Args:
        seen: Token ids as characters (`chr`), which are searched fastest.

    Returns:
        Token ids; none where fewer than four tokens repeat.
    """
    end = seen.rfind(seen[-_SHORTEST:], 0, -1) + _SHORTEST if len(seen) > _SHORTEST else 0
    if end < _SHORTEST:
        return []
    common = _SHORTEST
    while common < min(_MOST, end) and seen[end - common - 1] == seen[-common - 1]:
        common += 1
    # In a loop the place overlaps its own end: what follows is the loop once more.
    loop = seen[end:]
    return [ord(loop[i % len(loop)]) for i in range(common)]


def _as_text(ids: Sequence[int]) -> str:
    return "".join(map(chr, ids))
