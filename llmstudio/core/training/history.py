"""What a run said, on disk: `steps-WIDTH.bin` holds its steps as fixed-width records, `events.jsonl` the rest, a line each.

A million steps are one read of 100 MB, and a program that dies leaves at worst half a record or half a line at the end,
which reading leaves out. Steps are rounded to `STEP`'s precision; whoever draws a living run should keep it in `STEP`
records too (`record`), so that a run looks the same when it is opened again.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Noted, Piece, Progress, TrainStep, from_json, to_json
from llmstudio.core.words import words
from llmstudio.store.files import explained, write_bytes
from llmstudio.store.reading import damage_told, parse_json, read_bytes, regular_only

EVENTS_FILE = "events.jsonl"
MEMORY_KINDS = ("process", "base", "weights", "gradients", "optimizer", "activations", "gpu")
PARTS = ("reconstruction", "kl", "kl_weight")
NOT_MEASURED = -1
_BREAK_S = 60.0  # longer than a look and a checkpoint of what fits a small computer

STEP = np.dtype(
    [
        ("step", "<i8"),
        ("time", "<f8"),
        ("loss", "<f4"),
        ("learning_rate", "<f4"),
        ("grad_norm", "<f4"),
        ("tokens", "<i8"),
        ("tokens_per_second", "<f4"),
        ("remaining_s", "<f4"),
        ("seconds", "<f8"),
        *((part, "<f4") for part in PARTS),
        *((kind, "<i8") for kind in MEMORY_KINDS),
    ]
)
"""One step: the fields of `TrainStep`, bytes by kind (`NOT_MEASURED` where they were not). What has no value is NaN: seconds
left that are unknown, and parts of a loss that is of one piece.
"""

# Named by the width of a record: a later layout is another file, and never mistaken for this one.
STEPS_FILE = f"steps-{STEP.itemsize}.bin"
_OLD_STEP = np.dtype([(name, STEP[name]) for name in STEP.names or () if name != "seconds"])
_OLD_FILE = f"steps-{_OLD_STEP.itemsize}.bin"
Steps = NDArray[np.void]


def record(event: TrainStep) -> tuple[Any, ...]:
    """A step as one row of `STEP`."""
    memory = (event.memory.get(kind, NOT_MEASURED) for kind in MEMORY_KINDS)
    remaining = np.nan if event.remaining_s is None else event.remaining_s
    pace = (event.tokens, event.tokens_per_second, remaining, event.seconds)
    parts = (event.parts.get(part, np.nan) for part in PARTS)
    return (event.step, event.time, event.loss, event.learning_rate, event.grad_norm, *pace, *parts, *memory)


def step_event(row: np.void, *, job: str = "train") -> TrainStep:
    """Inverse of `record`, to the precision of `STEP`."""
    memory = {kind: int(row[kind]) for kind in MEMORY_KINDS if row[kind] != NOT_MEASURED}
    remaining = float(row["remaining_s"])
    return TrainStep(
        job=job,
        step=int(row["step"]),
        time=float(row["time"]),
        loss=float(row["loss"]),
        learning_rate=float(row["learning_rate"]),
        grad_norm=float(row["grad_norm"]),
        tokens=int(row["tokens"]),
        tokens_per_second=float(row["tokens_per_second"]),
        remaining_s=None if np.isnan(remaining) else remaining,
        memory=memory,
        parts={part: float(row[part]) for part in PARTS if not np.isnan(row[part])},
        seconds=float(row["seconds"]),
    )


class HistoryWriter:
    """Appends a run's events to the files in a model's folder; whatever a crash left half written is cut off first.

    `Piece` and `Progress` are of the moment and not kept. Rare events reach the file at once, steps within a second.

    Raises:
        StudioError: The disk is full or may not be written.
    """

    _FLUSH_S = 1.0

    def __init__(self, model_folder: Path) -> None:
        self._steps_path = model_folder / STEPS_FILE
        self._events_path = model_folder / EVENTS_FILE
        with explained(self._steps_path):
            model_folder.mkdir(parents=True, exist_ok=True)
            _bring_up_to_date(model_folder)
            _mend(self._steps_path, self._events_path)
            self._open()

    def add(self, event: Event) -> None:
        """Keep one event."""
        if isinstance(event, Piece | Progress):
            return
        with explained(self._steps_path):
            if isinstance(event, TrainStep):
                self._steps.write(np.array(record(event), dtype=STEP).tobytes())
                if time.monotonic() - self._flushed > self._FLUSH_S:
                    self.flush()
            else:
                self._events.write(json.dumps(to_json(event), ensure_ascii=False).encode() + b"\n")
                self.flush()

    def flush(self) -> None:
        """Hand everything to the operating system."""
        with explained(self._steps_path):
            self._steps.flush()
            self._events.flush()
        self._flushed = time.monotonic()

    def sync(self) -> None:
        """Hand everything to the disk: before a checkpoint, so that none ever knows more than its history."""
        self.flush()
        with explained(self._steps_path):
            os.fsync(self._steps.fileno())
            os.fsync(self._events.fileno())

    def cut(self, step: int) -> None:
        """Forget what came after the checkpoint of `step`, so that a run resumed from it goes on without a seam.

        What was said at this step after it was saved goes as well: it is said again. At 0 everything is forgotten.
        """
        self.close()
        steps = _read_steps(self._steps_path, STEP)
        keep = int(np.searchsorted(steps["step"], step, side="right")) if step else 0
        lines = _until(step, _whole_lines(self._events_path)) if step else []
        with explained(self._steps_path):
            with open(self._steps_path, "rb+") as file:
                file.truncate(keep * STEP.itemsize)
            write_bytes(self._events_path, b"".join(lines))
            self._open()

    def close(self) -> None:
        """Flush and let go of the files, also if the disk is full."""
        if self._steps.closed:  # `cut` found the files damaged, and had let go of them already
            return
        try:
            self.flush()
        finally:
            for file in (self._steps, self._events):
                with contextlib.suppress(OSError):  # what could not be flushed has been told
                    file.close()

    def __enter__(self) -> HistoryWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(StudioError) if error else contextlib.nullcontext():  # the first reason is the one to tell
            self.close()

    def _open(self) -> None:
        self._steps = open(self._steps_path, "ab", opener=regular_only)  # noqa: SIM115 - held open for the run's length
        self._events = open(self._events_path, "ab", opener=regular_only)  # noqa: SIM115
        self._flushed = time.monotonic()


@dataclass(frozen=True)
class History:
    """A run as it was: `steps`, an array of `STEP` in order, and every other event in order."""

    steps: Steps
    events: list[Event]

    @property
    def memory(self) -> Mapping[str, NDArray[np.int64]]:
        """Bytes by kind, one value a step, `NOT_MEASURED` where there is none."""
        return {kind: self.steps[kind] for kind in MEMORY_KINDS}

    @property
    def evaluations(self) -> list[Evaluated]:
        """The looks at held-out text, in order."""
        return [event for event in self.events if isinstance(event, Evaluated)]

    def replay(self) -> Iterator[Event]:
        """Every event again, steps before what was said at the same step, as a living run would have told them."""
        row = 0
        for event in self.events:
            while row < len(self.steps) and self.steps["step"][row] <= event.step:
                yield step_event(self.steps[row])
                row += 1
            yield event
        for rest in self.steps[row:]:
            yield step_event(rest)


def read_history(model_folder: Path) -> History:
    """The run of a model; empty if it has none. A cut last record or line is left out, a damaged line told in its place."""
    return History(_steps_of(model_folder), _events(model_folder / EVENTS_FILE))


def _events(path: Path) -> list[Event]:
    return [_event(line, number, path) for number, line in enumerate(_whole_lines(path), 1)]


def _event(line: bytes, number: int, path: Path) -> Event:
    try:
        with damage_told(path):
            return from_json(parse_json(line, path))
    except StudioError:
        message = words("Line {number} of what this run said is damaged and left out.", number=number)
        return Noted(job="train", time=0.0, message=message, level="warning")


def read_end(model_folder: Path) -> History:
    """As `read_history`, of the steps only the newest: milliseconds, however long the run was."""
    events = _events(model_folder / EVENTS_FILE)
    path = model_folder / STEPS_FILE
    if not path.exists():
        return History(_steps_of(model_folder)[-1:], events)
    with damage_told(path), open(path, "rb", opener=regular_only) as file:
        whole = path.stat().st_size // STEP.itemsize
        file.seek(max(0, whole - 1) * STEP.itemsize)
        return History(np.frombuffer(file.read(STEP.itemsize * min(1, whole)), STEP), events)


CSV_COLUMNS = (*(str(name) for name in STEP.names or ()), "val_loss", "bits_per_byte")


def write_csv(file: TextIO, steps: Steps, evaluations: Iterable[Evaluated] = ()) -> None:
    """A run as a table, a row a step, numbers exact; what was not measured at a step stays empty."""
    figures = {event.step: event.figures for event in evaluations}
    table = csv.writer(file, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    for row in steps:
        seen = figures.pop(int(row["step"]), {})
        table.writerow(
            [*(_cell(name, row[name]) for name in STEP.names or ()), seen.get("loss", ""), seen.get("bits_per_byte", "")]
        )
    for step, seen in sorted(figures.items()):  # a look before the first step, or after the last one kept
        empty = [""] * (len(STEP.names or ()) - 1)
        table.writerow([step, *empty, seen.get("loss", ""), seen.get("bits_per_byte", "")])


def _cell(name: str, value: np.generic) -> str:
    if (name in MEMORY_KINDS and value == NOT_MEASURED) or (name in ("remaining_s", *PARTS) and np.isnan(value)):
        return ""
    return str(value)  # of a numpy float: the shortest text that reads back to the same float32


def _read_steps(path: Path, layout: np.dtype[np.void]) -> Steps:
    if not path.exists():
        return np.empty(0, layout)
    with damage_told(path), open(path, "rb", opener=regular_only) as file:
        return np.fromfile(file, layout, count=os.fstat(file.fileno()).st_size // layout.itemsize)


def _steps_of(model_folder: Path) -> Steps:
    """A run's steps, of this layout or of the one before it, which did not keep what a run took itself."""
    old = model_folder / _OLD_FILE
    if (model_folder / STEPS_FILE).exists() or not old.exists():
        return _read_steps(model_folder / STEPS_FILE, STEP)
    rows = _read_steps(old, _OLD_STEP)
    steps = np.empty(len(rows), STEP)
    for name in _OLD_STEP.names or ():
        steps[name] = rows[name]
    steps["seconds"] = _without_breaks(rows["time"])
    return steps


def _without_breaks(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds since the first of `times`, where what took far longer than a step does counts as one step."""
    each = np.diff(times, prepend=times[:1])
    usual = float(np.median(each[1:])) if len(each) > 1 else 0.0
    return np.cumsum(np.where((each < 0) | (each > _BREAK_S + 20 * usual), usual, each))


def _bring_up_to_date(model_folder: Path) -> None:
    """A run in the old layout goes on in this one."""
    old = model_folder / _OLD_FILE
    if old.exists():
        if not (model_folder / STEPS_FILE).exists():
            write_bytes(model_folder / STEPS_FILE, _steps_of(model_folder).tobytes())
        old.unlink()


def _whole_lines(path: Path) -> list[bytes]:
    if not path.exists():
        return []
    lines = read_bytes(path).splitlines(keepends=True)
    while lines and not _is_whole(lines[-1], path):
        lines.pop()
    return lines


def _until(step: int, lines: list[bytes]) -> list[bytes]:
    """The lines of a run up to the moment when the checkpoint of `step` was kept."""
    events = [_said(line) for line in lines]
    saved = [i for i, event in enumerate(events) if _is_checkpoint(event) and event.get("step") == step]
    end = saved[-1] + 1 if saved else len(events)
    early = zip(lines[:end], events[:end], strict=True)
    return [line for line, event in early if _step_of(event) <= step and event.get("event") not in ("finished", "stopped")]


def _said(line: bytes) -> Mapping[str, Any]:
    """A line as it was written; nothing of one that is damaged, which stays where it is."""
    try:
        value = parse_json(line, Path(EVENTS_FILE))
    except StudioError:
        return {}
    return value if isinstance(value, dict) else {}


def _step_of(event: Mapping[str, Any]) -> int:
    step = event.get("step", 0)
    return step if isinstance(step, int) else 0


def _is_checkpoint(event: Mapping[str, Any]) -> bool:
    return event.get("event") == "saved" and event.get("kind") == "checkpoint"


def _is_whole(line: bytes, path: Path) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        parse_json(line, path)
    except StudioError:
        return False
    return True


def _mend(steps: Path, events: Path) -> None:
    for path, size in (
        (steps, steps.stat().st_size // STEP.itemsize * STEP.itemsize if steps.exists() else 0),
        (events, sum(map(len, _whole_lines(events)))),
    ):
        if path.exists() and path.stat().st_size != size:
            with open(path, "rb+") as file:
                file.truncate(size)
