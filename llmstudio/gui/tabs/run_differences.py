"""What runs differ in, side by side: how they came out, what they read, and the settings of their recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.app.ancestry import recipe_of
from llmstudio.app.race_board import differences
from llmstudio.app.recipe import Recipe
from llmstudio.core.models.families import MODELS
from llmstudio.core.settings import Setting, settings_of
from llmstudio.core.training.history import read_history
from llmstudio.core.words import words
from llmstudio.gui.theme import say
from llmstudio.gui.widgets.differences_table import Row
from llmstudio.gui.widgets.figures import count_text, duration_text
from llmstudio.store.project import About

_FAMILY, _TOKENIZER, _TEXT = words("Family of models"), words("Tokenizer"), words("Text")
_NONE = "–"


@dataclass(frozen=True)
class Comparison:
    """Runs side by side: their names, how each came out, and where they differ."""

    names: list[str]
    figures: list[Row]
    settings: list[Row]


def compare(models: Sequence[About]) -> Comparison:
    """Set the runs of some models side by side. Raises StudioError if a recipe is damaged."""
    results = [model.facts.get("result") or _so_far(model) for model in models]
    figures = [
        (say(words("Bits per byte")), [_figure(r.get("bits_per_byte"), "{:.3f}".format) for r in results]),
        (say(words("Tokens a second")), [_figure(r.get("tokens_per_second"), "{:,.0f}".format) for r in results]),
        (say(words("Parameters")), [_figure(r.get("parameters"), count_text) for r in results]),
        (say(words("Steps")), [_figure(r.get("steps"), "{:,}".format) for r in results]),
        (say(words("Time")), [_figure(r.get("seconds"), duration_text) for r in results]),
    ]
    read = [[str(model.made_from.get(kind, {}).get("name", _NONE)) for model in models] for kind in ("corpus", "tokenizer")]
    settings = differing([recipe_of(model) for model in models], tokenizers=read[1], texts=read[0])
    return Comparison([model.name for model in models], figures, settings)


def differing(recipes: Sequence[Recipe], *, tokenizers: Sequence[str], texts: Sequence[str] = ()) -> list[Row]:
    """What runs read, if not the same, and settings in which their recipes differ, in the person's words."""
    known = {about.path: about for recipe in recipes for about in settings_of(recipe)}
    read = [(say(label), list(names)) for label, names in ((_TEXT, texts), (_TOKENIZER, tokenizers)) if len(set(names)) > 1]
    return read + [
        (_label(path, known), [_spell(path, known.get(path), value) for value in values])
        for path, values in differences(recipes).items()
        if path == "kind" or path in known
    ]


def _so_far(model: About) -> dict[str, float]:
    """Figures of a run that was not finished: its last look at the validation text, and its pace."""
    history = read_history(model.path)
    found = {}
    if len(history.steps):
        found = {"steps": int(history.steps["step"][-1]), "tokens_per_second": float(history.steps["tokens_per_second"][-1])}
    looks = [look.figures for look in history.evaluations if "bits_per_byte" in look.figures]
    return found | ({"bits_per_byte": looks[-1]["bits_per_byte"]} if looks else {})


def _figure(value: Any, spell: Any) -> str:
    return _NONE if not value else str(spell(value))


def _label(path: str, known: dict[str, Setting]) -> str:
    return say(known[path].fact.label) if path in known else say(_FAMILY)


def _spell(path: str, about: Setting | None, value: Any) -> str:
    if value is None:
        return _NONE
    if path == "kind":
        return say(MODELS[value].label)
    if about is not None and value in about.fact.choices:
        return say(about.fact.choices[value])
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
