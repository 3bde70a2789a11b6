"""What a run said, on disk: `steps.bin` holds its steps as columns (see `steps`), `events.jsonl` the rest, a line each.

A program that dies leaves at worst half a record or half a line at the end, which reading leaves out. Steps are rounded to
their columns' precision; whoever draws a living run should keep it in such records too, so that a run looks the same when
it is opened again.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Noted, Piece, Progress, Saved, TrainStep, from_json, to_json
from llmstudio.core.training.steps import (
    OWN_COLUMNS,
    STEPS_FILE,
    Layout,
    Steps,
    empty_value,
    memory_of,
    names_of,
    read_newest,
    read_steps,
    record,
    rows_begin,
    step_event,
    wide_enough,
    widened,
    write_steps,
)
from llmstudio.core.words import words
from llmstudio.store.files import explained, write_bytes
from llmstudio.store.reading import damage_told, parse_json, read_bytes, regular_only

EVENTS_FILE = "events.jsonl"


class HistoryWriter:
    """Appends a run's events to the files in a model's folder; whatever a crash left half written is cut off first.

    `Piece` and `Progress` are of the moment and not kept. Rare events reach the file at once, steps within a second.

    Raises:
        StudioError: The disk is full or may not be written.
    """

    _FLUSH_S = 1.0

    def __init__(self, model_folder: Path) -> None:
        self._folder = model_folder
        self._steps_path = model_folder / STEPS_FILE
        self._events_path = model_folder / EVENTS_FILE
        with explained(self._steps_path):
            model_folder.mkdir(parents=True, exist_ok=True)
            if not self._steps_path.exists():  # a new run, or one of before, which goes on in today's layout
                write_steps(model_folder, read_steps(model_folder))
            self._mend()
            self._open()

    def add(self, event: Event) -> None:
        """Keep one event."""
        if isinstance(event, Piece | Progress):
            return
        with explained(self._steps_path):
            if isinstance(event, TrainStep):
                self._widen(event)
                self._steps.write(np.array(record(event, self._layout), dtype=self._layout).tobytes())
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

    def cut(self, step: int) -> list[bytes]:
        """Forget what came after the checkpoint of `step`, so that a run resumed from it goes on without a seam.

        What was said at this step after it was saved goes as well: it is said again. At 0 everything is forgotten.

        Returns:
            The lines that were said up to this step, and are forgotten all the same.
        """
        self.close()
        steps = read_steps(self._folder)
        keep = int(np.searchsorted(steps["step"], step, side="right")) if step else 0
        said = _whole_lines(self._events_path)
        lines = _until(step, said) if step else []
        with explained(self._steps_path):
            with open(self._steps_path, "rb+") as file:
                file.truncate(rows_begin(self._folder) + keep * steps.dtype.itemsize)
            write_bytes(self._events_path, b"".join(lines))
            self._open()
        return [line for line in said if line not in lines and _step_of(_said(line)) <= step]

    def put_back(self, lines: Iterable[bytes]) -> None:
        """Say again what `cut` has forgotten."""
        with explained(self._events_path):
            self._events.writelines(lines)
        self.flush()

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
        self._layout: Layout = read_newest(self._folder).dtype
        self._steps = open(self._steps_path, "ab", opener=regular_only)  # noqa: SIM115 - held open for the run's length
        self._events = open(self._events_path, "ab", opener=regular_only)  # noqa: SIM115
        self._flushed = time.monotonic()

    def _widen(self, event: TrainStep) -> None:
        """Add columns for what this step brings for the first time: among a run's first steps, so little is rewritten."""
        layout = wide_enough(self._layout, [event])
        if layout != self._layout:
            self.close()
            write_steps(self._folder, widened(read_steps(self._folder), layout))
            self._open()

    def _mend(self) -> None:
        """Cut off half a record and half a line."""
        steps, begin = read_steps(self._folder), rows_begin(self._folder)
        lines = _whole_lines(self._events_path)
        for path, size in ((self._steps_path, begin + steps.nbytes), (self._events_path, sum(map(len, lines)))):
            if path.exists() and path.stat().st_size != size:
                with open(path, "rb+") as file:
                    file.truncate(size)


@dataclass(frozen=True)
class History:
    """A run as it was: its steps in order, an array of a layout of `steps`, and every other event in order."""

    steps: Steps
    events: list[Event]

    @property
    def memory(self) -> Mapping[str, NDArray[np.int64]]:
        """Bytes by kind, one value a step, `NOT_MEASURED` where there is none."""
        return {kind: self.steps[kind] for kind in memory_of(self.steps.dtype)}

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
    return _read(model_folder, read_steps)


def _read(model_folder: Path, steps_of: Callable[[Path], Steps]) -> History:
    # Events reach the disk after the steps before them. Read first, they never name a step that is not there yet.
    events = _events(model_folder / EVENTS_FILE)
    steps = steps_of(model_folder)
    return History(steps, [*events, *_missing(steps, events)])


def _missing(steps: Steps, events: Iterable[Event]) -> list[Event]:
    """Says that steps were lost which a look or a checkpoint came after."""
    last = int(steps["step"][-1]) if len(steps) else 0
    come_to = max((event.step for event in events if isinstance(event, Evaluated | Saved)), default=0)
    if come_to <= last:
        return []
    message = words(
        "This run had come to step {step:,}, but its steps are kept only up to {last:,}: {file} was cut short. What the run"
        " took and its curves go no further.",
        step=come_to,
        last=last,
        file=STEPS_FILE,
    )
    return [Noted(job="train", step=come_to, time=0.0, message=message, level="warning", details={"steps_lost_after": last})]


def _events(path: Path) -> list[Event]:
    return [_event(line, number, path) for number, line in enumerate(_whole_lines(path), 1)]


def _event(line: bytes, number: int, path: Path) -> Event:
    try:
        with damage_told(path):
            return from_json(parse_json(line, path))
    except StudioError:
        message = words("Line {number} of what this run said is damaged and left out.", number=number)
        return Noted(job="train", time=0.0, message=message, level="warning")


def looks_in_place(looks: Iterable[Evaluated]) -> list[Evaluated]:
    """Looks in the order of the steps whose weights they measured; of two at the same step the later counts.

    The closing look of a run may measure earlier weights than its last; on a curve it stands at their step.
    """
    by_step = {look.weights_step: look for look in looks}
    return [by_step[step] for step in sorted(by_step)]


def read_end(model_folder: Path) -> History:
    """As `read_history`, of the steps only the newest: milliseconds, however long the run was."""
    return _read(model_folder, read_newest)


FIGURE_COLUMNS = ("val_loss", "bits_per_byte")
"""What a table has beside the steps' columns: the looks at held-out text."""


def write_csv(file: TextIO, steps: Steps, evaluations: Iterable[Evaluated] = ()) -> None:
    """A run as a table, a row a step, numbers exact; what was not measured at a step stays empty.

    Where looks measured what the model forgets of its parent's text, that is a column more.
    """
    columns = names_of(steps.dtype)
    figures = {look.weights_step: look.figures for look in looks_in_place(evaluations)}
    more = ("parent_loss",) if any("parent_loss" in seen for seen in figures.values()) else ()
    named = ("loss", "bits_per_byte", *more)
    table = csv.writer(file, lineterminator="\n")
    table.writerow([*columns, *FIGURE_COLUMNS, *more])
    for row in steps:
        seen = figures.pop(int(row["step"]), {})
        table.writerow([*(_cell(name, row) for name in columns), *(seen.get(name, "") for name in named)])
    for step, seen in sorted(figures.items()):  # a look before the first step, or after the last one kept
        empty = [""] * (len(columns) - 1)
        table.writerow([step, *empty, *(seen.get(name, "") for name in named)])


def _cell(name: str, row: np.void) -> str:
    if name == "remaining_s" or name not in OWN_COLUMNS:
        empty = empty_value(row.dtype, name)
        if row[name] == empty or (np.isnan(empty) and np.isnan(row[name])):
            return ""
    return str(row[name])  # of a numpy float: the shortest text that reads back to the same float32


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
