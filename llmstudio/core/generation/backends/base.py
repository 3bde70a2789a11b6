"""What a decoding backend is: it has read a text, says what comes next, and reads one token more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.words import Words


class Backend(ABC):
    """One text that a model is writing.

    Attributes:
        logits: (V,) of the token that comes next.
    """

    logits: Tensor

    @classmethod
    @abstractmethod
    def can_run(cls, model: LanguageModel) -> Words | None:
        """None if it decodes with this model; otherwise why it does not."""

    @abstractmethod
    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        """Read the prompt; `can_run` has nothing against the model."""

    @abstractmethod
    def push(self, token: int) -> None:
        """Read one more token."""
