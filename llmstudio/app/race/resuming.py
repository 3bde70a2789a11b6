"""Going on with a race that was stopped or killed: whoever had not reached the end goes on, and it ends as one race.

Every model knows the plan of a race that is not over: recipes and tokenizers of all runners, begun or not. So a recipe is
kept with all of them until the race ends: whoever has no folder, not having begun or deleted since, begins from the plan of
any that has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from llmstudio.app.items.ancestry import corpus_of
from llmstudio.app.items.create import find_dataset
from llmstudio.app.race.board import Runner, dropped_out, planned, runners_in, tokenizers_now
from llmstudio.app.race.racing import run_out
from llmstudio.app.race.round_robin import JOB, Lap
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Started
from llmstudio.core.recipe import from_dict
from llmstudio.core.training.history import read_end
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.item_files import ABOUT
from llmstudio.store.model_card import Diverged, RaceCard, Result
from llmstudio.store.project import About, Project
from llmstudio.store.reading import file_told


def resume_race(project: Project, name: str, *, stop: Stop) -> Iterator[Event]:
    """Let the runners of a race go on, each from its newest checkpoint, and end it as `race` would have.

    Who had dropped out stays out; who had not begun, or has been deleted since, begins. Events and result are as of
    `race`.

    Raises:
        StudioError: There is no such race, it is over, its text is gone, or nobody could go on.
    """
    held, models, runners = _left_over(project, name)
    yield Started(job=JOB, title=words("Going on with the race {name}", name=name), item=name, total=len(held.plan))
    about = held.shared()
    gone = dropped_out(project, name)
    jobs, begun = dict[int, Iterator[Event]](), dict[int, Lap]()
    for number, runner in enumerate(runners):
        model = models.get(number)
        begun[number] = lap = _lap(model, float(held.budget["seconds"]))
        if model is None and (left := gone.get(runner.name)) is not None and left.place.out is not None:
            lap.error = _reason(left.place.out)
        if lap.is_over:
            continue
        if model is not None:
            _refuse_lost(project, model)
            jobs[number] = _as_training(resume(project, model.name, stop=stop))
        else:
            corpus = corpus_of(project, next(iter(models.values()))).name
            race = planned(project, about, number, runner)
            names = {"corpus": corpus, "tokenizer": runner.tokenizer, "name": runner.name}
            jobs[number] = train(project, recipe=runner.recipe, stop=stop, race=race, **names)
    yield from run_out(project, about, runners, jobs, stop=stop, begun=begun)


def runners_of(project: Project, name: str) -> list[Runner]:
    """Who takes part in a race that can go on, by number, whether begun or not.

    Raises:
        StudioError: There is no such race, or it is over.
    """
    return _left_over(project, name)[2]


def _left_over(project: Project, name: str) -> tuple[RaceCard, dict[int, About], list[Runner]]:
    """What is known of a race that is not over: the race, the models that were begun, and all runners, by number."""
    raced = runners_in(project, name)
    if not raced:
        raise StudioError("There is no race named {name}.", name=name)
    models = {race.runner: item for item, race in raced}
    item, held = next(((item, race) for item, race in raced if race.plan), (None, None))
    if item is None or held is None:
        raise StudioError("The race {name} is over: all who could have reached the end.", name=name)
    called = tokenizers_now(project, list(models.values()))
    with file_told(item.path / ABOUT):
        runners = [
            Runner(
                models[number].name if number in models else plan.name,
                from_dict(plan.recipe),
                called.get(plan.tokenizer, plan.tokenizer),
            )
            for number, plan in enumerate(held.plan)
        ]
    return held, models, runners


def is_race(project: Project, name: str) -> bool:
    """True if models of the project ran in a race of this name."""
    return bool(runners_in(project, name))


def _refuse_lost(project: Project, model: About) -> None:
    """Raises StudioError if a runner's text is gone: it would drop out for good, but can go on once the text is back."""
    if find_dataset(project, {role: model.parent(role) for role in ("corpus", "tokenizer")}) is None:
        corpus_of(project, model)


def _lap(model: About | None, budget_s: float) -> Lap:
    """How far a runner had come, as its model and its history say."""
    lap = Lap(budget_s)
    if model is None:
        return lap
    steps = read_end(model.path).steps
    if len(steps):
        last: Any = steps[-1]
        lap.steps, lap.own_s, lap.weight_bytes = int(last["step"]), float(last["seconds"]), max(0, int(last["weights"]))
        lap.seconds, lap.tokens_per_second = lap.own_s, int(last["tokens"]) / max(lap.own_s, 1e-9)
    card, result = model.model_card, model.model_card.result or Result()
    if card.race is not None and card.race.out is not None:
        lap.error = _reason(card.race.out)
    elif card.state == "diverged":
        lap.error = _reason((card.diverged or Diverged()).message)
    elif card.state == "finished":
        lap.end = Finished(job="train", step=result.steps or lap.steps, result=dict(result.told))
    return lap


def _reason(said: Words) -> StudioError:
    values: dict[str, Any] = dict(said.values)
    return StudioError(said.template, **values)


def _as_training(events: Iterator[Event]) -> Iterator[Event]:
    """Going on is told as training is, so that whoever follows a race need not know of sittings."""
    for event in events:
        yield replace(event, job="train") if event.path == ("resume",) else replace(event, parents=event.parents[1:])
