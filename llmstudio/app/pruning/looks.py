"""Looks at pruned copies of a model that were thrown away: what was measured lies in the model's folder, for another day."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any, TypedDict

from llmstudio.core.errors import StudioError
from llmstudio.core.settings import from_dict, to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.typed import made, matches
from llmstudio.store.files import write_json
from llmstudio.store.project import About
from llmstudio.store.reading import read_json

FILE = "looks.json"
_TEXTS = frozenset({"model", "prompt", "sample_before", "sample_after"})


class LookFile(TypedDict):
    """One look: how it was pruned, and what was measured."""

    config: dict[str, Any]
    result: dict[str, Any]


class LooksFile(TypedDict):
    """All looks at the weights of this hash."""

    hash: str
    looks: list[LookFile]


def keep_look(model: About, config: PruningConfig, result: Mapping[str, Any]) -> None:
    """Remember a look."""
    looks = looks_of(model) | {config: dict(result)}
    keep_beside(model, FILE, {"looks": [{"config": to_dict(one), "result": found} for one, found in looks.items()]})


def keep_beside(model: About, file: str, values: Mapping[str, Any]) -> None:
    """Write what was measured of a model's weights into its folder, with their hash.

    A place that cannot be written, or is gone meanwhile, only means measuring again.
    """
    if model.path.is_dir():
        with contextlib.suppress(OSError, StudioError):
            write_json(model.path / file, {"hash": model.model_card.hash, **values})


def looks_of(model: About) -> dict[PruningConfig, dict[str, Any]]:
    """What was measured of a model's weights as they are; nothing where there was no look, or it is damaged."""
    try:
        found = made(LooksFile, read_json(model.path / FILE, dict))
        if found["hash"] != model.model_card.hash:
            return {}
        return {from_dict(PruningConfig, one["config"]): one["result"] for one in found["looks"] if _is_whole(one["result"])}
    except (StudioError, TypeError, KeyError):
        return {}


def _is_whole(result: Mapping[str, Any]) -> bool:
    """Whether a look holds texts and finite numbers, or None where nothing was measured, each where it belongs."""
    return all(
        matches(value, str) if name in _TEXTS else value is None or is_figure(value) for name, value in result.items()
    )


def is_figure(value: Any) -> bool:
    """Whether a value from a file is a number that can be drawn."""
    return matches(value, float) and math.isfinite(value)
