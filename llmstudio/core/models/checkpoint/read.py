"""Reading a checkpoint: the one that is asked for, or the whole one before it, and the model with its weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes.lora import merge
from llmstudio.core.models.checkpoint.bases import BaseLost, base_folder
from llmstudio.core.models.checkpoint.card import CheckpointCard, RunCard, read_card
from llmstudio.core.models.checkpoint.codecs import CODECS
from llmstudio.core.models.checkpoint.folders import (
    STATE,
    WEIGHTS,
    checkpoint_folders,
    is_step,
    step_of,
)
from llmstudio.core.models.checkpoint.verification import num_parameters, verified
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.earlier import read_shape
from llmstudio.core.shortage import refuse_shortage
from llmstudio.core.words import Words, words
from llmstudio.store.reading import damage


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint: its folder, its step, and what it says of itself."""

    path: Path
    step: int
    card: CheckpointCard

    @property
    def base(self) -> Path | None:
        """The folder of the checkpoint that holds the rest of its tensors; None if it holds all."""
        return None if self.card.base is None else base_folder(self.path, self.card.base)


def find_checkpoint(model_folder: Path, which: str = "best") -> tuple[Checkpoint, list[Words]]:
    """The checkpoint asked for, verified; if it is damaged another, with a remark that says which.

    Args:
        model_folder: `models/NAME`.
        which: `best` (the one that the newest calls so), `last`, or a step's number.

    Raises:
        StudioError: There is no checkpoint that is whole, or what it keeps beside another model's is not to be had.
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
    damaged: list[int] = []
    for folder in order:
        try:
            card = verified(folder)
        except BaseLost:  # the others lack it as well
            raise
        except StudioError:
            damaged.append(step_of(folder))
            continue
        used = step_of(folder)  # not always an earlier one: of a damaged best it is the newest
        notes = [
            words("The checkpoint of step {step:,} is damaged; that of step {used:,} is used.", step=step, used=used)
            for step in damaged
        ]
        return Checkpoint(folder, used, card), notes
    raise StudioError(
        "Every checkpoint of {name} is damaged: train it again or take it from a copy.", name=model_folder.name
    )


def load_model(checkpoint: Checkpoint) -> LanguageModel:
    """The model with its weights, in evaluation mode, on the processor; what LoRA has learned is merged into them.

    Raises:
        StudioError: The family, or a change, is unknown to this version, or the weights do not fit it, or are no numbers.
        MemoryError: It is larger than this computer's memory.
    """
    card = checkpoint.card
    if card.family not in MODELS:
        raise StudioError("This model is of a kind that this version does not know: {kind}.", kind=card.family)
    if 4 * num_parameters(card) > _memory_bytes():  # zeros take next to nothing in a file: its size says little
        raise MemoryError(f"{checkpoint.path} holds a model that is larger than this computer's memory")
    config: Any = read_shape(card.family, card.config)
    model = build_model(card.family, config, card.vocab_size, changes=card.changes)
    load_weights(model, checkpoint)
    merge(model)
    if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
        raise StudioError(
            "The weights of step {step:,} in {folder} are not numbers any more (NaN or infinite): their training went wrong."
            " Use another checkpoint, or train the model again with a lower learning rate.",
            step=checkpoint.step,
            folder=checkpoint.path.parent.parent.name,
        )
    return model.eval()


def _memory_bytes() -> int:
    """Of this computer, in all."""
    return int(psutil.virtual_memory().total)


def load_weights(model: LanguageModel, checkpoint: Checkpoint) -> None:
    """Fill `model` with a checkpoint's weights. Raises StudioError if they do not fit."""
    try:
        tensors: dict[str, Tensor] = {}
        if (base := checkpoint.base) is not None and checkpoint.card.base is not None:
            under = read_card(base)
            tensors = _decoded(base, under, checkpoint.card.base.tensors or under.codecs)
        model.load_state_dict(tensors | _decoded(checkpoint.path, checkpoint.card, checkpoint.card.codecs))
    except (KeyError, OSError, RuntimeError, SafetensorError, ValueError) as error:
        refuse_shortage(error)
        raise StudioError(
            "The weights in {folder} do not fit their own description.", folder=str(checkpoint.path)
        ) from error


def weights_bytes(folder: Path) -> int:
    """Bytes of the files that hold a checkpoint's weights. Raises StudioError if it does not say what they are."""
    base = read_card(folder).base
    folders = [folder] if base is None else [folder, base_folder(folder, base)]
    return sum((one / WEIGHTS).stat().st_size for one in folders)


def _decoded(folder: Path, card: CheckpointCard, names: Iterable[str]) -> dict[str, Tensor]:
    stored = load_file(folder / WEIGHTS)
    return {name: CODECS[card.codecs[name]].decode(name, stored) for name in names}


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
