"""Who came out best in a race: written into its models when it ends, and read back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from llmstudio.app.items.ancestry import name_now, recipe_of
from llmstudio.app.race.round_robin import Lap
from llmstudio.app.runs.run_summary import Quality, rank, summary_of
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe, from_dict, to_dict
from llmstudio.core.settings import get, settings_of
from llmstudio.core.words import Words, as_kept
from llmstudio.store.item_files import ABOUT, update_facts
from llmstudio.store.model_card import RaceCard, Result
from llmstudio.store.project import About, Project
from llmstudio.store.reading import file_told


@dataclass(frozen=True)
class Runner:
    """Who takes part: a name for the new model, its recipe, and the project's tokenizer that it reads with."""

    name: str
    recipe: Recipe
    tokenizer: str


@dataclass(frozen=True)
class Place:
    """One line of the leaderboard.

    Attributes:
        model: The model's name.
        kind: Its family, a name in `MODELS`.
        bits_per_byte: Of its best weights; None where a family predicts something else than the next token, before the
            first look, and for who dropped out.
        tokens_per_second: Over the whole run.
        parameters: Numbers that it learns.
        weight_bytes: What these take in memory while it learns.
        seconds: What its steps and looks took, by its own stopwatch.
        steps: Steps taken.
        out: Why it dropped out; None for who reached the end.
        quality: The headline figure of its family, of the same weights; None before the first look, and for who dropped out.
    """

    model: str
    kind: str
    bits_per_byte: float | None
    tokens_per_second: float
    parameters: int
    weight_bytes: int
    seconds: float
    steps: int
    out: Words | None = None
    quality: Quality | None = None


@dataclass(frozen=True)
class Raced:
    """A race of a project.

    Attributes:
        name: What it is called.
        created: When it began, in seconds since 1970.
        models: Its models that are there, by name.
        can_go_on: True if it was stopped or cut off before its end.
    """

    name: str
    created: float
    models: tuple[str, ...]
    can_go_on: bool

    @property
    def state(self) -> str:
        """Whether it can go on, in one word."""
        return "can_go_on" if self.can_go_on else "finished"


def races(project: Project) -> list[Raced]:
    """The races of a project, newest first."""
    found: dict[str, list[tuple[About, RaceCard]]] = {}
    for about in project.items("model"):
        if (race := about.model_card.race) is not None:
            found.setdefault(race.name, []).append((about, race))
    told = [
        Raced(
            name,
            max(race.time for _, race in raced),
            tuple(sorted(about.name for about, _ in raced)),
            any(race.plan for _, race in raced),
        )
        for name, raced in found.items()
    ]
    return sorted(told, key=lambda race: -race.created)


def leaderboard(project: Project, name: str) -> list[Place]:
    """Who came out best in a race, by the headline figure on held-out text (the fewest bits, where it is in bits)."""
    places = [gone.place for gone in dropped_out(project, name).values()]
    for about, race in runners_in(project, name):
        run, result = summary_of(project, about), about.model_card.result or Result()
        places.append(
            Place(
                about.name,
                recipe_of(about).kind,
                run.bits_per_byte if race.out is None else None,
                run.tokens_per_second,
                race.parameters or result.parameters,
                race.weight_bytes,
                run.seconds,
                run.step or 0,
                race.out,
                run.quality if race.out is None else None,
            )
        )
    return sorted(places, key=lambda place: rank(place.quality))


@dataclass(frozen=True)
class Gone:
    """Who dropped out of a race before its first checkpoint, and so is no model: its place, its recipe and its tokenizer."""

    place: Place
    recipe: Recipe
    tokenizer: str


def dropped_out(project: Project, name: str) -> dict[str, Gone]:
    """By name, who left a race without a model. Every model of the race knows them."""
    raced = runners_in(project, name)
    found, called = {}, tokenizers_now(project, [item for item, _ in raced])
    for gone in raced[0][1].gone if raced else ():
        with file_told(raced[0][0].path / ABOUT):
            recipe = from_dict(gone.recipe)
        place = Place(
            gone.name,
            recipe.kind,
            None,
            gone.tokens_per_second,
            gone.parameters,
            gone.weight_bytes,
            gone.seconds,
            gone.steps,
            gone.out,
        )
        found[place.model] = Gone(place, recipe, called.get(gone.tokenizer, gone.tokenizer))
    return found


def runners_in(project: Project, race: str) -> list[tuple[About, RaceCard]]:
    """The models that ran in a race of this name, newest first, each with what it knows of it; none if there was no such."""
    raced = ((about, about.model_card.race) for about in project.items("model"))
    return [(about, own) for about, own in raced if own is not None and own.name == race]


def differences(recipes: Sequence[Recipe]) -> dict[str, list[Any]]:
    """Settings in which recipes differ: by path, each one's value (None where a family does not have it)."""
    paths = dict.fromkeys(["kind", *(about.path for recipe in recipes for about in settings_of(recipe))])
    table = {}
    for path in paths:
        values = [_value(recipe, path) for recipe in recipes]
        if any(value != values[0] for value in values):
            table[path] = values
    return table


def _value(recipe: Recipe, path: str) -> Any:
    if path in {f.name for f in fields(Recipe)}:
        return getattr(recipe, path)
    try:
        return get(recipe, path)
    except StudioError:
        return None


def tokenizers_now(project: Project, models: Sequence[About]) -> dict[str, str]:
    """By the name that a tokenizer had when models of one race began, what it is called now.

    Of who is no model, a race keeps that name alone; mostly a model has read with the same tokenizer, and knows its id.
    """
    parents = [model.parent("tokenizer") for model in models]
    return {parent.name: name_now(project, "tokenizer", parent) for parent in parents}


def planned(project: Project, about: Mapping[str, Any], number: int, runner: Runner) -> dict[str, Any]:
    """What a runner's model stores while its race goes on: all that is needed to resume the race after a crash."""
    size = int(project.about("tokenizer", runner.tokenizer).tokenizer_card.vocab_size)
    return {**about, "runner": number, "parameters": runner.recipe.num_parameters(size)}


def remember(project: Project, runners: Sequence[Runner], about: Mapping[str, Any], laps: Mapping[int, Lap]) -> None:
    """Write into every model what race it ran, and how, and who of the others dropped out before it was a model.

    If a tokenizer is gone by now, only the size of runners without a model is unknown.
    """
    kept = {item.name: item for item in project.items("model")}
    own: dict[str, dict[str, Any]] = {}
    gone = []
    for number, runner in enumerate(runners):
        own[runner.name] = {}
        if (lap := laps.get(number)) is None:
            continue
        own[runner.name] = {
            "weight_bytes": lap.weight_bytes,
            "tokens_per_second": lap.tokens_per_second,
            "parameters": _size(project, runner, kept.get(runner.name)),
            "seconds": lap.own_s,
            "steps": lap.steps,
            "out": as_kept(lap.error.words) if lap.error else None,
        }
        if lap.error and runner.name not in kept:
            who = {"name": runner.name, "recipe": to_dict(runner.recipe), "tokenizer": runner.tokenizer}
            gone.append(who | own[runner.name])
    for number, runner in enumerate(runners):
        if runner.name in kept:
            update_facts(kept[runner.name].path, race={**about, **own[runner.name], "runner": number, "gone": gone})


def _size(project: Project, runner: Runner, model: About | None) -> int:
    """Parameters of a runner: as stored with its model, or computed with its tokenizer; 0 if that is gone."""
    known = model.model_card.race if model is not None else None
    if known is not None and known.parameters:
        return known.parameters
    if not project.exists("tokenizer", runner.tokenizer):
        return 0
    return runner.recipe.num_parameters(int(project.about("tokenizer", runner.tokenizer).tokenizer_card.vocab_size))
