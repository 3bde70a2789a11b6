"""Before a model is made smaller: what arithmetic says of a setting, and which units would go.

None of this saves anything. Both need the weights, so they load torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import dataset_of, recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.models.shrinking.shapes import PARTS, count
from llmstudio.core.sparsity.structured.config import CompactConfig, counts_kept, outlook, told_counts
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

_JOB = "look"


@dataclass(frozen=True)
class Foretold:
    """What making a model smaller would leave, by arithmetic.

    Attributes:
        model: Which.
        config: How.
        refused: Why units of a kind cannot be taken away from this model, by kind; those that can are left out.
        absent: Those of them of which the family has none at all.
        problem: Why nothing can be done with this setting; None if it can.
        units: By kind how many there are and how many would stay.
        parameters: Weights before and after.
        file_bytes: Of the file before, and about how many after.
    """

    model: str
    config: CompactConfig
    refused: Mapping[str, Words] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    problem: Words | None = None
    units: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    parameters: tuple[int, int] = (0, 0)
    file_bytes: tuple[int, int] = (0, 0)

    @property
    def possible(self) -> tuple[str, ...]:
        """The kinds of units that can be taken away."""
        return tuple(part for part in PARTS if part not in self.refused)


@dataclass(frozen=True)
class UnitScores:
    """How much the units of one place matter.

    Attributes:
        name: Of the place, such as `layers.0.heads`.
        part: The kind of its units, a name in `PARTS`.
        scores: One a unit; the lowest go first.
        stays: Units that must stay.
        shared: How many units of the model's shape one of these stands for.
    """

    name: str
    part: str
    scores: tuple[float, ...]
    stays: tuple[int, ...] = ()
    shared: int = 1

    def kept(self, left: int) -> frozenset[int]:
        """Which of them stay where `left` of the shape do: the same ones as when the model is made."""
        order = sorted(range(len(self.scores)), key=lambda unit: (unit not in self.stays, -self.scores[unit], unit))
        return frozenset(order[: left // self.shared])


def foretell(project: Project, model: str, config: CompactConfig) -> Foretold:
    """Count what would stay of a model's best checkpoint. Milliseconds for one that is in memory.

    Raises:
        StudioError: No such model, or no whole checkpoint.
    """
    for _ in load_engine():
        pass
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.shrinking.shrink import refuse

    loaded = load(project, model)
    refused: dict[str, Words] = {}
    for part in PARTS:
        try:
            refuse(loaded.model, part)
        except StudioError as error:
            refused[part] = error.words
    shape, whole = loaded.model.config, weights_bytes(loaded.path)
    found = Foretold(model, config, refused, tuple(part for part in PARTS if not count(shape, part)))
    problem = next((refused[part] for part in config.parts if part in refused), None)
    if problem is None and len(refused) == len(PARTS):
        problem = words("Nothing of this model can be taken away so that the rest computes as before.")
    if problem is not None:
        return replace(found, problem=problem)
    try:
        counts = counts_kept(shape, config)
        sizes = outlook(shape, config, loaded.model.vocab_size, changes=loaded.model.changes)
    except StudioError as error:
        return replace(found, problem=error.words)
    units = {part: (both[0], both[1]) for part, both in told_counts(shape, counts).items()}
    file_bytes = (whole, round(whole * sizes[1] / max(1, sizes[0])))
    return replace(found, units=units, parameters=sizes, file_bytes=file_bytes)


def look_at_units(project: Project, model: str, *, config: CompactConfig, stop: Stop) -> Iterator[Event]:
    """Score every unit of the kinds in `config` as making the model smaller would; nothing is changed.

    Result: model, places: name, part, scores, stays, shared of each.

    Raises:
        StudioError: No such model, it cannot lose such units, or what it learned from is gone and the choice asks for it.
    """
    from llmstudio.core.sparsity.structured.choice import asks_for_text, scored

    yield Started(job=_JOB, title=words("Looking at the units of {name}", name=model), item=model)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    task = None
    if asks_for_text(config):
        data = yield from dataset_of(project, full.about, job=_JOB, stop=stop)
        if data is None:
            yield Stopped(job=_JOB)
            return
        task = recipe_of(full.about).make_task(data, full.tokenizer)
    steps = scored(full.model, config, task)
    while not stop.requested:
        try:
            done, total = next(steps)
        except StopIteration as end:
            places, scores = end.value
            told = [
                UnitScores(one.name, one.part, tuple(scores[one.name].tolist()), tuple(sorted(one.stays)), one.shared)
                for one in places
            ]
            yield Finished(job=_JOB, result={"model": model, "places": [_to_plain(one) for one in told]})
            return
        yield Progress(job=_JOB, what=words("Looking at what each unit does"), done=done, total=total, unit="tokens")
    yield Stopped(job=_JOB)


def _to_plain(one: UnitScores) -> dict[str, Any]:
    return {
        "name": one.name,
        "part": one.part,
        "scores": list(one.scores),
        "stays": list(one.stays),
        "shared": one.shared,
    }


def units_told(result: Mapping[str, Any]) -> list[UnitScores]:
    """The places that `look_at_units` told of."""
    return [
        UnitScores(one["name"], one["part"], tuple(one["scores"]), tuple(one["stays"]), one["shared"])
        for one in result["places"]
    ]
