"""A checkpoint's card: what it says of itself in its `facts.json`, typed. The file is read here and nowhere else.

A model's recipe lies in the model's folder. Of it a checkpoint keeps two parts, so that it can be verified and loaded by
itself, and its run can go on whatever the recipe says by then: the shape, without which its tensors mean nothing, and the
settings of training as they were in force. The recipe tells what was wished: there `auto` may stand, or a time, which only
this computer turned into a number of steps; it may also have been changed since, while an older checkpoint is taken up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.checkpoint.folders import FACTS
from llmstudio.store.reading import read_json


class RunFile(TypedDict, total=False):
    """What a checkpoint's file holds of its run."""

    val_loss: float | None
    standing: dict[str, float | None]
    training: dict[str, Any]
    pruning: dict[str, Any]
    said: list[str]


class _Elsewhere(TypedDict, total=False):
    """What only newer versions say of it."""

    tensors: list[str]
    model: str
    name: str


class BaseFile(_Elsewhere):
    """What a checkpoint says of the one that holds the rest of its tensors."""

    step: int
    hash: str


class _Changed(TypedDict, total=False):
    """What only a changed model has in it."""

    changes: list[dict[str, Any]]
    base: BaseFile


class CheckpointFile(_Changed):
    """A checkpoint's `facts.json`."""

    kind: str
    config: dict[str, Any]
    vocab_size: int
    step: int
    parameters: int
    codecs: dict[str, str]
    facts: RunFile


@dataclass(frozen=True)
class RunCard:
    """What a checkpoint keeps of the run that wrote it.

    Attributes:
        told: Everything, as the run told it, to be handed on.
        val_loss: Validation loss of these very weights; None if they were not measured.
        standing: How far the run had come, by name; empty in checkpoints that are only to be talked to.
        training: Settings of training by name, as plain values.
        pruning: How the weights were pruned, as plain values; empty if they were not.
        said: Templates of what the task had said of looks.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    val_loss: float | None = None
    standing: Mapping[str, float | None] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    pruning: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Base:
    """The checkpoint that holds the tensors which have stayed as they were: the first of the same run, or another model's.

    Attributes:
        step: Its step.
        hash: SHA-256 of its weights.
        tensors: Names of the tensors that are read from it; empty in files of earlier versions, for all but the own ones.
        model: Id of the model that it is of; empty if it is of the same.
        name: What that model was called then.
    """

    step: int
    hash: str
    tensors: tuple[str, ...] = ()
    model: str = ""
    name: str = ""

    def to_file(self) -> BaseFile:
        """As it is kept in a file."""
        kept: BaseFile = {"step": self.step, "hash": self.hash, "tensors": list(self.tensors)}
        return kept | {"model": self.model, "name": self.name} if self.model else kept


@dataclass(frozen=True)
class CheckpointCard:
    """What a checkpoint says of itself.

    Attributes:
        family: The model's architecture: a name in `MODELS`, or one that only a newer version knows.
        config: Settings of its shape by name, as plain values.
        vocab_size: Tokens that it knows.
        step: Optimizer steps that it has behind it.
        parameters: Numbers that it learned.
        codecs: How each tensor is stored, by its name.
        run: What it keeps of its run.
        changes: What was done to the model after its family had built it.
        base: Where the tensors lie that are not in its own file; None if all are.
    """

    family: str
    config: Mapping[str, Any]
    vocab_size: int
    step: int
    parameters: int
    codecs: Mapping[str, str]
    run: RunCard
    changes: tuple[Recorded, ...] = ()
    base: Base | None = None

    @property
    def is_quantized(self) -> bool:
        """Whether matrices are kept as integers with scales."""
        return any(codec.endswith("grid") for codec in self.codecs.values())


def read_card(folder: Path) -> CheckpointCard:
    """What a checkpoint says of itself, in the right types. Raises StudioError if it is missing or damaged."""
    kept: CheckpointFile = read_json(folder / FACTS, CheckpointFile)
    return CheckpointCard(
        family=kept["kind"],
        config=kept["config"],
        vocab_size=kept["vocab_size"],
        step=kept["step"],
        parameters=kept["parameters"],
        codecs=kept["codecs"],
        run=read_run_card(kept["facts"]),
        changes=tuple(kept.get("changes", ())),
        base=_read_base(kept["base"]) if "base" in kept else None,
    )


def _read_base(kept: BaseFile) -> Base:
    elsewhere = kept.get("model", ""), kept.get("name", "")
    return Base(kept["step"], kept["hash"], tuple(kept.get("tensors", ())), *elsewhere)


def read_run_card(told: RunFile) -> RunCard:
    """What a checkpoint keeps of its run."""
    return RunCard(
        told=dict(told),
        val_loss=told.get("val_loss"),
        standing=told.get("standing", {}),
        training=told.get("training", {}),
        pruning=told.get("pruning", {}),
        said=tuple(told.get("said", ())),
    )
