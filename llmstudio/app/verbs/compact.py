"""Compact: a smaller dense model beside the old one, made of what its most useful units know, measured before and after."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import corpus_facts_of, dataset_of, recipe_of
from llmstudio.app.items.create import versions
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.runs.training import checkpoint_hash, new_model_files
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.evaluate import measure
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.prune import sample_text
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Saved, Started, Stopped
from llmstudio.core.models.shrinking.shapes import PARTS
from llmstudio.core.recipe import Recipe
from llmstudio.core.recipe import to_dict as recipe_to_dict
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.structured.config import ALL_PARTS, CompactConfig, counts_kept, outlook, told_counts
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import COMPACTED, Step, lineage_file
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
    from llmstudio.core.models.checkpoint.folders import WEIGHTS
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.checkpoint.verification import weights_hash
    from llmstudio.core.models.checkpoint.write import save_checkpoint
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
        before = yield from _figures(full, data, stop)
        if kept is None or before is None:
            yield Stopped(job=_JOB)
            return
        if "tokens" in before:  # this very text was measured
            numbers = {key: value for key, value in before.items() if isinstance(value, int | float)}
            keep_whole_figures(full.about.path, weights_hash(full.path), full.step, numbers)
        small = shrink(full.model, full.card.family, kept)
        own = replace(recipe, model=small.config, preset="" if small.config != shape else recipe.preset)
        after = yield from _figures(replace(full, model=small), data, stop)
        if after is None:
            yield Stopped(job=_JOB)
            return
        writes, reads = _paces([full.model, small], full, recipe, data)
        lineage = (*full.about.model_card.lineage, Step(COMPACTED, full.about.as_parent, to_dict(config)))
        parents = dict(full.about.parents) | {"parent": full.about.as_parent}
        if moved := project.make_room("model", name):
            yield Noted(job=_JOB, message=moved)
        with project.create("model", name, made_from=parents) as (folder, facts):
            new_model_files(folder, full.tokenizer, corpus_facts_of(project, full.about))
            told = dict(full.card.run.told) | {"val_loss": after.get("loss")}
            # Of a pruned model the zeros go along, of a quantised one the few bits.
            is_sparse = bool(full.card.run.pruning) or full.card.is_quantized
            path = save_checkpoint(folder, full.step, model=small, kind=full.card.family, facts=told, sparse=is_sparse)
            sizes = [sum(p.numel() for p in one.parameters()) for one in (full.model, small)]
            result: dict[str, Any] = {
                "model": name,
                "step": full.step,
                "units": told_counts(shape, counts),
                "parameters": sizes[1],
                "parameters_before": sizes[0],
                "nonzeros": count(small).nonzeros,
                "nonzeros_before": count(full.model).nonzeros,
                "share_left": sizes[1] / sizes[0],
                "file_bytes_before": weights_bytes(full.path),
                "file_bytes_after": (path / WEIGHTS).stat().st_size,
            }
            headline = recipe.task_facts.headline.name
            for place, (when, found) in enumerate((("before", before), ("after", after))):
                result |= {f"bits_per_byte_{when}": found.get("bits_per_byte"), f"val_loss_{when}": found.get("loss")}
                if headline in found:
                    result[f"{headline}_{when}"] = found[headline]
                result[f"tokens_per_second_{when}"] = writes[place] if writes else None
                result[f"reading_tokens_per_second_{when}"] = reads[place] if reads else None
                result |= {"prompt": found.get("prompt", ""), f"sample_{when}": found.get("sample")}
            facts |= {
                "recipe": recipe_to_dict(own),
                "lineage": lineage_file(lineage),
                "seed": config.seed,
                "versions": versions(),
                "state": COMPACTED,
                "result": result,
                "hash": checkpoint_hash(folder),
            }
        place_on_disk = project.path("model", name)
        yield Saved(job=_JOB, kind="model", name=name, location=str(place_on_disk), num_bytes=folder_bytes(place_on_disk))
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


def _figures(loaded: Loaded, data: Dataset | None, stop: Stop) -> Generator[Event, None, dict[str, Any] | None]:
    """Validation figures and a sample text, without what cannot be had; None if that was stopped."""
    figures: dict[str, Any] = {}
    if stop.requested:
        return None
    if data is not None and data.held_out("val") is not None:
        found = yield from measure(loaded, data, ("val",), job=_JOB, stop=stop)
        if found is None:
            return None
        figures |= found
        yield Evaluated(job=_JOB, step=loaded.step, split="val", figures=found)
    prompt, text = sample_text(loaded, data)
    yield Sampled(job=_JOB, step=loaded.step, prompt=prompt, text=text)
    return figures | {"prompt": prompt, "sample": text}


def _paces(
    models: list[LanguageModel], full: Loaded, recipe: Recipe, data: Dataset | None
) -> tuple[list[float] | None, list[float] | None]:
    """Tokens a second of writing and of reading; None of what cannot be done."""
    from llmstudio.core.sparsity.structured.pace import reading_paces, writing_paces

    writes = writing_paces(models) if recipe.task_facts.writes else None
    task = _task(full, recipe, data)
    return writes, reading_paces(models, task.batches().batch(0)) if task is not None else None


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
