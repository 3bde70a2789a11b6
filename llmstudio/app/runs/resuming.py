"""Going on with a run that was stopped or cut off, to the same last bit as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from llmstudio.app.items.ancestry import dataset_of, recipe_of, tokenizer_of
from llmstudio.app.items.create import relay
from llmstudio.app.items.locks import writing
from llmstudio.app.runs.at_work import at_work
from llmstudio.app.runs.going_on import asks_for_steps, begun, changed_recipe, changed_training, nothing_left, steps_taken
from llmstudio.app.runs.made_up import with_made_up
from llmstudio.app.runs.parent_text import parent_text_of
from llmstudio.app.runs.starting import start_left, way_on
from llmstudio.app.runs.teacher import teacher_of
from llmstudio.app.runs.training import checkpoint_hash, closed, followed, told_outlook, train_from_start
from llmstudio.app.runs.watching import watched
from llmstudio.core.errors import learn_on, more_steps
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped
from llmstudio.core.models.checkpoint.folders import has_begun, holds_training_state
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project


def resume(project: Project, model: str, *, changes: Mapping[str, Any] | None = None, stop: Stop) -> Iterator[Event]:
    """Go on from the newest checkpoint that is whole, to the same last bit as if nothing had happened.

    A run that was cut off before its first checkpoint begins at step 0; one that had no steps left is closed; one that is
    over stays as it is, unless it is given more steps.

    Asked to stop with `keep=False`, the model is again what it was before; one that had not begun is removed.

    Args:
        project: Where the model lies.
        model: Its name.
        changes: Settings of training that are others from here on, by path: a lower rate after a run that left all bounds,
            more steps after one that has finished. They are noted in the run and kept in the model's recipe.
        stop: Looked at once a step.

    Raises:
        StudioError: No such model, its corpus is gone, or a setting cannot be another now.
    """
    from llmstudio.core.training.trainer import resume as go_on

    about = project.about("model", model)
    recipe = recipe_of(about)
    title = words("Going on with {name}", name=model)
    yield Started(job="resume", title=title, item=model, total=recipe.training.max_steps)
    card = about.model_card
    if card.is_pruned or (card.state == "finished" and not holds_training_state(about.path)):
        raise way_on(model)
    if card.state == "finished" and not asks_for_steps(changes):
        result = card.result or Result()
        ways = (more_steps(model, 2 * steps_taken(recipe, result)), learn_on(model))
        said = nothing_left(model, recipe, result, changes)
        yield Noted(job="resume", message=said, level="warning", remedies=ways)
        yield Finished(job="resume", step=result.steps, result=dict(result.told))
        return
    with writing(project):
        had_begun = has_begun(about.path)
        with at_work(about.path):
            if had_begun:
                training = changed_training(about, recipe, changes or {})
                data = yield from dataset_of(project, about, job="resume", stop=stop)
                teacher = teacher_of(project, about, recipe)
                parent = yield from parent_text_of(project, about, recipe, job="resume", stop=stop)
                if data is not None and not stop.requested:
                    data = yield from with_made_up(project, about, recipe, data, job="resume", stop=stop)
                if data is None or stop.requested:
                    yield Stopped(job="resume", result={"model": model})
                    return
                events = go_on(
                    about.path,
                    recipe=recipe,
                    dataset=data,
                    tokenizer=tokenizer_of(project, about),
                    stop=stop,
                    training=training,
                    start=start_left(project, about),
                    parent=parent,
                    teacher=teacher,
                    may_step_back=not recipe.training.threads,
                )
                going_on = relay(watched(about, begun(about, recipe, changes, events)), "train", model, parents=("resume",))
            else:
                recipe = changed_recipe(about, recipe, changes or {}, step=0)
                going_on = train_from_start(project, about, recipe, stop, job="resume")
            end = yield from followed(about, going_on)
        if had_begun and isinstance(end, Stopped) and not stop.keep:
            end = _taken_back(about, end)
        elif has_begun(about.path):
            end = closed(about, end, discard=not stop.keep)
        yield from told_outlook("resume", end)
    yield replace(end, job="resume", parents=())


def _taken_back(about: About, end: Stopped) -> Stopped:
    """Write into the model's item that it stands where it stood before this sitting: by `about` as of then."""
    from llmstudio.core.training.machine.setup import give_back

    give_back()
    facts = about.facts
    as_it_was: dict[str, Any] = {name: facts[name] for name in ("recipe", "state", "hash", "result") if name in facts}
    if about.model_card.state == "training":  # its earlier sitting was cut off, and could not say how it ended
        as_it_was |= {"state": "stopped", "hash": checkpoint_hash(about.path), "result": dict(end.result)}
    update_facts(about.path, changes=facts.get("changes", []), **as_it_was)
    return end
