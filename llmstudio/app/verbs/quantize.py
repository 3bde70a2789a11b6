"""Quantize: a new model beside the old one, whose matrices are kept in 8 or 4 bits, measured before and after."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import corpus_facts_of, recipe_of
from llmstudio.app.items.create import versions
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.pruning.reading import reading
from llmstudio.app.runs.training import checkpoint_hash, new_model_files
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.prune import figures_of, numbers_of, tokens_of, told_rounding
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Saved, Started, Stopped
from llmstudio.core.recipe import to_dict as recipe_to_dict
from llmstudio.core.settings import settings_of, to_dict
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import QUANTIZED, Step, lineage_file
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.models.base import LanguageModel
    from llmstudio.core.sparsity.rounding import Rounding

_JOB = "quantize"


def quantize(project: Project, model: str, *, name: str, config: QuantizingConfig, stop: Stop) -> Iterator[Event]:
    """Make a copy of a model's best checkpoint whose matrices are kept in few bits; what of them is zero stays so.

    Result: model, step, bits; bits_per_byte, val_loss, file_bytes, memory_bytes and tokens_per_second (of writing; None of a
    model that does not write), sample, and the headline figure of a task that has another, each with _before and _after;
    file_bytes_bound; sparsity, the share of zeros among the matrices before; parameters and nonzeros, and rounded_to_zero,
    weights that are zero only now; rounding: how far all weights were moved, as a share of their length.

    Raises:
        StudioError: No such model, the name is taken, it is kept in as few bits already, or its text is gone.
    """
    from llmstudio.core.models.checkpoint.folders import WEIGHTS
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.checkpoint.verification import weights_hash
    from llmstudio.core.models.checkpoint.write import save_checkpoint
    from llmstudio.core.models.weights.quantized.small import as_written_with, memory_bytes
    from llmstudio.core.sparsity.report import report
    from llmstudio.core.sparsity.structured.pace import writing_paces

    yield Started(job=_JOB, title=words("Quantising {name}", name=model), item=name)
    project.refuse_taken("model", name)
    full = load(project, model)
    yield from _told_before(full, config)
    with writing(project):
        data = yield from tokens_of(project, full, job=_JOB, stop=stop)
        before = yield from figures_of(full, data, job=_JOB, stop=stop)
        if "tokens" in before:  # this very text was measured
            keep_whole_figures(full.about.path, weights_hash(full.path), full.step, numbers_of(before))
        try:
            spare, rounding = yield from quantized_copy(project, full, data, config, job=_JOB, stop=stop)
        except WasStopped:
            yield Stopped(job=_JOB)
            return
        after = yield from figures_of(spare, data, job=_JOB, stop=stop)
        if stop.requested:
            yield Stopped(job=_JOB)
            return
        recipe, counts = recipe_of(full.about), report(spare.model, {}, keep_embeddings=config.keep_embeddings)
        whole = report(full.model, {}, keep_embeddings=config.keep_embeddings)
        headline = recipe.task_facts.headline.name
        lineage = (*full.about.model_card.lineage, Step(QUANTIZED, full.about.as_parent, to_dict(config)))
        parents = dict(full.about.parents) | {"parent": full.about.as_parent}
        small = [as_written_with(full.model), as_written_with(spare.model)]
        yield from _told_memory(spare, small[1])
        paces = writing_paces(small) if recipe.task_facts.writes else None
        if moved := project.make_room("model", name):
            yield Noted(job=_JOB, message=moved)
        with project.create("model", name, made_from=parents) as (folder, facts):
            new_model_files(folder, full.tokenizer, corpus_facts_of(project, full.about))
            kept = dict(full.card.run.told) | {"val_loss": after.get("loss")}
            path = save_checkpoint(folder, full.step, model=spare.model, kind=full.card.family, facts=kept, sparse=True)
            result: dict[str, Any] = {
                "model": name,
                "step": full.step,
                "bits": config.bits,
                "sparsity": whole.zeros / max(1, whole.prunable),
                "parameters": counts.parameters,
                "nonzeros": counts.nonzeros,
                "rounded_to_zero": rounding.zeros,
                "rounding": rounding.share,
                "file_bytes_before": weights_bytes(full.path),
                "file_bytes_after": (path / WEIGHTS).stat().st_size,
                "file_bytes_bound": counts.file_bytes_bound,
            }
            for place, (when, found) in enumerate((("before", before), ("after", after))):
                result |= {f"bits_per_byte_{when}": found.get("bits_per_byte"), f"val_loss_{when}": found.get("loss")}
                if headline in found:
                    result[f"{headline}_{when}"] = found[headline]
                result[f"memory_bytes_{when}"] = memory_bytes(small[place])
                result[f"tokens_per_second_{when}"] = paces[place] if paces else None
                result |= {"prompt": found.get("prompt", ""), f"sample_{when}": found.get("sample")}
            facts |= {
                "recipe": recipe_to_dict(recipe),
                "lineage": lineage_file(lineage),
                "seed": recipe.training.seed,
                "versions": versions(),
                "state": QUANTIZED,
                "result": result,
                "hash": checkpoint_hash(folder),
            }
        place_on_disk = project.path("model", name)
        yield Saved(job=_JOB, kind="model", name=name, location=str(place_on_disk), num_bytes=folder_bytes(place_on_disk))
    yield Finished(job=_JOB, result=result)


def quantized_copy(
    project: Project, full: Loaded, data: Dataset | None, config: QuantizingConfig, *, job: str, stop: Stop
) -> Generator[Event, None, tuple[Loaded, Rounding]]:
    """A copy of a model in few bits, and how far its weights were moved. The loaded one may be talking meanwhile.

    Raises:
        StudioError: There is nothing to quantise, or no text for a method that reads.
        WasStopped: Somebody has asked to stop.
    """
    from llmstudio.core.sparsity.quantizing.model import quantize_model

    spare = replace(full, model=copy.deepcopy(full.model))
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        calibration = None
        if config.reads:
            calibration = yield from reading(project, full, data, config, Path(folder), job=job, stop=stop)
        rounding = yield from quantize_model(spare.model, config, calibration, job=job, stop=stop)
        del calibration
    yield from told_rounding(rounding, config.bits, job=job)
    return spare, rounding


def _told_before(full: Loaded, config: QuantizingConfig) -> Iterator[Event]:
    """Remarks on a model and on settings. Raises StudioError if the model is kept in as few bits already."""
    from llmstudio.core.sparsity.quantizing.model import bits_already

    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    already, name = bits_already(full.model, config), full.about.name
    if already is not None and already <= config.bits:
        raise StudioError(
            "The matrices of {model} are kept in {already} bits already, so {bits} would gain nothing: choose fewer, or the"
            " model that it was made from.",
            model=name,
            already=already,
            bits=config.bits,
        )
    if already is not None:
        message = words(
            "{model} was rounded to {already} bits before. Rounding twice costs more: better quantise the model that it was"
            " made from.",
            model=name,
            already=already,
        )
        yield Noted(job=_JOB, message=message, level="warning")
    if full.card.base is not None and full.card.base.model:
        message = words(
            "What {model} has learned lies beside {other}. Both are added up first, so the new model stands alone.",
            model=name,
            other=full.card.base.name,
        )
        yield Noted(job=_JOB, message=message)
    labels = {each.path: each.fact.label for each in settings_of(QuantizingConfig)}
    for path, why in config.told_idle().items():
        yield Noted(job=_JOB, message=words("“{setting}” does nothing here: {why}.", setting=labels[path], why=why))


def _told_memory(spare: Loaded, small: LanguageModel) -> Iterator[Event]:
    """Say what takes fewer bytes in the file only."""
    if small is spare.model:
        message = words(
            "In memory its matrices take 32 bits a number, as before: they are small, or recurrent cells of a library, or"
            " mostly zeros."
        )
        yield Noted(job=_JOB, message=message)


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(QuantizingConfig(), typed.set, bits=typed.bits, group=typed.group, method=typed.method)
    return lambda stop: quantize(project, typed.model, name=typed.name, config=config, stop=stop)


VERB = Verb(
    name="quantize",
    help="a copy whose matrices are kept in 8 or 4 bits",
    arguments=(
        MODEL,
        argument("--bits", metavar="B", help="8 or 4 (8)"),
        argument("--group", metavar="G", help="what shares a scale: row, or 32, 64 or 128 neighbours"),
        argument("--method", metavar="M", help="coordinate_descent, which reads a text, or nearest"),
        *NAMED,
    ),
    begin=_begin,
    reads=short,
    needs_torch=True,
)
