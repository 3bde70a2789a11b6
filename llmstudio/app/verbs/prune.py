"""Prune: a new model beside the old one, with the same ancestors and fewer weights, measured before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.app.items.locks import writing
from llmstudio.app.items.showing import weights_together
from llmstudio.app.pruning.copies import (
    Copy,
    as_they_write,
    figures_before,
    figures_of,
    pruned_copy,
    saved_copy,
    tokens_of,
    told_settings,
)
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.lineage import PRUNED
from llmstudio.store.project import Project

_JOB = "prune"


def prune(project: Project, model: str, *, name: str, config: PruningConfig, stop: Stop) -> Iterator[Event]:
    """Make a pruned copy of a model's best checkpoint.

    Result: model, step (of its weights), sparsity (of the weights that may go), nonzeros, parameters, prunable, zeros;
    bits_per_byte, val_loss, file_bytes, memory_bytes (of the weights, as it writes), tokens_per_second (of writing; None of
    one that does not write) and sample (which goes on from prompt), each with _before and _after; of a model that fills in
    hidden words masked_accuracy too; file_bytes_bound, below which no file can be that holds the numbers that are
    left and says where they are; and rounding: how far that moved all weights, as a share of their length. Where no
    validation text is left, its figures are None.

    Raises:
        StudioError: No such model, or the name is taken.
    """
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
        before = yield from figures_before(full, data, job=_JOB, stop=stop)
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
        how = to_dict(replace(config, sparsity=config.share))  # a pattern leaves no choice about it
        made = Copy(
            spare.model,
            PRUNED,
            how,
            recipe=recipe_of(full.about),
            seed=config.seed,
            figures=(before, after),
            kept={"pruning": how},
            about={"pruning": to_dict(config)},
        )
        told = {
            "sparsity": counts.zeros / max(1, counts.prunable),
            "parameters": counts.parameters,
            "nonzeros": counts.nonzeros,
            "prunable": counts.prunable,
            "zeros": counts.zeros,
            "file_bytes_bound": counts.file_bytes_bound,
            "rounding": rounding,
        }
        beside = as_they_write(full, spare)
        result = yield from saved_copy(project, full, name, made, told=told, beside=beside, job=_JOB)
    yield Finished(job=_JOB, result=result)


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
