"""Going on with other settings than a run was begun with, and what is said where there is nothing to go on with."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from llmstudio.app.presets.by_name import preset_of
from llmstudio.core import errors
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.rescue import slower, typed
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.store.item_files import update_facts
from llmstudio.store.model_card import Diverged, Result
from llmstudio.store.project import About, Project

_STEPS, _SECONDS = "training.max_steps", "training.max_seconds"


def begun(about: About, recipe: Recipe, changes: Mapping[str, Any] | None, events: Iterator[Event]) -> Iterator[Event]:
    """The same events; once they come, the changes are valid and the item says that the run goes on with them."""
    try:
        first = next(events)
        changed_recipe(about, recipe, changes or {}, step=first.step)
        update_facts(about.path, state="training")
        yield first
        yield from events
    finally:
        if isinstance(events, Generator):
            events.close()


def changed_recipe(about: About, recipe: Recipe, changes: Mapping[str, Any], *, step: int) -> Recipe:
    """Write changes into the model's recipe, and note from which step on they hold; returns the recipe as it is now.

    Raises:
        StudioError: No such setting, a value out of bounds, or a part of the model's shape.
    """
    if not changes:
        return recipe
    _refuse_shape(changes)
    # A number of steps takes the place of a time, which would count for more.
    ends = {_STEPS: changes[_STEPS], _SECONDS: 0.0} if _STEPS in changes and _SECONDS not in changes else {}
    recipe = recipes.change(recipe, {**changes, **ends})
    held = [*about.model_card.changes, {"step": step} | {path: str(value) for path, value in changes.items()}]
    update_facts(about.path, recipe=recipes.to_dict(recipe), changes=held)
    return recipe


def proposed_rate(about: About) -> str:
    """The learning rate that was proposed when a run left all bounds."""
    return (about.model_card.diverged or Diverged()).proposed_rate


def refuse_taken(project: Project, name: str) -> None:
    """Raises StudioError if there is a model of this name; if its run diverged, the error says how to go on with it."""
    if not project.exists("model", name):
        project.refuse_taken("model", name)
        return
    about = project.about("model", name)
    if about.model_card.state != "diverged":
        project.refuse_taken("model", name)
    raise StudioError(
        "{name} exists already; its run left all bounds. Go on with it at a learning rate of {rate}, delete it, or choose"
        " another name.",
        name=name,
        rate=proposed_rate(about),
        remedies=(typed(name, proposed_rate(about)),),
    )


def unheeded_steps(recipe: Recipe) -> Words | None:
    """Says that a chosen number of steps has no effect beside a time; silent if the number comes from a preset."""
    training, preset = recipe.training, preset_of(recipe)
    usual = (preset.recipe.training if preset else TrainingConfig()).max_steps
    if not training.max_seconds or training.max_steps == usual:
        return None
    return words(
        "Steps has no effect here: the time of {seconds:g} s decides how many there are.", seconds=training.max_seconds
    )


def asks_for_steps(changes: Mapping[str, Any] | None) -> bool:
    """Whether more steps, or more time, are among the changes."""
    return any(path in (changes or {}) for path in (_STEPS, _SECONDS))


def steps_taken(recipe: Recipe, result: Result | None) -> int:
    """Steps of a run that has finished; all that were planned where it did not say."""
    return result.steps if result is not None and result.steps else recipe.training.max_steps


def nothing_left(name: str, recipe: Recipe, result: Result | None, changes: Mapping[str, Any] | None) -> Words:
    """The error for a finished run that is asked to go on, with what can be done instead."""
    steps = steps_taken(recipe, result)
    values: dict[str, Any] = {"name": name, "steps": steps}
    if result is not None and result.ended_early:
        return words(
            "{name} ended early at step {steps:,}, for it made no progress; nothing was done. It can take more steps all the"
            " same, or a new run can begin from its weights.",
            **values,
        )
    if changes:
        return words(
            "{name} has taken all of its {steps|step|steps}, so this changes nothing. Give it more steps as well,"
            " or begin a new run from its weights.",
            **values,
        )
    return words(
        "{name} has taken all of its {steps|step|steps}, so nothing was done. It can take more, or a new run can begin"
        " from its weights.",
        **values,
    )


def _refuse_shape(changes: Mapping[str, Any]) -> None:
    for path in changes:
        if not path.startswith("training."):
            raise StudioError(
                "{path} is no setting of training: what a model is stays when its run goes on. Train a new one for another.",
                path=path,
            )


def changed_training(about: About, recipe: Recipe, changes: Mapping[str, Any]) -> TrainingConfig | None:
    """The settings that a run was stopped with and what is changed in them; None if nothing is.

    Raises:
        StudioError: A change that is not one of training.
        Diverged: The run left all bounds, and nothing is changed.
    """
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.training.going_on import training_of

    if about.model_card.state == "diverged" and not changes:
        proposed = proposed_rate(about)
        raise errors.Diverged(
            "The loss of {name} left all bounds, and would again. Go on with a learning rate of {rate}.",
            proposed_rate=proposed,
            name=about.name,
            rate=proposed,
            remedies=slower(about.name, proposed),
        )
    if not changes:
        return None
    _refuse_shape(changes)
    now = replace(recipe, training=training_of(find_checkpoint(about.path, "last")[0]))
    return recipes.change(now, changes).training
