"""The smaller model: the numbers of the larger one without some of its units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.changes.head import head_of, narrowed
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.families.recurrent_config import RecurrentConfig
from llmstudio.core.models.families.vae import TextVAE
from llmstudio.core.models.shrinking import recurrent, transformer, vae
from llmstudio.core.models.shrinking.shapes import features_part, refusal, smaller, why_not
from llmstudio.core.models.shrinking.units import Cut, Kept, Units, cut_away
from llmstudio.core.models.weights.base import dense_tensors
from llmstudio.core.words import words


def places_of(model: LanguageModel) -> list[Units]:
    """Every place of units of a model, of such kinds too as `refuse` refuses."""
    if isinstance(model, Recurrent):
        return list(recurrent.places(model))
    if isinstance(model, TextVAE):
        return list(vae.places(model))
    return list(transformer.places(model, _blocks(model.config)))


def shrink(model: LanguageModel, kind: str, kept: Kept) -> LanguageModel:
    """A model of the family `kind` without the units of `model` that are not kept; `model` stays as it is.

    Places of one kind keep equally many units, since one setting says how many.

    Raises:
        StudioError: As `refuse`.
    """
    places = [units for units in places_of(model) if units.name in kept and len(kept[units.name]) < units.count]
    parts = {units.part: len(kept[units.name]) * units.shared for units in places}
    if not parts:
        return _built(model, kind, model.config, model.changes, dense_tensors(model))
    for part in parts:
        refuse(model, part)
    config = smaller(model.config, parts)
    looks = [_with_head(model, units) for units in places] if config.features_dim != model.config.features_dim else places
    tensors = cut_away(dense_tensors(model), looks, kept)
    if "width" in parts and not isinstance(config, RecurrentConfig) and hasattr(config, "num_heads"):
        tensors = transformer.rescale(tensors, _blocks(model.config), _blocks(config))
    if "units" in parts and isinstance(config, RecurrentConfig) and config.is_projected and not model.config.is_projected:
        tensors = recurrent.projected(tensors, model.config, tuple(kept[places[-1].name]))
    return _built(model, kind, config, narrowed(model.changes, config.features_dim), tensors)


def refuse(model: LanguageModel, part: str) -> None:
    """Raises StudioError, with the reason, if units of this kind cannot be taken away from a model."""
    reason = why_not(model.config, part)
    head = head_of(model.changes)
    reads_others = head is not None and (head["pooling"] == "phrases" or head.get("window"))
    if reason is None and reads_others and part == features_part(model.config):
        reason = words("Its classes are told from phrases and windows of these very numbers.")
    if reason is not None:
        raise refusal(part, reason)


def _with_head(model: LanguageModel, units: Units) -> Units:
    """With the numbers of a head for classes that reads these units."""
    head = head_of(model.changes)
    names = ("width", "latent", "units", f"layers.{model.config.num_layers - 1}.units")
    if head is None or units.part != features_part(model.config) or units.name not in names:
        return units
    query = (Cut("class_head.query", 0),) if head["pooling"] == "attention" else ()
    return Units(
        units.name, units.part, units.count, (*units.written, *query), (*units.read, Cut("class_head.out.weight", 1))
    )


def _built(model: LanguageModel, kind: str, config: Any, changes: Sequence[Recorded], tensors: Any) -> LanguageModel:
    made = build_model(kind, config, model.vocab_size, changes=changes)
    made.load_state_dict(tensors)
    return made.train(model.training)


def _blocks(config: Any) -> Any:
    return getattr(config, "blocks", config)
