"""A model's card: everything that it says of itself in its own files, typed. They are read here and nowhere else.

First what lies on disk (`...File`, compared with the file before anything is read from it), then what the program works
with. What an early version did not keep has a default; what a newer one keeps beside is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from llmstudio.core.typed import matches
from llmstudio.core.words import Words, from_kept
from llmstudio.store.lineage import GROWN, MADE_SMALLER, Lineage, Parent, ParentFile, Step, StepFile, read_lineage

_FAMILY = "decoder"  # of a recipe that names none
_USUAL_RATE = "0.003"  # proposed where a run that left all bounds kept no rate

# What lies on disk


class RecipeFile(TypedDict, total=False):
    """A recipe, typed as far as lists look into it; it lies in a file of its own."""

    kind: str
    task_name: str
    model: dict[str, Any]
    training: dict[str, Any]
    preset: str


class ResultFile(TypedDict, total=False):
    """How a run ended, or what pruning did."""

    steps: int
    train_loss: float | None
    val_loss: float | None
    bits_per_byte: float | None
    tokens_per_second: float | None
    seconds: float | None
    peak_bytes: float | None
    predicted_peak_bytes: float | None
    parameters: int
    ended_early: bool
    sparsity: float
    nonzeros: int
    zeros: int
    prunable: int
    bits_per_byte_before: float | None
    bits_per_byte_after: float | None
    masked_accuracy_before: float | None
    masked_accuracy_after: float | None
    val_loss_after: float | None


class WordsFile(TypedDict):
    """A sentence: its template and what stands in its places."""

    template: str
    values: dict[str, str | int | float | WordsFile]


class DivergedFile(TypedDict, total=False):
    """How a run left all bounds: what was said (early versions kept plain English), and the rate that was proposed."""

    message: str | WordsFile
    proposed_rate: str


class _Named(TypedDict):
    name: str
    time: float


class GoneFile(TypedDict):
    """Who dropped out of a race before it was a model."""

    name: str
    recipe: dict[str, Any]
    tokenizer: str
    out: WordsFile
    parameters: int
    weight_bytes: int
    seconds: float
    steps: int
    tokens_per_second: float


class PlannedFile(TypedDict):
    """Who takes part in a race that is not over."""

    name: str
    recipe: dict[str, Any]
    tokenizer: str


class RaceFile(_Named, total=False):
    """The race a model ran in, and who of the others dropped out before it was a model."""

    yardstick: float | None
    weight_bytes: int
    tokens_per_second: float
    parameters: int
    seconds: float
    steps: int
    out: WordsFile | None
    gone: list[GoneFile]
    runner: int
    budget: dict[str, float]
    plan: list[PlannedFile]


class HadReadFile(TypedDict):
    """Of a model whose weights a run begins with: how it had learned, and from what."""

    recipe: RecipeFile
    made_from: dict[str, ParentFile]


class ModelFile(TypedDict, total=False):
    """A model: what it was grown by, how its run stands, its race, how it came to be."""

    hash: str
    state: str
    recipe: RecipeFile
    result: ResultFile | None
    race: RaceFile
    pruning: dict[str, Any]
    lineage: list[StepFile]
    diverged: DivergedFile
    changes: list[dict[str, Any]]
    computing: str | WordsFile
    versions: dict[str, str]
    asked: str
    parent_had_read: HadReadFile | None
    teacher: ParentFile


# What the program works with


@dataclass(frozen=True)
class RecipeCard:
    """A model's recipe in short, for lists: a setting that this version does not know harms nobody here.

    Attributes:
        whole: All of it, as plain values.
    """

    whole: RecipeFile = field(default_factory=RecipeFile)

    @property
    def family(self) -> str:
        """A name in `MODELS`, or one that only a newer version knows."""
        return self.whole.get("kind", _FAMILY)

    @property
    def task(self) -> str:
        """What it is trained for, a name in `TASKS`; empty for the family's usual task."""
        return self.whole.get("task_name", "")

    @property
    def has_clock(self) -> bool:
        """Whether time is the run's limit, and not a number of steps."""
        return bool(self.whole.get("training", {}).get("max_seconds"))


@dataclass(frozen=True)
class Result:
    """What came out when a model was made.

    Attributes:
        told: Everything, as the job's last event told it, to be handed on.
        figures: What of it is a number, of the weights that are kept: by the name of a score, on all of the validation text.
        figures_before: Of the model that it was pruned from, what was measured of both.
        steps: Optimizer steps of its run; 0 if it had none.
        seconds: What these took, and the looks between them, and making up texts before the first.
        parameters: Numbers that it learns; 0 if not known.
        sparsity: Share of zeros among the weights that may go.
        ended_early: Whether its run made no more progress.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    figures_before: Mapping[str, float] = field(default_factory=dict)
    steps: int = 0
    seconds: float = 0.0
    parameters: int = 0
    sparsity: float = 0.0
    ended_early: bool = False

    @property
    def bits_per_byte(self) -> float | None:
        """None if it was not measured."""
        return self.figures.get("bits_per_byte")

    @property
    def val_loss(self) -> float | None:
        """In nats a token; None if it was not measured."""
        return self.figures.get("val_loss")


@dataclass(frozen=True)
class Diverged:
    """How a run left all bounds: what was said, and the learning rate that was proposed."""

    message: Words = field(default_factory=lambda: Words(""))
    proposed_rate: str = _USUAL_RATE


@dataclass(frozen=True)
class Planned:
    """Who takes part in a race: the model's name, its recipe as plain values, the tokenizer's name."""

    name: str
    recipe: Mapping[str, Any]
    tokenizer: str


@dataclass(frozen=True)
class DroppedOut(Planned):
    """Who dropped out of a race before it was a model, why, and how far it had come."""

    out: Words
    parameters: int
    weight_bytes: int
    seconds: float
    steps: int
    tokens_per_second: float


@dataclass(frozen=True)
class RaceCard:
    """The race that a model ran in.

    Attributes:
        name: What it is called.
        time: When it began, in seconds since 1970.
        runner: The model's number in it; -1 if that was not kept.
        budget: What all runners have alike, by name.
        yardstick: Bits per byte of a model that only counts; None if nobody counted.
        parameters: Numbers that the model learns; 0 if not kept.
        weight_bytes: What these take in memory while it learns; 0 if not kept.
        out: Why it dropped out; None if it did not.
        gone: Runners that dropped out before they were models.
        plan: All runners, by number, while the race is not over; else nobody.
    """

    name: str
    time: float
    runner: int = -1
    budget: Mapping[str, float] = field(default_factory=dict)
    yardstick: float | None = None
    parameters: int = 0
    weight_bytes: int = 0
    out: Words | None = None
    gone: tuple[DroppedOut, ...] = ()
    plan: tuple[Planned, ...] = ()

    def shared(self) -> dict[str, Any]:
        """What all models of the race are told of it, as plain values, while it is not over."""
        plan = [{"name": one.name, "recipe": dict(one.recipe), "tokenizer": one.tokenizer} for one in self.plan]
        return {
            "name": self.name,
            "budget": dict(self.budget),
            "yardstick": self.yardstick,
            "time": self.time,
            "plan": plan,
        }


@dataclass(frozen=True)
class ModelCard:
    """What a model says of itself.

    Attributes:
        hash: Of the weights that chat, export and pruning take; empty before the first checkpoint.
        state: How its run stands, as its program last wrote it; empty if it never did.
        recipe: What it was grown by.
        lineage: The steps by which it came to be, the oldest first.
        result: What came out when it was made; None while that is not over.
        race: The race that it ran in; None if it ran in none.
        diverged: How its run left all bounds; None if it never did.
        changes: Settings that were changed when its run went on, each with the step from which on they hold.
        computing: In which numbers and with how many threads it computed, and why; empty if that was not kept.
        asked: What its run was asked for, as one hash; empty if that was not kept.
        parent_had_read: How the model that it began from had learned then, and from what; None where its run does not ask.
        teacher: Whose guesses its run learns from; None where it has no teacher.
    """

    hash: str = ""
    state: str = ""
    recipe: RecipeCard = field(default_factory=RecipeCard)
    lineage: Lineage = (Step(GROWN),)
    result: Result | None = None
    race: RaceCard | None = None
    diverged: Diverged | None = None
    changes: tuple[Mapping[str, Any], ...] = ()
    computing: Words = field(default_factory=lambda: Words(""))
    asked: str = ""
    parent_had_read: HadReadFile | None = None
    teacher: ParentFile | None = None

    @property
    def family(self) -> str:
        """Its architecture: a name in `MODELS`, or one that only a newer version knows."""
        return self.recipe.family

    @property
    def last_step(self) -> Step:
        """What made it."""
        return self.lineage[-1]

    @property
    def is_pruned(self) -> bool:
        """Whether it was made by pruning, of weights or of whole units, or by quantising: it holds weights alone, and no run
        of its own can go on.
        """
        return self.last_step.verb in MADE_SMALLER


def read_model_card(kept: ModelFile, parent: Parent | None) -> ModelCard:
    """The card of a model whose file holds these facts and that was made from this other model, if from any."""
    result = kept.get("result")
    diverged = kept.get("diverged")
    return ModelCard(
        hash=kept.get("hash", ""),
        state=kept.get("state", ""),
        recipe=RecipeCard(kept.get("recipe", {})),
        lineage=read_lineage(kept.get("lineage", ()), kept.get("pruning", {}), parent),
        result=_read_result(result) if result else None,
        race=_read_race(kept["race"]) if "race" in kept else None,
        diverged=_read_diverged(diverged) if diverged is not None else None,
        changes=tuple(kept.get("changes", ())),
        computing=from_kept(kept.get("computing", "")),
        asked=kept.get("asked", ""),
        parent_had_read=kept.get("parent_had_read"),
        teacher=kept.get("teacher"),
    )


def _read_result(told: Mapping[str, Any]) -> Result:
    numbers = {name: float(value) for name, value in told.items() if matches(value, float) and not math.isnan(value)}
    before, after = _ending("_before", numbers), _ending("_after", numbers)
    return Result(
        told=told,
        figures=numbers | after,
        figures_before=before,
        steps=int(told.get("steps") or 0),
        seconds=float(told.get("seconds") or 0.0),
        parameters=int(told.get("parameters") or 0),
        sparsity=numbers.get("sparsity", 0.0),
        ended_early=bool(told.get("ended_early")),
    )


def _ending(end: str, numbers: Mapping[str, float]) -> dict[str, float]:
    """Those whose names end so, by the names without it."""
    return {name.removesuffix(end): value for name, value in numbers.items() if name.endswith(end)}


def _read_diverged(kept: DivergedFile) -> Diverged:
    return Diverged(from_kept(kept.get("message", "")), kept.get("proposed_rate", _USUAL_RATE))


def _read_race(kept: RaceFile) -> RaceCard:
    out = kept.get("out")
    return RaceCard(
        name=kept["name"],
        time=float(kept["time"]),
        runner=kept.get("runner", -1),
        budget=kept.get("budget", {}),
        yardstick=kept.get("yardstick"),
        parameters=kept.get("parameters", 0),
        weight_bytes=kept.get("weight_bytes", 0),
        out=from_kept(out) if out is not None else None,
        gone=_read_gone(kept.get("gone", ())),
        plan=tuple(Planned(one["name"], one["recipe"], one["tokenizer"]) for one in kept.get("plan", ())),
    )


def _read_gone(kept: Sequence[GoneFile]) -> tuple[DroppedOut, ...]:
    return tuple(
        DroppedOut(
            one["name"],
            one["recipe"],
            one["tokenizer"],
            from_kept(one["out"]),
            one["parameters"],
            one["weight_bytes"],
            one["seconds"],
            one["steps"],
            one["tokens_per_second"],
        )
        for one in kept
    )
