"""What runs differ in, side by side: how they came out, what they read, and the settings of their recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from llmstudio.app.items.ancestry import name_now, recipe_of
from llmstudio.app.race.board import differences
from llmstudio.app.runs.run_summary import STATES, summary_of
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import Setting, settings_of
from llmstudio.core.words import plain_number, words
from llmstudio.gui.look.figures import count_text, spent_text
from llmstudio.gui.look.theme import say
from llmstudio.gui.shared.readouts.differences_table import Row
from llmstudio.gui.shared.readouts.quality_text import NONE, quality_source, quality_text, quality_unit
from llmstudio.gui.train.run.picture.unlike import unlike
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project

_FAMILY, _TOKENIZER, _TEXT = words("Family of models"), words("Tokenizer"), words("Text")


@dataclass(frozen=True)
class Comparison:
    """Runs side by side: their names, how each came out, where they differ, and which do not compare with the first.

    See `unlike` for the reasons.
    """

    names: list[str]
    figures: list[Row]
    settings: list[Row]
    unlike: dict[str, str] = field(default_factory=dict)


def compare(project: Project, models: Sequence[About]) -> Comparison:
    """Set the runs of some models side by side. Raises StudioError if a recipe or a run is damaged."""
    runs = [summary_of(project, model) for model in models]
    units = list(dict.fromkeys(quality_unit(run.quality) for run in runs if run.quality is not None))
    figures = [(u, [quality_text(r.quality) if quality_unit(r.quality) == u else NONE for r in runs]) for u in units]
    figures += [
        (say(words("measured at")), [quality_source(run.quality) if run.quality else NONE for run in runs]),
        (say(words("Tokens a second")), [_figure(run.tokens_per_second, "{:,.0f}".format) for run in runs]),
        (say(words("Parameters")), [_figure(_parameters(project, model), count_text) for model in models]),
        (say(words("Steps")), [_figure(run.step, "{:,}".format) for run in runs]),
        (say(words("Time")), [_figure(run.seconds, spent_text) for run in runs]),
        (say(words("State")), [say(STATES[run.state]) if run.state in STATES else NONE for run in runs]),
    ]
    read = [[name_now(project, kind, m.parent(kind)) or NONE for m in models] for kind in ("corpus", "tokenizer")]
    settings = differing([recipe_of(model) for model in models], tokenizers=read[1], texts=read[0])
    return Comparison([model.name for model in models], figures, settings, unlike(models[0], models[1:]))


def differing(recipes: Sequence[Recipe], *, tokenizers: Sequence[str], texts: Sequence[str] = ()) -> list[Row]:
    """What runs read, if not the same, and settings in which their recipes differ, in the person's words."""
    known = {about.path: about for recipe in recipes for about in settings_of(recipe)}
    read = [(say(label), list(names)) for label, names in ((_TEXT, texts), (_TOKENIZER, tokenizers)) if len(set(names)) > 1]
    return read + [
        (_label(path, known), [_spell(path, known.get(path), value) for value in values])
        for path, values in differences(recipes).items()
        if path == "kind" or path in known
    ]


def _parameters(project: Project, model: About) -> int:
    """Counted from the recipe; 0 if the size of its vocabulary is not known any more."""
    tokenizer = project.by_id("tokenizer", model.parent("tokenizer").id)
    if tokenizer is not None:
        return recipe_of(model).num_parameters(tokenizer.tokenizer_card.vocab_size)
    return (model.model_card.result or Result()).parameters


def _figure(value: Any, spell: Any) -> str:
    return NONE if not value else str(spell(value))


def _label(path: str, known: dict[str, Setting]) -> str:
    return say(known[path].fact.label) if path in known else say(_FAMILY)


def _spell(path: str, about: Setting | None, value: Any) -> str:
    if value is None:
        return NONE
    if path == "kind":
        return say(MODELS[value].label)
    if about is not None and value in about.fact.choices:
        return say(about.fact.choices[value])
    if isinstance(value, float):
        return plain_number(value, 6)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
