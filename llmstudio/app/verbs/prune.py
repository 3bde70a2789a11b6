"""Prune: a new model beside the old one, with the same ancestors and fewer weights, measured before and after."""

from __future__ import annotations

import copy
import itertools
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import corpus_facts_of, dataset_of, recipe_of
from llmstudio.app.items.create import versions
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.items.showing import weights_together
from llmstudio.app.pruning.reading import reading
from llmstudio.app.runs.training import checkpoint_hash, new_model_files
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.evaluate import measure
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Sampled, Saved, Started, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.recipe import to_dict as recipe_to_dict
from llmstudio.core.settings import settings_of, to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import END
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import PRUNED, Step, lineage_file
from llmstudio.store.project import Project
from llmstudio.store.reading import no_file

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.sparsity.masks import Masks
    from llmstudio.core.sparsity.rounding import Rounding

_JOB = "prune"
_SAMPLE_TOKENS = 64


def prune(project: Project, model: str, *, name: str, config: PruningConfig, stop: Stop) -> Iterator[Event]:
    """Make a pruned copy of a model's best checkpoint.

    Result: model, step (of its weights), sparsity (of the weights that may go), nonzeros, parameters, prunable, zeros;
    bits_per_byte, val_loss, file_bytes and sample (which goes on from prompt), each with _before and _after; of a model that
    fills in hidden words masked_accuracy too; file_bytes_bound, below which no file can be that holds the numbers that are
    left and says where they are; and rounding: how far that moved all weights, as a share of their length. Where no
    validation text is left, its figures are None.

    Raises:
        StudioError: No such model, or the name is taken.
    """
    from llmstudio.core.models.checkpoint.folders import WEIGHTS
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.checkpoint.verification import weights_hash
    from llmstudio.core.models.checkpoint.write import save_checkpoint
    from llmstudio.core.sparsity.pruning import refuse_shares
    from llmstudio.core.sparsity.report import report

    yield Started(job=_JOB, title=words("Pruning {name}", name=model), item=name)
    project.refuse_taken("model", name)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    yield from told_settings(config, job=_JOB)
    refuse_shares(full.model, config)
    with writing(project):
        data = yield from tokens_of(project, full, job=_JOB, stop=stop)
        before = yield from figures_of(full, data, job=_JOB, stop=stop)
        if "tokens" in before:  # this very text was measured
            keep_whole_figures(full.about.path, weights_hash(full.path), full.step, numbers_of(before))
        try:
            spare, masks, rounding = yield from pruned_copy(project, full, data, config, job=_JOB, stop=stop)
        except WasStopped:
            yield Stopped(job=_JOB)
            return
        counts = report(spare.model, masks, keep_embeddings=config.keep_embeddings)
        after = yield from figures_of(spare, data, job=_JOB, stop=stop)
        if stop.requested:
            yield Stopped(job=_JOB)
            return
        recipe = recipe_of(full.about)
        made = replace(config, sparsity=config.share)  # a pattern leaves no choice about it
        headline = recipe.task_facts.headline.name
        lineage = (*full.about.model_card.lineage, Step(PRUNED, full.about.as_parent, to_dict(made)))
        parents = dict(full.about.parents) | {"parent": full.about.as_parent}
        if moved := project.make_room("model", name):
            yield Noted(job=_JOB, message=moved)
        with project.create("model", name, made_from=parents) as (folder, facts):
            new_model_files(folder, spare.tokenizer, corpus_facts_of(project, full.about))
            kept = dict(full.card.run.told) | {"val_loss": after.get("loss"), "pruning": to_dict(made)}
            path = save_checkpoint(folder, full.step, model=spare.model, kind=full.card.family, facts=kept, sparse=True)
            result = {
                "model": name,
                "step": full.step,
                "sparsity": counts.zeros / max(1, counts.prunable),
                "parameters": counts.parameters,
                "nonzeros": counts.nonzeros,
                "prunable": counts.prunable,
                "zeros": counts.zeros,
                "file_bytes_before": weights_bytes(full.path),
                "file_bytes_after": (path / WEIGHTS).stat().st_size,
                "file_bytes_bound": counts.file_bytes_bound,
                "rounding": rounding,
            }
            for when, found in (("before", before), ("after", after)):
                result |= {f"bits_per_byte_{when}": found.get("bits_per_byte"), f"val_loss_{when}": found.get("loss")}
                if headline in found:
                    result[f"{headline}_{when}"] = found[headline]
                result |= {"prompt": found.get("prompt", ""), f"sample_{when}": found.get("sample")}
            facts |= {
                "recipe": recipe_to_dict(recipe),
                "pruning": to_dict(config),
                "lineage": lineage_file(lineage),
                "seed": config.seed,
                "versions": versions(),
                "state": "pruned",
                "result": result,
                "hash": checkpoint_hash(folder),
            }
        place = project.path("model", name)
        yield Saved(job=_JOB, kind="model", name=name, location=str(place), num_bytes=folder_bytes(place))
    yield Finished(job=_JOB, result=result)


def told_settings(config: PruningConfig, *, job: str) -> Iterator[Event]:
    """Say which settings that somebody has set do nothing beside the others. Raises StudioError if a text is not there."""
    if config.reads and config.calibration_text and not (file := Path(config.calibration_text).expanduser()).is_file():
        raise no_file(str(file))
    names = {each.path: each.fact.label for each in settings_of(PruningConfig)}
    for path, why in config.told_idle().items():
        yield Noted(job=job, message=words("“{setting}” does nothing here: {why}.", setting=names[path], why=why))


def pruned_copy(
    project: Project, full: Loaded, data: Dataset | None, config: PruningConfig, *, job: str, stop: Stop
) -> Generator[Event, None, tuple[Loaded, Masks, float]]:
    """A copy of a model with weights gone, the masks, and how far rounding moved the others, as a share of their length.

    The loaded one may be talking meanwhile.

    Raises:
        StudioError: The weights cannot be pruned, or there is no text to read for a method that reads.
        WasStopped: Somebody has asked to stop.
    """
    from llmstudio.core.sparsity.pruning import prune_by_reading

    spare = replace(full, model=copy.deepcopy(full.model))
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        calibration = None
        if config.reads:
            calibration = yield from reading(project, full, data, config, Path(folder), job=job, stop=stop)
        masks = yield from prune_by_reading(spare.model, config, calibration, job=job, stop=stop)
        del calibration
    return spare, masks, (yield from _rounded(spare, config, job=job))


def _rounded(spare: Loaded, config: PruningConfig, *, job: str) -> Generator[Event, None, float]:
    """Round the weights to what the file is to hold, and say by how much that moves them."""
    from llmstudio.core.sparsity.rounding import WIDTHS, round_model

    width = WIDTHS[config.number_format]
    if width.bits == 32:
        return 0.0
    found = round_model(spare.model, width, keep_embeddings=config.keep_embeddings)
    yield from told_rounding(found, width.bits, job=job)
    return found.share


def told_rounding(found: Rounding, bits: int, *, job: str) -> Iterator[Event]:
    """Say how far rounding has moved a model's weights, and what it left or lost."""
    message = words(
        "Rounding to {bits} bits moves the weights by {share:.4f} % of their length, the furthest by {most:.2g}.",
        bits=bits,
        share=100 * found.share,
        most=found.most,
    )
    yield Noted(job=job, message=message)
    if found.zeros:
        yield Noted(job=job, message=words("Zero is the nearest to {zeros|weight|weights} more.", zeros=found.zeros))
    if found.left:
        message = words(
            "{left|matrix stays|matrices stay} in 32 bits ({name}): there are numbers above 65,504, the largest in 16 bits.",
            left=len(found.left),
            name=found.left[0],
        )
        yield Noted(job=job, message=message, level="warning")


def numbers_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """Those of the figures that are numbers."""
    return {name: value for name, value in figures.items() if isinstance(value, int | float)}


def tokens_of(project: Project, loaded: Loaded, *, job: str, stop: Stop) -> Generator[Event, None, Dataset | None]:
    """What a model has learned from; None if that is gone, which is told, or if it was stopped."""
    try:
        return (yield from dataset_of(project, loaded.about, job=job, stop=stop))
    except StudioError as error:
        yield Noted(job=job, message=error.words, level="warning")
        return None


def figures_of(loaded: Loaded, data: Dataset | None, *, job: str, stop: Stop) -> Generator[Event, None, dict[str, Any]]:
    """Validation figures and a sample text; what cannot be had is left out."""
    figures: dict[str, Any] = {}
    if stop.requested:
        return figures
    if data is not None and data.held_out("val") is not None:
        found = yield from measure(loaded, data, ("val",), job=job, stop=stop)
        if found is None:
            return {}
        figures |= found
        yield Evaluated(job=job, step=loaded.step, split="val", figures=found)
    prompt, text = sample_text(loaded, data)
    yield Sampled(job=job, step=loaded.step, prompt=prompt, text=text)
    return figures | {"prompt": prompt, "sample": text}


def sample_text(loaded: Loaded, data: Dataset | None) -> tuple[str, str]:
    """What a model makes of held-out text, by what it was trained for: (prompt, text).

    Without such text, one that writes begins with an empty page; any other has nothing to say.
    """
    from llmstudio.core.generation.generate import decode
    from llmstudio.core.tokenizer.streaming import whole_text

    recipe, tokenizer = recipe_of(loaded.about), loaded.tokenizer
    if data is not None:
        sampling = replace(recipe, training=replace(recipe.training, sample_tokens=_SAMPLE_TOKENS, seed=0))
        return sampling.make_task(data, tokenizer).sample(loaded.model)
    if not recipe.task_facts.writes:
        return "", ""
    written = decode(loaded.model, [END], GenerationConfig(max_new_tokens=_SAMPLE_TOKENS, seed=0))
    return "", whole_text(tokenizer, list(itertools.takewhile(lambda token: token != END, written)))


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(
        PruningConfig(), typed.set, method=typed.method, sparsity=typed.sparsity, layer_shares=typed.layer_shares
    )
    return lambda stop: prune(project, typed.model, name=typed.name, config=config, stop=stop)


VERB = Verb(
    name="prune",
    help="set the least important weights to zero",
    arguments=(
        MODEL,
        argument("--method", metavar="M"),
        argument("--sparsity", metavar="S"),
        argument("--layer-shares", metavar="S,S", help="of each layer, as 0.5,0.7,0.6 or 1=0.5,2.attention=0.8"),
        *NAMED,
    ),
    begin=_begin,
    reads=lambda result: weights_together(short(result)),
    needs_torch=True,
)
