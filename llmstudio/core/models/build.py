"""Building a model: its family with random weights from a seed, then the changes that are recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import torch

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded, apply_all
from llmstudio.core.models.families import family


def build_model(
    kind: str, config: Any, vocab_size: int, seed: int = 0, *, changes: Sequence[Recorded] = ()
) -> LanguageModel:
    """A model with random weights; the same seed gives the same weights.

    Raises:
        StudioError: There is no family of that name, or no such change.
    """
    module, name = family(kind).model.split(":")
    make = getattr(import_module(f"llmstudio.core.models.families.{module}"), name)
    with torch.random.fork_rng(devices=()):  # layers draw weights of their own first, which must not disturb anyone
        model: LanguageModel = make(config, vocab_size, torch.Generator().manual_seed(seed))
        apply_all(model, changes)
        return model
