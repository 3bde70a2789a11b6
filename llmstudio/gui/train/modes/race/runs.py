"""Races as the project keeps them: which there were, and one of them with its curves, places and recipes."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.app.items.ancestry import name_now, recipe_of
from llmstudio.app.race.board import Place, dropped_out, leaderboard
from llmstudio.app.race.resuming import runners_of
from llmstudio.app.runs.run_summary import RunSummary, summary_of
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.history import read_history
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.modes.race.data import Race, RaceRunner, short_names
from llmstudio.gui.train.run.picture.differences import differing
from llmstudio.store.project import About, Project


def read_race(project: Project, name: str, like: Race | None = None) -> Race:
    """A race from disk. Its runners stand in the order of their names, or of those of `like` if it is the same race."""
    places = {place.model: place for place in leaderboard(project, name)}
    names = sorted(places)
    if like is not None and {runner.name for runner in like.runners} == set(names):
        names = [runner.name for runner in like.runners]
    gone = dropped_out(project, name)
    abouts = {model: project.about("model", model) for model in names if model not in gone}
    recipes = [gone[model].recipe if model in gone else recipe_of(abouts[model]) for model in names]
    tokenizers = [gone[model].tokenizer if model in gone else _tokenizer_of(project, abouts[model]) for model in names]
    runners = []
    for model, label in zip(names, short_names(names, name), strict=True):
        place = places[model]
        is_kept = model in abouts
        runners.append(
            RaceRunner(
                model,
                label,
                place.kind,
                place.parameters,
                RunData.from_history(model, read_history(abouts[model].path)) if is_kept else RunData(model),
                out=place.out,
                standing=summary_of(project, abouts[model]) if is_kept else _of_gone(place),
                held_bytes=place.weight_bytes,
            )
        )
    held = [race for about in abouts.values() if (race := about.model_card.race) is not None]
    differences = differing(recipes, tokenizers=tokenizers)
    can_go_on, yardstick = any(race.plan for race in held), held[0].yardstick if held else None
    return Race(name, runners, yardstick, is_over=True, can_go_on=can_go_on, differences=differences)


def race_that_goes_on(project: Project, name: str) -> Race:
    """A race that was stopped, with what its runners had kept, as it is about to go on: in the order of their numbers.

    Raises:
        StudioError: There is no such race, or it is over.
    """
    past = {runner.name: runner for runner in read_race(project, name).runners}
    planned = runners_of(project, name)
    sizes = {name: project.about("tokenizer", name).tokenizer_card.vocab_size for name in {r.tokenizer for r in planned}}
    entries = [(r.name, r.recipe, r.recipe.num_parameters(sizes[r.tokenizer])) for r in planned]
    race = live_race(name, entries, [runner.tokenizer for runner in planned])
    for runner in race.runners:
        if (before := past.get(runner.name)) is not None:
            runner.run, runner.out, runner.held_bytes = before.run, before.out, before.held_bytes
            runner.standing = before.standing if before.out is not None else None
    return race


def _of_gone(place: Place) -> RunSummary:
    """Of who dropped out before it was a model, only its place is left."""
    pace = {"tokens_per_second": place.tokens_per_second, "seconds": place.seconds}
    return RunSummary(place.model, step=place.steps, **pace)


def _tokenizer_of(project: Project, about: About) -> str:
    return name_now(project, "tokenizer", about.parent("tokenizer"))


def live_race(name: str, runners: Sequence[tuple[str, Recipe, int]], tokenizers: Sequence[str]) -> Race:
    """A race that is about to begin: model names, recipes, and parameters; and what each reads with."""
    labels = short_names([model for model, _, _ in runners], name)
    return Race(
        name,
        [
            RaceRunner(model, label, recipe.kind, parameters, RunData(model))
            for label, (model, recipe, parameters) in zip(labels, runners, strict=True)
        ],
        differences=differing([recipe for _, recipe, _ in runners], tokenizers=tokenizers),
    )
