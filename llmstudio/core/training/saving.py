"""Checkpoints of a run: new ones are written if anything has changed, and old ones that are not needed are removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llmstudio.core.events import Saved
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes.head import OFFSETS
from llmstudio.core.models.changes.lora import merge
from llmstudio.core.models.checkpoint.bases import steps_read_by_others
from llmstudio.core.models.checkpoint.card import Base
from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.checkpoint.verification import weights_hash
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.weights.base import num_parameters
from llmstudio.core.sparsity.report import report
from llmstudio.core.training.history import HistoryWriter
from llmstudio.core.training.run import Run
from llmstudio.core.training.start import SCRATCH
from llmstudio.core.words import Words, words
from llmstudio.store.files import remove_folder

_CLOCKS = ("seconds", "peak_bytes")  # they go on while nothing is learned


def save(run: Run, history: HistoryWriter) -> Iterator[Saved]:
    """Keep the run as it is now, and say so; does nothing if the newest checkpoint already holds it.

    What the run has said reaches the disk first: a run that is resumed from here then misses nothing.

    Raises:
        StudioError: The disk is full or may not be written; older checkpoints are untouched.
    """
    facts = run.facts()
    if run.saved is not None and _without_clocks(run.saved) == _without_clocks(facts):
        return
    history.sync()
    path = write_checkpoint(run, facts)
    tidy(run)
    size = sum(f.stat().st_size for f in path.iterdir())
    yield Saved(job="train", step=run.standing.step, kind="checkpoint", name=path.name, location=str(path), num_bytes=size)


def save_begin(run: Run) -> None:
    """Keep the weights of another model, where a new run begins from them, as its step 0.

    Raises:
        StudioError: The disk is full or may not be written.
    """
    if run.start is not None and run.start.checkpoint is not None:
        save_start(run, run.model)


def said_of_begin(run: Run) -> list[Words]:
    """What is to be said of the weights that a run begins from."""
    said = []
    start = run.start or SCRATCH
    if start.checkpoint is not None and start.checkpoint.card.is_quantized and run.base is None:
        said.append(
            words(
                "The weights that this run begins from are quantised. Learning moves them in smaller steps, so the new model"
                " keeps 32 bits a number: quantise it again in the end."
            )
        )
    if start.vectors is not None:
        found, size = len(start.vectors.ids), run.model.vocab_size
        said.append(words("{n|token|tokens} of {all:,} begin with a word vector.", n=found, all=size))
    elif start.checkpoint is None and getattr(run.recipe.task, "replace_share", False):
        said.append(
            words(
                "The table of tokens begins at random, so words are replaced by any others until it has learned: begin with"
                " word vectors, or with a model that has read."
            )
        )
    if run.base is not None:
        said.append(
            words(
                "Only what learns is kept, as a small adapter; all else is read from {model} as it is at step {step:,}. If"
                " {model} is deleted, this model gets a copy first.",
                model=run.base.name,
                step=run.base.step,
            )
        )
    if run.masked:
        weights = sum(masked.weights.numel() for masked in run.masked)
        zeros = sum(masked.num_zeros for masked in run.masked)
        said.append(
            words(
                "Pruning has set {zeros:,} of {weights:,} weights of its matrices to zero; they stay zero.",
                zeros=zeros,
                weights=weights,
            )
        )
    return said + run.sparsifier.said()


def save_start(run: Run, model: LanguageModel) -> None:
    """Write a checkpoint of the step 0 of `run` with the weights of `model`, which are those that it began from.

    Raises:
        StudioError: The disk is full or may not be written.
    """
    facts = run.facts() | {"standing": asdict(run.standing.at_start()), "val_loss": None}
    if run.recipe.sparse.fits and not run.recipe.sparse.keeps_nonzeros:  # what is gone by now was there when it began
        begun = run.start.checkpoint.card.run.pruning if run.start is not None and run.start.checkpoint is not None else {}
        facts["pruning"] = dict(begun)
    save_checkpoint(run.folder, 0, model=model, kind=run.recipe.kind, facts=facts, sparse=run.is_sparse, base=run.base)


def write_checkpoint(run: Run, facts: Mapping[str, Any]) -> Path:
    """Write the run's weights, its training state and `facts`, whether or not that is new; returns the folder.

    Raises:
        StudioError: The disk is full or may not be written; older checkpoints are untouched.
    """
    step = run.standing.step
    path = save_checkpoint(
        run.folder,
        step,
        model=run.model,
        kind=run.recipe.kind,
        facts=facts,
        state=run.state() if step else None,  # before the first step there is nothing to remember
        sparse=run.is_sparse,
        base=_base_of(run),
    )
    run.saved = facts
    return path


def keep_merged(run: Run, step: int) -> Words | None:
    """Once the run is over, add what small matrices have learned to the weights and keep these alone, if that was asked for.

    Args:
        run: With the weights that are kept.
        step: Their step.

    Returns:
        What is to be said of it; None if there is nothing to merge, or an adapter is wanted.

    Raises:
        StudioError: The disk is full or may not be written; the checkpoints are as they were.
    """
    if not run.recipe.teach.adapts or run.recipe.teach.keeps_adapter:
        return None
    facts = find_checkpoint(run.folder, str(step))[0].card.run.told
    merge(run.model)
    merged = save_checkpoint(run.folder, step, model=run.model, kind=run.recipe.kind, facts=facts, sparse=run.is_sparse)
    read = steps_read_by_others(run.folder)
    for folder in checkpoint_folders(run.folder):
        if folder != merged and step_of(folder) not in read:
            remove_folder(folder)
    return words(
        "What was learned is merged into the weights, which are kept whole. This run is over for good; a new one can begin"
        " from them."
    )


def weights_left(run: Run) -> dict[str, Any]:
    """Of a run some of whose weights are gone: nonzeros, and of what may go prunable, zeros and their share as sparsity. Of
    any other, and of one that keeps an adapter alone, nothing.
    """
    if run.recipe.sparse.fits:
        gone = run.sparsifier
        told = {"sparsity": gone.sparsity, "prunable": gone.num_weights, "zeros": gone.num_zeros}
        return told | {"nonzeros": num_parameters(run.model) - gone.num_zeros}
    if not run.is_sparse or run.recipe.teach.keeps_adapter:
        return {}
    counts = report(run.model, {}, keep_embeddings=bool(run.pruning.get("keep_embeddings", True)))
    share = counts.zeros / max(1, counts.prunable)
    return {"sparsity": share, "prunable": counts.prunable, "zeros": counts.zeros, "nonzeros": counts.nonzeros}


def tidy(run: Run) -> None:
    """Keep the newest ones, the best, the newest known to be good (later ones may prove bad), and those that the run goes
    back to if the sitting is thrown away; and what other checkpoints and models read. Checkpoints of later steps than the
    run's own can only be damaged ones.
    """
    folders = checkpoint_folders(run.folder)
    past = [folder for folder in folders if step_of(folder) <= run.standing.step]
    read = steps_read_by_others(run.folder) | ({0} if run.recipe.teach.adapts and run.base is None else set())
    kept = {folder for folder in folders if step_of(folder) in read}
    kept |= {*past[-run.training.keep_checkpoints :], *(f for f in past if step_of(f) == run.standing.best_step)}
    kept.update([folder for folder in past if step_of(folder) <= run.standing.good_step][-1:])
    before = run.before.checkpoints if run.before is not None else ()
    for folder in folders:
        if folder not in kept and step_of(folder) not in before:
            remove_folder(folder)


def _base_of(run: Run) -> Base | None:
    """The checkpoint beside which the run keeps what small matrices learn: the parent's or, until they are merged, its own
    first. None if it keeps all.
    """
    if run.base is not None or not run.recipe.teach.adapts or not run.standing.step:
        return run.base
    first = next(f for f in checkpoint_folders(run.folder) if step_of(f) == 0)
    names = tuple(name for name in run.model.state_dict() if name not in run.taught.depth and name != OFFSETS)
    return Base(0, weights_hash(first), names)


def _without_clocks(facts: Mapping[str, Any]) -> dict[str, Any]:
    standing = {name: value for name, value in facts["standing"].items() if name not in _CLOCKS}
    return dict(facts) | {"standing": standing}
