"""The table of families. Adding an architecture is a config class, a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.models.transformer import Decoder
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class Family:
    """An architecture.

    Attributes:
        label: Its name for people.
        config: Its settings.
        build: Makes a model with random weights from (config, vocab_size, generator).
    """

    label: Words
    config: type
    build: Callable[[Any, int, torch.Generator], LanguageModel]


MODELS: dict[str, Family] = {
    "decoder": Family(words("Transformer decoder"), DecoderConfig, Decoder),
}


def build_model(kind: str, config: Any, vocab_size: int, seed: int = 0) -> LanguageModel:
    """A model with random weights; the same seed gives the same weights.

    Raises:
        StudioError: There is no family of that name.
    """
    if kind not in MODELS:
        raise StudioError("There is no model kind {kind}. There are: {kinds}.", kind=kind, kinds=", ".join(MODELS))
    with torch.random.fork_rng(devices=()):  # layers draw weights of their own first, which must not disturb anyone
        return MODELS[kind].build(config, vocab_size, torch.Generator().manual_seed(seed))
