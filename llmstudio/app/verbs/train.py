"""Train and resume: the verbs that grow a model, and what its folder holds beside checkpoints."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.computer import paces
from llmstudio.app.computer.computing import chosen
from llmstudio.app.computer.probe import Others
from llmstudio.app.items.ancestry import (
    CORPUS,
    RECIPE,
    TOKENIZER_FOLDER,
    dataset_of,
    needed_of_corpus,
    recipe_of,
    tokenizer_of,
)
from llmstudio.app.items.create import encode_as, relay, versions
from llmstudio.app.items.locks import writing
from llmstudio.app.presets import PRESETS, choose
from llmstudio.app.runs.going_on import (
    asks_for_steps,
    begun,
    changed_recipe,
    changed_training,
    nothing_left,
    refuse_taken,
    steps_taken,
    unheeded_steps,
)
from llmstudio.app.runs.outlook import outlook
from llmstudio.app.runs.run_summary import at_work
from llmstudio.app.runs.starting import (
    begins_from,
    parents_for,
    recipe_from,
    refuse_other_shape,
    start_left,
    start_of,
    way_on,
    weights_of,
    without_phases,
)
from llmstudio.app.runs.watching import watched
from llmstudio.app.verbs.export import why_not
from llmstudio.app.verbs.options import NAMED, changed, values_of
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import Diverged, StudioError
from llmstudio.core.events import Event, Finished, Noted, Saved, Started, Stopped, inside
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe
from llmstudio.core.typed_ways import learn_on, more_steps
from llmstudio.core.words import as_kept, words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes, remove_folder, write_json
from llmstudio.store.lineage import GROWN, Lineage, Parent, Step, lineage_file
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project, update_facts

if TYPE_CHECKING:
    from llmstudio.core.tokenizer.tokenizer import Tokenizer


def train(
    project: Project,
    *,
    corpus: str = "",
    tokenizer: str = "",
    name: str,
    recipe: Recipe,
    stop: Stop,
    start: str = "",
    race: Mapping[str, Any] | None = None,
) -> Iterator[Event]:
    """Grow a new model, encoding the corpus first if that has not been done.

    It begins with random weights or, where `start` names a model, with those of that model's best checkpoint: of the same
    shape and tokenizer, and on its corpus unless another one is given.

    Asked to stop with `keep=False`, the model is removed; so is one that ended before its first checkpoint. Only if the
    program is killed by then is there something left: a model that has not begun, and that `resume` begins. The model says
    from the beginning what `race` it runs in.

    Raises:
        StudioError: No such corpus or tokenizer, the name is taken, or too little text.
    """
    yield Started(job="train", title=words("Training {name}", name=name), item=name, total=recipe.training.max_steps)
    family(recipe.kind)
    if (reason := why_not(recipe)) is not None:  # now, not after the hours that the training takes
        yield Noted(job="train", message=reason)
    if (remark := unheeded_steps(recipe)) is not None:
        yield Noted(job="train", message=remark)
    refuse_taken(project, name)
    parents = parents_for(project, corpus=corpus, tokenizer=tokenizer, start=start)
    lineage: Lineage = (Step(GROWN),)
    if start:
        origin = project.about("model", start)
        weights = weights_of(origin)
        lineage = (*origin.model_card.lineage, Step(GROWN, weights))
        refuse_other_shape(origin, recipe)
        recipe, said = without_phases(recipe)
        for remark in (begins_from(weights), *said):
            yield Noted(job="train", message=remark)
    with writing(project):
        encoded = yield from inside("train", encode_as(project, parents["corpus"], parents["tokenizer"], stop=stop))
        if isinstance(encoded, Stopped):
            yield Stopped(job="train", result={"model": name, "steps": 0, "kept": False})
            return
        if moved := project.make_room("model", name):
            yield Noted(job="train", message=moved)
        others = Others()
        about = _new_model(project, parents, lineage, name=name, recipe=recipe, race=race)
        try:
            with at_work(about.path):
                end = yield from _followed(about, _grow(project, about, recipe, stop))
        except BaseException:
            if not has_begun(about.path):
                _forget(about.path)
            raise
        end = _closed(about, end, discard=not stop.keep)
        yield from _outlook("train", end)
        if about.path.exists():
            paces.remember(about.path, recipe, tokenizer_of(project, about).vocab_size, others.share())
            yield Saved(
                job="train",
                step=end.step,
                kind="model",
                name=name,
                location=str(about.path),
                num_bytes=folder_bytes(about.path),
            )
    yield end


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
    before = recipe = recipe_of(about)
    title = words("Going on with {name}", name=model)
    yield Started(job="resume", title=title, item=model, total=recipe.training.max_steps)
    card = about.model_card
    if card.is_pruned:
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
                if data is None:
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
                    may_step_back=not recipe.training.threads,
                )
                going_on = relay(watched(about, begun(about, recipe, changes, events)), "train", model, parents=("resume",))
            else:
                recipe = changed_recipe(about, recipe, changes or {}, step=0)
                going_on = _grow(project, about, recipe, stop, job="resume")
            end = yield from _followed(about, going_on)
        if had_begun and isinstance(end, Stopped) and not stop.keep:
            end = _taken_back(about, before, end)
        elif has_begun(about.path):
            end = _closed(about, end, discard=not stop.keep)
        yield from _outlook("resume", end)
    yield replace(end, job="resume", parents=())


def checkpoint_hash(model_folder: Path, which: str = "best") -> str:
    """SHA-256 of a checkpoint's weights, from its manifest; empty if there is none."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.models.checkpoint.verification import weights_hash

    try:
        checkpoint, _ = find_checkpoint(model_folder, which)
    except StudioError:
        return ""
    return weights_hash(checkpoint.path)


def new_model_files(folder: Path, recipe: Recipe, tokenizer: Tokenizer, corpus: Mapping[str, Any]) -> None:
    """What every model's folder holds beside checkpoints: its recipe, its tokenizer, and what it needs of its corpus.

    So it can be handed on alone.
    """
    write_json(folder / RECIPE, recipes.to_dict(recipe))
    if corpus:
        write_json(folder / CORPUS, dict(corpus))
    (folder / TOKENIZER_FOLDER).mkdir()
    tokenizer.save(folder / TOKENIZER_FOLDER)


def _new_model(
    project: Project,
    parents: Mapping[str, About],
    lineage: Lineage,
    *,
    name: str,
    recipe: Recipe,
    race: Mapping[str, Any] | None,
) -> About:
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    weights = lineage[-1].parent
    made_from: dict[str, About | Parent] = {**parents, **({"parent": weights} if weights is not None else {})}
    with project.create("model", name, made_from=made_from) as (folder, facts):
        new_model_files(folder, recipe, Tokenizer.load(parents["tokenizer"].path), needed_of_corpus(parents["corpus"]))
        facts |= {
            "recipe": recipes.to_dict(recipe),
            "seed": recipe.training.seed,
            "versions": versions(),
            "state": "training",
            "lineage": lineage_file(lineage),
        } | ({"race": dict(race)} if race else {})
    try:
        return project.about("model", name)
    except BaseException:  # it lies there, and nobody would learn of it
        _forget(project.path("model", name))
        raise


def _forget(folder: Path) -> None:
    """Remove a model that has not begun; why it ended is what is to be told."""
    with contextlib.suppress(StudioError):
        remove_folder(folder)


def _grow(
    project: Project, about: About, recipe: Recipe, stop: Stop, *, job: str = ""
) -> Generator[Event, None, Finished | Stopped]:
    """Train from step 0; `job` is the verb that this is a part of."""
    from llmstudio.core.training.trainer import train as grow

    data = yield from dataset_of(project, about, job=job or "train", stop=stop)
    computing = (yield from chosen(recipe.training, job=job or "train", stop=stop)) if data is not None else None
    if data is None or computing is None:
        return Stopped(job="train", result={"model": about.name, "steps": 0})
    update_facts(about.path, computing=as_kept(computing.why))
    events = grow(
        about.path,
        recipe=replace(recipe, training=computing.training),
        dataset=data,
        tokenizer=tokenizer_of(project, about),
        stop=stop,
        start=start_of(project, about),
        may_step_back=not recipe.training.threads,
    )
    return (yield from relay(watched(about, events), "train", about.name, parents=(job,) if job else ()))


def _followed(about: About, run: Generator[Event, None, Finished | Stopped]) -> Generator[Event, None, Finished | Stopped]:
    """A run's events; if it leaves all bounds, the model's item says so, with the rate that was proposed."""
    try:
        return (yield from run)
    except Diverged as error:
        facts = {"message": as_kept(error.words), "proposed_rate": error.proposed_rate}
        update_facts(about.path, state="diverged", hash=checkpoint_hash(about.path), diverged=facts)
        raise


def _outlook(job: str, end: Finished | Stopped) -> Iterator[Noted]:
    if isinstance(end, Stopped) and (said := outlook(end.result)) is not None:
        yield Noted(job=job, step=end.step, message=said)


def _taken_back(about: About, recipe: Recipe, end: Stopped) -> Stopped:
    """Write into the model's item that it stands where it stood before this sitting: by `about` and `recipe` as of then."""
    from llmstudio.core.training.setup import give_back

    give_back()
    facts = about.facts
    as_it_was: dict[str, Any] = {name: facts[name] for name in ("state", "hash", "result") if name in facts}
    if about.model_card.state == "training":  # its earlier sitting was cut off, and could not say how it ended
        as_it_was = {"state": "stopped", "hash": checkpoint_hash(about.path), "result": dict(end.result)}
    write_json(about.path / RECIPE, recipes.to_dict(recipe))
    update_facts(about.path, recipe=recipes.to_dict(recipe), changes=facts.get("changes", []), **as_it_was)
    return end


def _closed(about: About, end: Finished | Stopped, *, discard: bool) -> Finished | Stopped:
    """Write into the model's item how its training ended; a model that is not wanted or has no checkpoint is removed."""
    from llmstudio.core.training.setup import give_back

    give_back()  # to whatever the person does next
    is_stopped = isinstance(end, Stopped)
    is_kept = has_begun(about.path) and not (is_stopped and discard)
    if not is_kept:
        remove_folder(about.path)
    else:
        state = "stopped" if is_stopped else "finished"
        update_facts(about.path, state=state, hash=checkpoint_hash(about.path), result=dict(end.result))
    return replace(end, result=dict(end.result) | {"kept": is_kept}) if is_stopped else end


def _begin(project: Project, typed: Typed) -> Job:
    names = {"corpus": typed.corpus or "", "tokenizer": typed.tokenizer or "", "name": typed.name}
    if start := typed.start:
        if typed.model or typed.preset:
            raise StudioError("A run from {model} keeps its family and shape: leave --model and --preset out.", model=start)
        recipe = recipe_from(project, start, values_of(typed.set))
    elif not (typed.corpus and typed.tokenizer):
        raise StudioError("A new model needs --corpus and --tokenizer, or --from MODEL to begin with that model's weights.")
    else:
        recipe = changed(choose(typed.model, typed.preset).recipe, typed.set)
    return lambda stop: train(project, recipe=recipe, stop=stop, start=start or "", **names)


VERB = Verb(
    name="train",
    help="grow a model from random weights, or from those of another",
    arguments=(
        argument("--corpus", metavar="C", help="with --from: another text than that model's"),
        argument("--tokenizer", metavar="T"),
        argument("--from", dest="start", metavar="MODEL", help="begin with this model's weights and tokenizer"),
        argument("--model", metavar="KIND", help=f"the family: {', '.join(MODELS)} (default: the preset's)"),
        argument("--preset", metavar="P", help=f"{', '.join(dict.fromkeys(p.name for p in PRESETS.values()))} (micro)"),
        *NAMED,
    ),
    begin=_begin,
    needs_torch=True,
)
