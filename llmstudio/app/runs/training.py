"""A model is trained: its item before the first step, its steps, and what the item says at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.computer.computing import chosen
from llmstudio.app.items.ancestry import CORPUS, TOKENIZER_FOLDER, dataset_of, needed_of_corpus, tokenizer_of
from llmstudio.app.items.create import relay, versions
from llmstudio.app.runs.made_up import with_made_up
from llmstudio.app.runs.outlook import outlook
from llmstudio.app.runs.parent_text import had_read, parent_text_of
from llmstudio.app.runs.starting import start_of
from llmstudio.app.runs.teacher import teacher_of
from llmstudio.app.runs.watching import watched
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import Diverged, StudioError
from llmstudio.core.events import Event, Finished, Noted, Stopped
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.recipe import Recipe
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.words import as_kept
from llmstudio.core.work import Stop
from llmstudio.store.files import remove_folder, write_json
from llmstudio.store.item_files import update_facts
from llmstudio.store.lineage import Lineage, Parent, lineage_file
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.tokenizer.tokenizer import Tokenizer


def checkpoint_hash(model_folder: Path, which: str = "best") -> str:
    """SHA-256 of a checkpoint's weights, from its manifest; empty if there is none."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.models.checkpoint.verification import weights_hash

    try:
        checkpoint, _ = find_checkpoint(model_folder, which)
    except StudioError:
        return ""
    return weights_hash(checkpoint.path)


def new_model_files(folder: Path, tokenizer: Tokenizer, corpus: Mapping[str, Any]) -> None:
    """What a model needs of its parents, so that it can be handed on alone: its tokenizer, and a part of its corpus."""
    if corpus:
        write_json(folder / CORPUS, dict(corpus))
    (folder / TOKENIZER_FOLDER).mkdir()
    tokenizer.save(folder / TOKENIZER_FOLDER)


def new_model(
    project: Project,
    parents: Mapping[str, About],
    lineage: Lineage,
    *,
    name: str,
    recipe: Recipe,
    race: Mapping[str, Any] | None,
    vectors: WordVectors | None = None,
    asked: str = "",
    teacher: Parent | None = None,
) -> About:
    """The model's item, as it lies there before its first step."""
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    weights = lineage[-1].parent
    origin = project.by_id("model", weights.id) if weights is not None and recipe.teach.reads_parent else None
    made_from: dict[str, About | Parent] = {**parents, **({"parent": weights} if weights is not None else {})}
    with project.create("model", name, made_from=made_from) as (folder, facts):
        new_model_files(folder, Tokenizer.load(parents["tokenizer"].path), needed_of_corpus(parents["corpus"]))
        if vectors is not None:
            vectors.save(folder)
        facts |= {
            "recipe": recipes.to_dict(recipe),
            "seed": recipe.training.seed,
            "versions": versions(),
            "state": "training",
            "lineage": lineage_file(lineage),
            "asked": asked,
        }
        if race:
            facts["race"] = dict(race)
        if origin is not None:
            facts["parent_had_read"] = had_read(origin)
        if teacher is not None:
            facts["teacher"] = teacher.to_file()
    try:
        return project.about("model", name)
    except BaseException:  # it lies there, and nobody would learn of it
        forget(project.path("model", name))
        raise


def forget(folder: Path) -> None:
    """Remove a model that has not begun; why it ended is what is to be told."""
    with contextlib.suppress(StudioError):
        remove_folder(folder)


def train_from_start(
    project: Project, about: About, recipe: Recipe, stop: Stop, *, job: str = ""
) -> Generator[Event, None, Finished | Stopped]:
    """Train from step 0; `job` is the verb that this is a part of."""
    from llmstudio.core.training.trainer import train as begin

    data = yield from dataset_of(project, about, job=job or "train", stop=stop)
    computing = (yield from chosen(recipe.training, job=job or "train", stop=stop)) if data is not None else None
    if data is None or computing is None:
        return Stopped(job="train", result={"model": about.name, "steps": 0})
    update_facts(about.path, computing=as_kept(computing.why))
    teacher = teacher_of(project, about, recipe)
    parent = yield from parent_text_of(project, about, recipe, job=job or "train", stop=stop)
    learned = None
    if not stop.requested:
        learned = yield from with_made_up(project, about, recipe, data, job=job or "train", stop=stop)
    if learned is None or stop.requested:
        return Stopped(job="train", result={"model": about.name, "steps": 0})
    events = begin(
        about.path,
        recipe=replace(recipe, training=computing.training),
        dataset=learned,
        tokenizer=tokenizer_of(project, about),
        stop=stop,
        start=start_of(project, about),
        parent=parent,
        teacher=teacher,
        may_step_back=not recipe.training.threads,
    )
    return (yield from relay(watched(about, events), "train", about.name, parents=(job,) if job else ()))


def followed(about: About, run: Generator[Event, None, Finished | Stopped]) -> Generator[Event, None, Finished | Stopped]:
    """A run's events; if it leaves all bounds, the model's item says so, with the rate that was proposed."""
    try:
        return (yield from run)
    except Diverged as error:
        facts = {"message": as_kept(error.words), "proposed_rate": error.proposed_rate}
        update_facts(about.path, state="diverged", hash=checkpoint_hash(about.path), diverged=facts)
        raise


def told_outlook(job: str, end: Finished | Stopped) -> Iterator[Noted]:
    """Whether it would pay to go on, if the run was stopped."""
    if isinstance(end, Stopped) and (said := outlook(end.result)) is not None:
        yield Noted(job=job, step=end.step, message=said)


def closed(about: About, end: Finished | Stopped, *, discard: bool) -> Finished | Stopped:
    """Write into the model's item how its training ended; a model that is not wanted or has no checkpoint is removed."""
    from llmstudio.core.training.machine.setup import give_back

    give_back()  # to whatever the person does next
    is_stopped = isinstance(end, Stopped)
    is_kept = has_begun(about.path) and not (is_stopped and discard)
    if not is_kept:
        remove_folder(about.path)
    else:
        state = "stopped" if is_stopped else "finished"
        update_facts(about.path, state=state, hash=checkpoint_hash(about.path), result=dict(end.result))
    return replace(end, result=dict(end.result) | {"kept": is_kept}) if is_stopped else end
