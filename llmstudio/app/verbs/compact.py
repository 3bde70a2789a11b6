"""Compact: a smaller dense model beside the old one, made of what its most useful units know, measured before and after."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import dataset_of, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.pruning.copies import Copy, figures_before, figures_of, saved_copy
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.models.shrinking.shapes import PARTS
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.structured.config import ALL_PARTS, CompactConfig, counts_kept, outlook, told_counts
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.lineage import COMPACTED
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.models.base import LanguageModel
    from llmstudio.core.tasks.base import Task

_JOB = "compact"


def compact(project: Project, model: str, *, name: str, config: CompactConfig, stop: Stop) -> Iterator[Event]:
    """Make a smaller model of a model's best checkpoint: whole units go, and what is left is dense and of the same family.

    Result: model, step (of its weights), units (how many there were and are, by kind); parameters and nonzeros (fewer in a
    pruned model), each with _before too, and share_left (of all weights); file_bytes, bits_per_byte, val_loss,
    tokens_per_second (of writing; None of one that does not write), reading_tokens_per_second and sample (which goes on from
    prompt), each with _before and _after; of a model that fills in hidden words masked_accuracy too. Where no validation
    text is left, its figures are None.

    Raises:
        StudioError: No such model, the name is taken, it cannot lose such units, or what it learned from is gone and the
            choice asks for it.
    """
    from llmstudio.core.models.shrinking.shrink import refuse, shrink
    from llmstudio.core.sparsity.masks import count

    yield Started(job=_JOB, title=words("Making {name} smaller", name=model), item=name)
    project.refuse_taken("model", name)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    recipe, shape = recipe_of(full.about), full.model.config
    counts = counts_kept(shape, config)
    for part in counts:
        refuse(full.model, part)
    yield Noted(job=_JOB, message=_told(full, config, counts))
    with writing(project):
        data = yield from _data(project, full, config, stop)
        kept = yield from _chosen(full, recipe, config, data, stop)
        before = yield from figures_before(full, data, job=_JOB, stop=stop)
        if kept is None or not before:  # it was stopped
            yield Stopped(job=_JOB)
            return
        small = shrink(full.model, full.card.family, kept)
        own = replace(recipe, model=small.config, preset="" if small.config != shape else recipe.preset)
        after = yield from figures_of(replace(full, model=small), data, job=_JOB, stop=stop)
        if not after:
            yield Stopped(job=_JOB)
            return
        made = Copy(
            small,
            COMPACTED,
            to_dict(config),
            recipe=own,
            seed=config.seed,
            figures=(before, after),
            # Of a pruned model the zeros go along, of a quantised one the few bits.
            is_sparse=bool(full.card.run.pruning) or full.card.is_quantized,
        )
        sizes = [count(one) for one in (full.model, small)]
        told = {
            "units": told_counts(shape, counts),
            "parameters": sizes[1].parameters,
            "parameters_before": sizes[0].parameters,
            "nonzeros": sizes[1].nonzeros,
            "nonzeros_before": sizes[0].nonzeros,
            "share_left": sizes[1].parameters / sizes[0].parameters,
        }
        beside = _paces(full, small, recipe, data)
        result = yield from saved_copy(project, full, name, made, told=told, beside=beside, job=_JOB)
    yield Finished(job=_JOB, result=result)


def _told(full: Loaded, config: CompactConfig, counts: dict[str, int]) -> Words:
    """What will go, before it does."""
    shape, changes = full.model.config, full.model.changes
    parts = [f"{PARTS[part].label}: {whole:,} → {left:,}" for part, (whole, left) in told_counts(shape, counts).items()]
    before, after = outlook(shape, config, full.model.vocab_size, changes=changes)
    return words(
        "{parts}; every layer keeps equally many. Of {before:,} weights {after:,} stay.",
        parts="; ".join(parts),
        before=before,
        after=after,
    )


def _data(project: Project, full: Loaded, config: CompactConfig, stop: Stop) -> Generator[Event, None, Dataset | None]:
    """The model's tokens; None if that was stopped, or if they are gone and nothing asks for them."""
    from llmstudio.core.sparsity.structured.choice import asks_for_text

    try:
        return (yield from dataset_of(project, full.about, job=_JOB, stop=stop))
    except StudioError as error:
        if asks_for_text(config):
            raise StudioError(
                "{reason} Units can be chosen without it by their weights: set score to magnitude.", reason=error.words
            ) from error
        yield Noted(job=_JOB, message=error.words, level="warning")
        return None


def _chosen(
    full: Loaded, recipe: Recipe, config: CompactConfig, data: Dataset | None, stop: Stop
) -> Generator[Event, None, Any]:
    """Which units stay; None if that was stopped."""
    from llmstudio.core.sparsity.structured.choice import choose

    task = _task(full, recipe, data)
    steps = choose(full.model, config, task)
    while not stop.requested:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        yield Progress(job=_JOB, what=words("Looking at what each unit does"), done=done, total=total, unit="tokens")
    return None


def _task(full: Loaded, recipe: Recipe, data: Dataset | None) -> Task | None:
    return recipe.make_task(data, full.tokenizer) if data is not None else None


def _paces(full: Loaded, small: LanguageModel, recipe: Recipe, data: Dataset | None) -> dict[str, tuple[Any, Any]]:
    """Tokens a second of writing and of reading, before and after; None of what cannot be done."""
    from llmstudio.core.sparsity.structured.pace import reading_paces, writing_paces

    models, task = [full.model, small], _task(full, recipe, data)
    writes = writing_paces(models) if recipe.task_facts.writes else (None, None)
    reads = reading_paces(models, task.batches().batch(0)) if task is not None else (None, None)
    return {"tokens_per_second": (writes[0], writes[1]), "reading_tokens_per_second": (reads[0], reads[1])}


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(CompactConfig(), typed.set, share=typed.share, parts=typed.parts)
    return lambda stop: compact(project, typed.model, name=typed.name, config=config, stop=stop)


def _reads(result: Any) -> dict[str, Any]:
    """What of its result a person is told."""
    units = {part: f"{whole:,} → {left:,}" for part, (whole, left) in result.get("units", {}).items()}
    rest = {key: value for key, value in result.items() if key != "units" and isinstance(value, int | float | str)}
    return (
        {"model": rest.pop("model", "")}
        | units
        | {key: value for key, value in rest.items() if not key.startswith(("sample", "prompt"))}
    )


VERB = Verb(
    name="compact",
    help="a smaller dense model: take whole heads, neurons, recurrent units or layers away",
    arguments=(
        MODEL,
        argument("--share", metavar="S", help="how much of each kind goes, 0 to 0.95 (0.5)"),
        argument("--parts", metavar="PARTS", help=f"which kinds, with commas between: {ALL_PARTS}"),
        *NAMED,
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)
