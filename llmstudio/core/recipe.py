"""A recipe: everything that decides how a model is grown, beside the text and the tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llmstudio.core import settings
from llmstudio.core.errors import StudioError
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families import family
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.training_config import TrainingConfig


@dataclass(frozen=True)
class Recipe:
    """What is grown and how it learns.

    Attributes:
        kind: The family's name in `MODELS`; `model` is that family's configuration.
        model: The model's shape.
        training: How it learns.
        preset: Name of the preset it began as; empty if none.
    """

    kind: str = "decoder"
    model: ModelConfig = field(default_factory=DecoderConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    preset: str = ""

    def num_parameters(self, vocab_size: int) -> int:
        """Exact count of trainable numbers for a vocabulary of this size."""
        return self.model.num_parameters(vocab_size)


def to_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain JSON values."""
    return settings.to_dict(recipe)


def from_dict(data: Mapping[str, Any]) -> Recipe:
    """Inverse of `to_dict`.

    Raises:
        StudioError: The family or a setting is unknown to this version, or a value is out of bounds.
    """
    if not isinstance(data, Mapping):
        raise StudioError("This recipe is damaged: it should hold settings by name.")
    model: Any = settings.from_dict(family(str(data.get("kind", "decoder"))).config, data.get("model", {}))
    rest = settings.from_dict(Recipe, {name: value for name, value in data.items() if name != "model"})
    return replace(rest, model=model)


def change(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A copy with settings set by path: `change(recipe, {"training.max_steps": "200"})`; together, so that two that only
    fit together (width and heads) may both move.

    Raises:
        StudioError: No such setting, a value out of bounds, or a shape that does not divide.
    """
    return settings.change_all(recipe, changes)
