"""A model's weights on disk: one folder a checkpoint, written whole or not at all, verified when read.

    models/NAME/checkpoints/00001200/{model.safetensors, state.safetensors, facts.json, manifest.json}

Each tensor has a named codec (dense, or a bitmap with the nonzero values); tied tensors are stored once. `state` holds what
training needs to go on (optimizer moments); it may be missing in a checkpoint that is only to be talked to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint_card import CheckpointCard, RunCard, read_card
from llmstudio.core.models.checkpoint_folders import FACTS, FOLDER, STATE, WEIGHTS, checkpoint_folders, is_step, step_of
from llmstudio.core.models.codecs import decode, encode
from llmstudio.core.models.families import MODELS, build_model
from llmstudio.core.models.verification import verified
from llmstudio.core.settings import from_dict, to_dict
from llmstudio.core.shortage import refuse_shortage
from llmstudio.core.words import Words, words
from llmstudio.store.files import explained, staged_folder, write_json, write_manifest
from llmstudio.store.reading import damage


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint: its folder, its step, and what it says of itself."""

    path: Path
    step: int
    card: CheckpointCard


def save_checkpoint(
    model_folder: Path,
    step: int,
    *,
    model: LanguageModel,
    kind: str,
    facts: Mapping[str, Any],
    state: Mapping[str, Tensor] | None = None,
    sparse: bool = False,
) -> Path:
    """Write a checkpoint under `model_folder` and return its folder; one of the same step gives way once this one is whole.

    Args:
        model_folder: `models/NAME`.
        step: Optimizer steps taken so far.
        model: Its weights are stored under their parameter names.
        kind: The family's name in `MODELS`.
        facts: Plain values to keep beside the weights.
        state: Tensors that training needs to go on.
        sparse: Store each tensor by the codec that takes the fewest bytes.

    Raises:
        StudioError: The disk is full or may not be written; older checkpoints are untouched.
    """
    final = model_folder / FOLDER / f"{step:08d}"
    about = {
        "kind": kind,
        "config": to_dict(model.config),
        "vocab_size": model.vocab_size,
        "step": step,
        "parameters": sum(p.numel() for p in model.parameters()),
        "facts": dict(facts),
    }
    with staged_folder(final, replace=True) as folder, explained(final):
        weights, codecs = _encoded(model, sparse)
        write_tensors(weights, folder / WEIGHTS)
        if state is not None:
            write_tensors(state, folder / STATE)
        write_json(folder / FACTS, about | {"codecs": codecs})
        write_manifest(folder)
    return final


def find_checkpoint(model_folder: Path, which: str = "best") -> tuple[Checkpoint, list[Words]]:
    """The checkpoint asked for, verified; if it is damaged the one before it, with a remark that says so.

    Args:
        model_folder: `models/NAME`.
        which: `best` (the one that the newest calls so), `last`, or a step's number.

    Raises:
        StudioError: There is no checkpoint that is whole.
    """
    folders = checkpoint_folders(model_folder)
    if not folders:
        raise StudioError(
            "{name} has no checkpoint yet: its run was cut off before the first one. Resume it to begin again.",
            name=model_folder.name,
        )
    order = list(reversed(folders))
    if which == "best":
        order = _best_first(order)
    elif which != "last":
        wanted = [f for f in order if step_of(f) == int(which)] if is_step(which) else []
        if not wanted:
            steps = ", ".join(str(step_of(f)) for f in folders)
            raise StudioError(
                "{name} has no checkpoint {which}. There are: {steps}.", name=model_folder.name, which=which, steps=steps
            )
        order = wanted + [f for f in order if step_of(f) < int(which)]
    notes: list[Words] = []
    for folder in order:
        try:
            card = verified(folder)
        except StudioError:
            notes.append(words("The checkpoint of step {step:,} is damaged; an earlier one is used.", step=step_of(folder)))
            continue
        return Checkpoint(folder, step_of(folder), card), notes
    raise StudioError(
        "Every checkpoint of {name} is damaged: train it again or take it from a copy.", name=model_folder.name
    )


def load_model(checkpoint: Checkpoint) -> LanguageModel:
    """The model with its weights, in evaluation mode, on the processor.

    Raises:
        StudioError: The family is unknown to this version, or the weights do not fit it, or are no numbers.
    """
    card = checkpoint.card
    if card.family not in MODELS:
        raise StudioError("This model is of a kind that this version does not know: {kind}.", kind=card.family)
    config: Any = from_dict(MODELS[card.family].config, card.config)
    model = build_model(card.family, config, card.vocab_size)
    load_weights(model, checkpoint)
    if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
        raise StudioError(
            "The weights of step {step:,} in {folder} are not numbers any more (NaN or infinite): their training went wrong."
            " Use another checkpoint, or train the model again with a lower learning rate.",
            step=checkpoint.step,
            folder=checkpoint.path.parent.parent.name,
        )
    return model.eval()


def load_weights(model: LanguageModel, checkpoint: Checkpoint) -> None:
    """Fill `model` with a checkpoint's weights. Raises StudioError if they do not fit."""
    try:
        stored = load_file(checkpoint.path / WEIGHTS)
        tensors = {name: decode(codec, name, stored) for name, codec in checkpoint.card.codecs.items()}
        model.load_state_dict(tensors)
    except (KeyError, OSError, RuntimeError, SafetensorError, ValueError) as error:
        refuse_shortage(error)
        raise StudioError(
            "The weights in {folder} do not fit their own description.", folder=str(checkpoint.path)
        ) from error


def load_state(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The tensors training needs to go on. Raises StudioError if this checkpoint is only for talking."""
    path = checkpoint.path / STATE
    if not path.exists():
        raise StudioError("This checkpoint holds no training state: it can talk, but training cannot go on from it.")
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        refuse_shortage(error)
        raise damage(path) from error


def _encoded(model: LanguageModel, sparse: bool) -> tuple[dict[str, Tensor], dict[str, str]]:
    tensors: dict[str, Tensor] = {}
    codecs: dict[str, str] = {}
    for name, tensor in model.state_dict().items():
        codec, parts = encode(name, tensor.detach().to("cpu", torch.float32).contiguous(), sparse=sparse)
        codecs[name] = codec
        tensors |= parts
    return tensors, codecs


def write_tensors(tensors: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str] | None = None) -> None:
    """Write tensors to a new file, as safetensors. Raises OSError if the system refuses."""
    try:
        save_file({name: t.detach().to("cpu").contiguous() for name, t in tensors.items()}, path, metadata=metadata)
    except SafetensorError as error:  # the library wraps the operating system's refusal in its own text
        raise OSError(28 if "No space" in str(error) else 5, str(error)) from error


def _best_first(folders: list[Path]) -> list[Path]:
    """The same, newest first, with the best at their head.

    The newest that can be read knows the step of the best look so far. A loss that stands in a checkpoint decides only where
    that one is gone: earlier versions wrote the loss of an earlier step into it.
    """
    runs = {folder: _run_card(folder) for folder in folders}
    standing = next((run.standing for run in runs.values() if run.standing), {})
    best_step = standing.get("best_step") if standing.get("best_loss") is not None else None
    losses = {folder: run.val_loss for folder, run in runs.items()}
    known = {folder: math.inf if loss is None or math.isnan(loss) else loss for folder, loss in losses.items()}
    return sorted(folders, key=lambda folder: (step_of(folder) != best_step, known[folder]))


def _run_card(folder: Path) -> RunCard:
    try:
        return read_card(folder).run
    except StudioError:
        return RunCard()
