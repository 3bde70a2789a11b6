"""What a job may say while it runs: a closed set of frozen dataclasses.

A job is a function `job(..., *, stop) -> Iterator[Event]`. Events hold numbers, strings, lists, dicts of those, `Words`
and numpy arrays, never a tensor, a module or an exception, so that `to_json` and `from_json` carry them to a log or to
another process unchanged. The outermost job ends its stream in exactly one of `Finished`, `Stopped`, `Failed`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from llmstudio.core.errors import Remedy
from llmstudio.core.typed import made
from llmstudio.core.words import Words

Number = int | float


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every event carries.

    Attributes:
        job: Name of the job that speaks: `train`.
        parents: The jobs that it is a part of, the outermost first: (`tour`,) for the training of a tour.
        step: The job's own count of steps so far.
        time: Seconds since the epoch.
    """

    job: str = ""
    parents: tuple[str, ...] = ()
    step: int = 0
    time: float = field(default_factory=time.time)

    @property
    def path(self) -> tuple[str, ...]:
        """Names from the outermost job down to the one that speaks: `("tour", "train")`; empty if nobody gave a name."""
        return (*self.parents, self.job) if self.job else self.parents


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """A job begins. `title` says what it does, `item` is the name of what it makes, `total` its steps if known."""

    title: Words
    item: str = ""
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """`done` of `total` (None if unknown) `unit`s; `remaining_s` seconds left if known; `details` for the face to draw."""

    what: Words
    done: Number
    total: Number | None = None
    unit: str = ""
    remaining_s: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrainStep(Event):
    """One optimizer step.

    Attributes:
        loss: Training loss of this step's rows, weighted mean, nats a token.
        learning_rate: Step size used (of the main group).
        grad_norm: Global gradient norm before clipping.
        tokens: Tokens seen since the run began.
        tokens_per_second: Over the recent steps.
        remaining_s: Seconds left, by the recent pace.
        memory: Bytes by kind; empty on steps where it was not measured. Keys: process, base, weights, gradients,
            optimizer, activations, gpu.
        parts: Named parts of the loss (a VAE's KL, for instance), and the share of weights that are zero as `sparsity`.
        total: Steps planned; a run of so many seconds plans anew as it goes.
        seconds: What the run has taken itself so far, over all sittings: no breaks between them, no pauses, no sleep.
    """

    loss: float
    learning_rate: float
    grad_norm: float
    tokens: int
    tokens_per_second: float
    remaining_s: float | None = None
    memory: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)
    total: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """A measurement on held-out text.

    Attributes:
        split: Which part was read.
        figures: By name: loss, perplexity, bits_per_byte, tokens.
        is_best: Whether these are the best weights so far.
        is_whole: Whether all of the part was read, and not a sample of it.
        of_step: Step of the weights that were measured, where they are not those of `step`.
    """

    split: str
    figures: Mapping[str, float]
    is_best: bool = False
    is_whole: bool = False
    of_step: int | None = None

    @property
    def weights_step(self) -> int:
        """Step of the weights that were measured: where these figures belong on a curve or in a table."""
        return self.step if self.of_step is None else self.of_step


@dataclass(frozen=True, kw_only=True)
class Sampled(Event):
    """Text that the model wrote on from `prompt`, as it stands at this step."""

    prompt: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """Something is safely on disk, at `location`: its `kind` (corpus, tokenizer, dataset, model, checkpoint, chat), name."""

    kind: str
    name: str
    location: str
    num_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """A remark worth reading: a setting without effect, lines skipped. `level` is info or warning; `remedies` are ways out
    that a face can offer as buttons; `details` are the figures behind it, for other programs.
    """

    message: Words
    level: str = "info"
    remedies: tuple[Remedy, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Piece(Event):
    """A piece of generated text: whole characters only, with the ids it came from and the pace so far."""

    text: str
    ids: list[int] = field(default_factory=list)
    tokens: int = 0
    tokens_per_second: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """The job is done; `result` holds its figures."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stopped(Event):
    """The job was asked to stop and did; `result` says what was kept."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """The job could not go on: a sentence, remedies, and a report a person may copy (empty for plain mistakes).

    `paths` names the settings that the error belongs to, as `StudioError.paths` does.
    """

    message: Words
    remedies: tuple[Remedy, ...] = ()
    report: str = ""
    paths: tuple[str, ...] = ()


EVENTS: dict[str, type[Event]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind
    for kind in (Started, Progress, TrainStep, Evaluated, Sampled, Saved, Noted, Piece, Finished, Stopped, Failed)
}
EVENT_NAMES = {kind: name for name, kind in EVENTS.items()}
ENDS = (Finished, Stopped, Failed)
_AS_WRITTEN = {"location": "path"}
"""Fields that logs and other programs know by another name."""


def as_written(event: Event) -> dict[str, Any]:
    """The event's name in snake case and its fields, as logs and other programs know them: `"job"` is `"tour/train"`."""
    values = {_AS_WRITTEN.get(f.name, f.name): getattr(event, f.name) for f in fields(event) if f.name != "parents"}
    return {"event": EVENT_NAMES[type(event)]} | values | {"job": "/".join(event.path)}


def to_json(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, by the names of `as_written`."""
    return {name: _plain(value) for name, value in as_written(event).items()}


def from_json(data: Mapping[str, Any]) -> Event:
    """Inverse of `to_json`.

    Raises:
        KeyError: It is no event that this version knows.
        TypeError, ValueError: Something in it is of another type.
    """
    kind = EVENTS[data["event"]]
    written = {f.name: _AS_WRITTEN.get(f.name, f.name) for f in fields(kind) if f.name != "parents"}
    values = {name: _rich(data[key]) for name, key in written.items() if key in data}
    if isinstance(path := values.get("job"), str):
        *parents, values["job"] = path.split("/")
        values["parents"] = tuple(parents)
    for name in {"remedies", "paths"} & values.keys():
        values[name] = tuple(values[name])
    return made(kind, values)


def inside(parent: str, events: Iterator[Event]) -> Generator[Event, None, Finished | Stopped]:
    """Pull a job as a part of another: `end = yield from` this function's result.

    Paths gain the parent's name. The part's last event is returned, not yielded: only the outermost job ends a stream.
    Closing the whole closes the part.
    """
    end: Finished | Stopped | None = None
    try:
        for event in events:
            assert end is None, "a job went on after its end"
            if isinstance(event, Finished | Stopped):
                end = event  # pulled on to its real end, so that what it does last is done
            else:
                yield replace(event, parents=(parent, *event.parents)) if event.job else replace(event, job=parent)
    finally:
        if isinstance(events, Generator):
            events.close()
    assert end is not None, "a job ended without saying so"
    return end


def _plain(value: Any) -> Any:
    match value:
        case Words():
            return {"template": value.template, "values": {k: _plain(v) for k, v in value.values.items()}}
        case Remedy():
            return {"action": value.action, "label": _plain(value.label), "target": value.target, "value": value.value}
        case np.ndarray():
            return {"dtype": str(value.dtype), "shape": list(value.shape), "array": value.ravel().tolist()}
        case np.generic():
            return value.item()
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value


def _rich(value: Any) -> Any:
    match value:
        case {"template": str(template), "values": dict(values)} if len(value) == 2:
            return made(Words, {"template": template, "values": {k: _rich(v) for k, v in values.items()}})
        case {"action": action, "label": label, "target": target, "value": text} if len(value) == 4:
            return made(Remedy, {"action": action, "label": _rich(label), "target": target, "value": text})
        case {"dtype": dtype, "shape": shape, "array": array} if len(value) == 3:
            if np.dtype(dtype).kind not in "biuf":
                raise TypeError(f"{dtype} is no type of numbers")
            return np.array(array, dtype=dtype).reshape(shape)
        case dict():
            return {k: _rich(v) for k, v in value.items()}
        case list():
            return [_rich(v) for v in value]
        case _:
            return value
