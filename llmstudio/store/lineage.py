"""Where an item comes from: what it remembers of each parent and, for a model, the steps by which it came to be.

    scratch --grown--> Tales --pruned--> Tales small --grown--> Tales small 2

A step names the model that it began from, so the names are in the lineage of every descendant, also when the model in
between has been deleted. Models of early versions know only their last step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

GROWN, PRUNED, COMPACTED, QUANTIZED = "grown", "pruned", "compacted", "quantized"
MADE_SMALLER = PRUNED, COMPACTED, QUANTIZED
"""Steps that make a model of another one's weights, without learning."""


class ParentFile(TypedDict, total=False):
    """What an item's file says of a parent."""

    id: str
    name: str
    hash: str
    step: str


class _Verb(TypedDict):
    verb: str


class StepFile(_Verb, total=False):
    """What a model's file says of a step of its lineage."""

    parent: ParentFile
    settings: dict[str, Any]


@dataclass(frozen=True)
class Parent:
    """What an item remembers of one that it was made from, also when that is gone.

    Attributes:
        id: Its id, which never changes; empty if it is not known.
        name: What it was called then.
        hash: Of its contents then; of a model, of the weights that were taken.
        step: Of a model, the step of these weights; empty for its best.
    """

    id: str = ""
    name: str = ""
    hash: str = ""
    step: str = ""

    def to_file(self) -> ParentFile:
        """As it is kept in a file."""
        kept: ParentFile = {"id": self.id, "name": self.name, "hash": self.hash}
        if self.step:
            kept["step"] = self.step
        return kept


@dataclass(frozen=True)
class Step:
    """One thing that was done to make a model.

    Attributes:
        verb: `GROWN`, `PRUNED`, `COMPACTED`, `QUANTIZED`, or a word of a newer version.
        parent: The model whose weights it began from; None for random ones.
        settings: How it was done, as plain values; empty for growing, which the model's recipe tells.
    """

    verb: str
    parent: Parent | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_file(self) -> StepFile:
        """As it is kept in a file."""
        kept: StepFile = {"verb": self.verb}
        if self.parent is not None:
            kept["parent"] = self.parent.to_file()
        if self.settings:
            kept["settings"] = dict(self.settings)
        return kept


Lineage = tuple[Step, ...]


def read_parents(made_from: Mapping[str, ParentFile]) -> dict[str, Parent]:
    """Parents by role, from an item's file."""
    return {role: Parent(**parent_values(kept)) for role, kept in made_from.items()}


def parent_values(kept: ParentFile) -> dict[str, str]:
    """What this version knows of a parent's values; a newer one may have kept more."""
    values: Mapping[str, Any] = kept
    return {name: str(values[name]) for name in ParentFile.__annotations__ if name in values}


def read_lineage(kept: Sequence[StepFile], pruning: Mapping[str, Any], parent: Parent | None) -> Lineage:
    """A model's steps, the oldest first; the last is the one that made it.

    Args:
        kept: As its file has them; empty in files of early versions.
        pruning: How the model was pruned; empty if it was not.
        parent: The model that it was made from.
    """
    if not kept:
        return (Step(PRUNED if pruning else GROWN, parent, pruning),)
    return tuple(
        Step(step["verb"], Parent(**parent_values(step["parent"])) if "parent" in step else None, step.get("settings", {}))
        for step in kept
    )


def lineage_file(steps: Sequence[Step]) -> list[StepFile]:
    """Steps as they are kept in a model's file."""
    return [step.to_file() for step in steps]
