"""Decoding by the model itself, whatever family it is of and wherever its weights lie."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.generation.backends.base import Backend
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.words import Words


class PlainDecoder(Backend):
    """Reads each token with the model's own forward pass, and keeps the model's memory between two of them."""

    @classmethod
    def can_run(cls, model: LanguageModel) -> Words | None:
        """Every model that speaks has a memory."""
        return None

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        self._model = model
        with torch.inference_mode():
            self._state = model.init_state(1, model.config.context_length)
            self.logits = self._read(prompt_ids)

    def push(self, token: int) -> None:
        """Read one more token."""
        with torch.inference_mode():
            self.logits = self._read([token])

    def _read(self, ids: Sequence[int]) -> Tensor:
        output = self._model(Batch(torch.tensor([list(ids)], device=self._model.device)), self._state)
        self._state = output.state
        return self._model.head(output.hidden[0, -1])
