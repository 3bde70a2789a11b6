"""How earlier versions wrote the settings of a family: those of its task stood among those of its shape.

Whoever reads settings of a shape from a file, or a path that a person typed, reads them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.core.models.families import family
from llmstudio.core.settings import from_dict

# By family, the settings that are its task's now.
_OF_THE_TASK = {
    "encoder": ("mask_rate", "whole_words", "rare_words"),
    "encoder_decoder": ("label_smoothing",),
    "vae": ("free_bits", "warm_start_share", "kl_schedule", "kl_warmup_share"),
}


def read_shape(kind: str, kept: Mapping[str, Any]) -> Any:
    """The settings of a family from plain values, whichever version wrote them.

    Raises:
        StudioError: The family or a setting is unknown to this version, or a value is out of bounds.
    """
    own = {name: kept[name] for name in kept if name not in _OF_THE_TASK.get(kind, ())} if _is_map(kept) else kept
    return from_dict(family(kind).config, own)


def task_settings_in(kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the family's task that an earlier version wrote among those of the shape; none if a newer one did."""
    return {name: kept[name] for name in _OF_THE_TASK.get(kind, ()) if name in kept} if _is_map(kept) else {}


def path_now(kind: str, path: str) -> str:
    """Where a setting of a recipe is found by now: `task.mask_rate` for `model.mask_rate`."""
    part, _, name = path.partition(".")
    return f"task.{name}" if part == "model" and name in _OF_THE_TASK.get(kind, ()) else path


def _is_map(kept: object) -> bool:
    return isinstance(kept, Mapping)
