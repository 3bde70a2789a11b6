"""Train: a new model, from random weights or from those of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmstudio.app.classes.back_translated import back_translated
from llmstudio.app.computer.dealt import Dealt, dealt
from llmstudio.app.computer.past_runs import remember
from llmstudio.app.computer.probe import Others
from llmstudio.app.items.ancestry import tokenizer_of
from llmstudio.app.items.create import encode_as, find_dataset
from llmstudio.app.items.locks import writing
from llmstudio.app.items.showing import losses_named, weights_together
from llmstudio.app.presets.by_name import PRESETS, choose
from llmstudio.app.runs.at_work import at_work
from llmstudio.app.runs.going_on import refuse_taken, unheeded_steps
from llmstudio.app.runs.new_tokens import with_new_tokens
from llmstudio.app.runs.starting import (
    asked_of,
    begins_from,
    for_task,
    parents_for,
    reads_on,
    recipe_from,
    refuse_other_shape,
    weights_of,
    without_phases,
)
from llmstudio.app.runs.teacher import learns_from, teacher_named
from llmstudio.app.runs.training import closed, followed, forget, new_model, told_outlook, train_from_start
from llmstudio.app.runs.vectors import with_vectors
from llmstudio.app.verbs.export import why_not, why_not_to_gguf
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import NAMED, values_of
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Saved, Started, Stopped, inside
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import TASKS
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import GROWN, Lineage, Step
from llmstudio.store.project import About, Project


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
    from llmstudio.core.sparsity.sparsifiers.fitting import refuse_sparse
    from llmstudio.core.training.machine.setup import refuse_device
    from llmstudio.core.training.teaching.weights import refuse_teaching

    yield Started(job="train", title=words("Training {name}", name=name), item=name, total=recipe.training.max_steps)
    family(recipe.kind)
    refuse_device(recipe.training)
    refuse_teaching(recipe, has_start=bool(start))
    refuse_sparse(recipe, has_start=bool(start))
    if (reason := why_not(recipe)) is not None:  # now, not after the hours that the training takes
        yield Noted(job="train", message=reason)
    if (remark := unheeded_steps(recipe)) is not None:
        yield Noted(job="train", message=remark)
    refuse_taken(project, name)
    parents = parents_for(project, corpus=corpus, tokenizer=tokenizer, start=start)
    if reason is None and (other := why_not_to_gguf(parents["tokenizer"].tokenizer_card.kind)) is not None:
        yield Noted(job="train", message=other)
    lineage: Lineage = (Step(GROWN),)
    origin = project.about("model", start) if start else None
    weights = weights_of(origin) if origin is not None else None
    teacher = teacher_named(project, recipe, parents["tokenizer"])
    asked = asked_of(recipe, parents, weights, teacher)
    if origin is not None and weights is not None:
        lineage = (*origin.model_card.lineage, Step(GROWN, weights))
        refuse_other_shape(origin, recipe)
        recipe, said = without_phases(recipe)
        order = reads_on(origin, recipe, parents["corpus"])
        for remark in (begins_from(weights), *([order] if order is not None else []), *said):
            yield Noted(job="train", message=remark)
    if teacher is not None:
        yield Noted(job="train", message=learns_from(teacher, recipe))
    text = yield from back_translated(project, parents["corpus"], recipe, stop, job="train")
    if text is None:
        yield Stopped(job="train", result={"model": name, "steps": 0, "kept": False})
        return
    parents["corpus"] = text
    vectors = None
    if recipe.teach.word_vectors:
        recipe, vectors = yield from with_vectors(project, recipe, parents["tokenizer"], stop)
        if vectors is None:
            yield Stopped(job="train", result={"model": name, "steps": 0, "kept": False})
            return
    if recipe.teach.new_tokens:
        grown = yield from with_new_tokens(project, recipe, parents, stop)
        if grown is None:
            yield Stopped(job="train", result={"model": name, "steps": 0, "kept": False})
            return
        recipe, parents = grown
    with writing(project):
        rows = recipe.task_facts.dataset
        encoding = encode_as(project, parents["corpus"], parents["tokenizer"], config=rows, model=start, stop=stop)
        encoded = yield from inside("train", encoding)
        if isinstance(encoded, Stopped):
            yield Stopped(job="train", result={"model": name, "steps": 0, "kept": False})
            return
        if moved := project.make_room("model", name):
            yield Noted(job="train", message=moved)
        others = Others()
        about = new_model(
            project, parents, lineage, name=name, recipe=recipe, race=race, vectors=vectors, asked=asked, teacher=teacher
        )
        try:
            with at_work(about.path):
                end = yield from followed(about, train_from_start(project, about, recipe, stop))
        except BaseException:
            if not has_begun(about.path):
                forget(about.path)
            raise
        end = closed(about, end, discard=not stop.keep)
        yield from told_outlook("train", end)
        if about.path.exists():
            if filled := _dealt(project, about, recipe):
                # Of the runners of a race, each begins with what the one before has left in memory.
                told = end.result if isinstance(end, Finished | Stopped) and not race else {}
                remember(about.path, filled, load=others.share(), peak_bytes=told.get("peak_bytes", 0))
            yield Saved(
                job="train",
                step=end.step,
                kind="model",
                name=name,
                location=str(about.path),
                num_bytes=folder_bytes(about.path),
            )
    yield end


def _dealt(project: Project, model: About, recipe: Recipe) -> Dealt | None:
    """The recipe with the batches that there were: a pace says nothing of rows that the text did not have."""
    from llmstudio.core.dataset.tokens import Dataset

    parents = {role: model.parent(role) for role in ("corpus", "tokenizer")}
    made = find_dataset(project, parents, recipe.task_facts.dataset)
    dataset = Dataset.open(made.path) if made is not None else None
    rows = dataset.split("train") if dataset is not None else None
    if dataset is None or rows is None:
        return None
    held_out = dataset.split("val")
    return dealt(
        recipe,
        vocab_size=tokenizer_of(project, model).vocab_size,
        num_tokens=rows.num_tokens,
        num_rows=rows.num_rows,
        longest_document=rows.longest,
        have_answers=rows.answer_mask is not None,
        num_classes=len(dataset.mark_names),
        held_out_tokens=held_out.num_tokens if held_out is not None else 0,
    )


def _begin(project: Project, typed: Typed) -> Job:
    given = values_of(typed.set) | ({"teach.word_vectors": typed.vectors} if typed.vectors else {})
    names = {"corpus": typed.corpus or "", "tokenizer": typed.tokenizer or "", "name": typed.name}
    if start := typed.start:
        if typed.model or typed.preset:
            raise StudioError("A run from {model} keeps its family and shape: leave --model and --preset out.", model=start)
        recipe = recipe_from(project, start, given, task=typed.task or "")
    elif not (typed.corpus and typed.tokenizer):
        raise StudioError("A new model needs --corpus and --tokenizer, or --from MODEL to begin with that model's weights.")
    else:
        recipe = recipes.change(for_task(choose(typed.model, typed.preset).recipe, typed.task or ""), given)
    return lambda stop: train(project, recipe=recipe, stop=stop, start=start or "", **names)


VERB = Verb(
    name="train",
    help="grow a model from random weights, or from those of another",
    arguments=(
        argument("--corpus", metavar="C", help="with --from: another text than that model's"),
        argument("--tokenizer", metavar="T"),
        argument("--from", dest="start", metavar="MODEL", help="begin with this model's weights and tokenizer"),
        argument("--model", metavar="KIND", help=f"the family: {', '.join(MODELS)} (default: the preset's)"),
        argument("--task", metavar="TASK", help=f"what it is to learn: {', '.join(TASKS)} (default: its family's)"),
        argument("--preset", metavar="P", help=f"{', '.join(dict.fromkeys(p.name for p in PRESETS.values()))} (micro)"),
        argument("--vectors", metavar="FILE", help="word vectors to begin with: word2vec's text format, GloVe or .vec"),
        *NAMED,
    ),
    begin=_begin,
    reads=lambda result: losses_named(weights_together(short(result))),
    needs_torch=True,
)
