"""Quantize: a new model beside the old one, whose matrices are kept in 8 or 4 bits, measured before and after."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.items.showing import weights_together
from llmstudio.app.pruning.copies import (
    Copy,
    as_they_write,
    figures_before,
    figures_of,
    saved_copy,
    tokens_of,
    told_rounding,
    told_settings,
)
from llmstudio.app.pruning.reading import reading
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.lineage import QUANTIZED
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
    file_bytes_bound; parameters and nonzeros, and of the matrices prunable, zeros and their share as sparsity, among them
    rounded_to_zero, weights that are zero only now; rounding: how far all weights were moved, as a share of their length.

    Raises:
        StudioError: No such model, the name is taken, it is kept in as few bits already, or its text is gone.
    """
    from llmstudio.core.models.weights.small import as_written_with
    from llmstudio.core.sparsity.report import report

    yield Started(job=_JOB, title=words("Quantising {name}", name=model), item=name)
    project.refuse_taken("model", name)
    full = load(project, model)
    yield from _told_before(full, config)
    yield from told_settings(config, job=_JOB)
    with writing(project):
        data = yield from tokens_of(project, full, job=_JOB, stop=stop)
        before = yield from figures_before(full, data, job=_JOB, stop=stop)
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
        yield from _told_memory(spare, as_written_with(spare.model))
        made = Copy(
            spare.model,
            QUANTIZED,
            to_dict(config),
            recipe=recipe,
            seed=recipe.training.seed,
            figures=(before, after),
        )
        told = {
            "bits": config.bits,
            "sparsity": counts.zeros / max(1, counts.prunable),
            "parameters": counts.parameters,
            "nonzeros": counts.nonzeros,
            "prunable": counts.prunable,
            "zeros": counts.zeros,
            "rounded_to_zero": rounding.zeros,
            "rounding": rounding.share,
            "file_bytes_bound": counts.file_bytes_bound,
        }
        beside = as_they_write(full, spare)
        result = yield from saved_copy(project, full, name, made, told=told, beside=beside, job=_JOB)
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
    """Remarks on a model. Raises StudioError if the model is kept in as few bits already."""
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
    reads=lambda result: weights_together(short(result)),
    needs_torch=True,
)
