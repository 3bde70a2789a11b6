"""Building a model: its family, and random weights from a seed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families import family


def build_model(kind: str, config: Any, vocab_size: int, seed: int = 0) -> LanguageModel:
    """A model with random weights; the same seed gives the same weights.

    Raises:
        StudioError: There is no family of that name.
    """
    module, name = family(kind).model.split(":")
    make = getattr(import_module(f"llmstudio.core.models.families.{module}"), name)
    with torch.random.fork_rng(devices=()):  # layers draw weights of their own first, which must not disturb anyone
        model: LanguageModel = make(config, vocab_size, torch.Generator().manual_seed(seed))
        return model
