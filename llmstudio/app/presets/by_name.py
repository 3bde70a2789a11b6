"""All presets that there are, and the one that a name means."""

from __future__ import annotations

from llmstudio.app.presets.classifiers import CLASSIFIERS
from llmstudio.app.presets.preset import Preset
from llmstudio.app.presets.purposes import PURPOSES
from llmstudio.app.presets.sizes import SIZED
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig

_USUAL, _FIRST = "decoder", "micro"


def made_for(kind: str) -> list[Preset]:
    """What this program ships for a family; for one that nobody has tuned yet, its settings as they begin."""
    found = [entry for entry in (*SIZED, *PURPOSES, *CLASSIFIERS) if entry.recipe.kind == kind]
    about = family(kind)
    untried = Preset(_FIRST, about.label, about.help, Recipe(kind, about.config(), preset=_FIRST), TokenizerConfig())
    return found or [untried]


# By family and name, as in `lstm:nano`; in a family from small to large, then those for a purpose.
PRESETS: dict[str, Preset] = {entry.key: entry for kind in MODELS for entry in made_for(kind)}


def presets_of(kind: str) -> list[Preset]:
    """The presets of a family of models, in order."""
    return [entry for entry in PRESETS.values() if entry.recipe.kind == kind]


def preset(name: str) -> Preset:
    """The preset of this name: `lstm:nano`, or `nano`, which is the decoder's where it has one of that name.

    Raises:
        StudioError: There is none; the sentence names those there are.
    """
    for key in (name, f"{_USUAL}:{name}"):
        if key in PRESETS:
            return PRESETS[key]
    found = [entry for entry in PRESETS.values() if entry.name == name]
    if not found:
        names = dict.fromkeys(entry.name for entry in PRESETS.values())
        raise StudioError("There is no preset {name}. There are: {names}.", name=name, names=", ".join(names))
    return found[0]


def preset_of(recipe: Recipe) -> Preset | None:
    """The preset that a recipe began as; None if it began as none, or as one that is no more."""
    return PRESETS.get(f"{recipe.kind}:{recipe.preset}")


def choose(kind: str | None, name: str | None) -> Preset:
    """A family's preset of a name; without a name `micro`, and without a family the decoder's or the only one of that name.

    Raises:
        StudioError: No such family or preset, or the family has none of that name.
    """
    if kind is None:
        return preset(name or _FIRST)
    family(kind)
    chosen = PRESETS.get(f"{kind}:{name or _FIRST}")
    if chosen is None:
        raise StudioError(
            "The family {kind} has no preset {name}. It has: {names}.",
            kind=kind,
            name=str(name),
            names=", ".join(entry.name for entry in presets_of(kind)),
        )
    return chosen
