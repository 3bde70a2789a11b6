"""A run's steps as columns: fixed ones that every run has, and more for its parts of the loss and kinds of memory.

The first line of the file names its columns; records of fixed width follow. So it can be read without knowing the run, and
a new part of a loss or kind of memory needs no change here.
A million steps are one read of 100 MB; a program that dies leaves at worst half a record at the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.events import TrainStep
from llmstudio.store.files import write_bytes
from llmstudio.store.reading import damage_told, parse_json, regular_only

STEPS_FILE = "steps.bin"
NOT_MEASURED = -1
Steps = NDArray[np.void]
Layout = np.dtype[np.void]

_REAL, _WHOLE = "<f4", "<i8"
_OWN = (
    ("step", _WHOLE),
    ("time", "<f8"),
    ("loss", _REAL),
    ("learning_rate", _REAL),
    ("grad_norm", _REAL),
    ("tokens", _WHOLE),
    ("tokens_per_second", _REAL),
    ("remaining_s", _REAL),
    ("seconds", "<f8"),
)
MEMORY_KINDS = ("process", "base", "weights", "gradients", "optimizer", "activations", "gpu")
OWN_COLUMNS = tuple(name for name, _ in _OWN)
STEP: Layout = np.dtype([*_OWN, *((kind, _WHOLE) for kind in MEMORY_KINDS)])
"""What every run has: the fields of `TrainStep`, and bytes by the usual kinds. What has no value is NaN (seconds left that
are unknown, a part that this step had not), of memory `NOT_MEASURED`. A layout goes on with columns of the same two kinds:
real numbers are parts of the loss, whole ones bytes.
"""

# Files of earlier versions: records without a header, named by their width.
_PARTS_OF_BEFORE = ("reconstruction", "kl", "kl_weight")
_BEFORE: Layout = np.dtype(
    [*_OWN, *((part, _REAL) for part in _PARTS_OF_BEFORE), *((kind, _WHOLE) for kind in MEMORY_KINDS)]
)
_BEFORE_SECONDS: Layout = np.dtype([(name, _BEFORE[name]) for name in _BEFORE.names or () if name != "seconds"])
_OLD_FILES = {f"steps-{layout.itemsize}.bin": layout for layout in (_BEFORE, _BEFORE_SECONDS)}
_LONGEST_HEADER = 64 * 1024
_BREAK_S = 60.0  # longer than a look and a checkpoint of what fits a small computer


def names_of(layout: Layout) -> tuple[str, ...]:
    """The names of a layout's columns, in order."""
    return tuple(layout.names or ())


def parts_of(layout: Layout) -> tuple[str, ...]:
    """The columns that are parts of the loss."""
    return tuple(name for name in names_of(layout) if name not in OWN_COLUMNS and layout[name] == _REAL)


def memory_of(layout: Layout) -> tuple[str, ...]:
    """The columns that are bytes."""
    return tuple(name for name in names_of(layout) if name not in OWN_COLUMNS and layout[name] == _WHOLE)


def wide_enough(layout: Layout, events: Iterable[TrainStep]) -> Layout:
    """The layout, with a column added for each part and each kind of memory that it lacks.

    Raises:
        ValueError: One name is meant for two things.
    """
    new: dict[str, str] = {}
    for event in events:
        for names, kind in ((event.parts, _REAL), (event.memory, _WHOLE)):
            for name in names:
                known = layout[name].str if name in names_of(layout) else new.setdefault(name, kind)
                if known != kind or name in OWN_COLUMNS:
                    raise ValueError(f"{name!r} is already the name of another column of a run's steps")
    return np.dtype([*((name, layout[name]) for name in names_of(layout)), *new.items()]) if new else layout


def widened(steps: Steps, layout: Layout) -> Steps:
    """The same steps in a layout with more columns, which are empty."""
    if steps.dtype == layout:
        return steps
    table = np.empty(len(steps), layout)
    for name in names_of(layout):
        table[name] = steps[name] if name in names_of(steps.dtype) else empty_value(layout, name)
    return table


def empty_value(layout: Layout, name: str) -> float:
    """What a column holds where there was nothing to keep."""
    return NOT_MEASURED if layout[name] == _WHOLE else np.nan


def record(event: TrainStep, layout: Layout) -> tuple[Any, ...]:
    """A step as one row of a layout that is wide enough."""
    own: dict[str, Any] = {name: getattr(event, name) for name in OWN_COLUMNS}
    own["remaining_s"] = np.nan if event.remaining_s is None else event.remaining_s
    values = own | dict(event.parts) | dict(event.memory)
    return tuple(values[name] if name in values else empty_value(layout, name) for name in names_of(layout))


def step_event(row: np.void, *, job: str = "train") -> TrainStep:
    """Inverse of `record`, to the precision of the columns."""
    layout: Layout = row.dtype
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
        memory={kind: int(row[kind]) for kind in memory_of(layout) if row[kind] != NOT_MEASURED},
        parts={part: float(row[part]) for part in parts_of(layout) if not np.isnan(row[part])},
        seconds=float(row["seconds"]),
    )


def read_steps(model_folder: Path) -> Steps:
    """All steps of a model's run, in order; none if it has no run. Half a record at the end is left out.

    Raises:
        StudioError: The file is damaged.
    """
    return _read(model_folder, newest_only=False)


def read_newest(model_folder: Path) -> Steps:
    """The newest step, as an array of one row or none: milliseconds, however long the run was."""
    return _read(model_folder, newest_only=True)


def rows_begin(model_folder: Path) -> int:
    """Bytes of `STEPS_FILE` before its first record."""
    path = model_folder / STEPS_FILE
    with damage_told(path), open(path, "rb", opener=regular_only) as file:
        _header(file, path)
        return file.tell()


def write_steps(model_folder: Path, steps: Steps) -> None:
    """Write the whole file anew, in one step; what lay there in an older layout goes."""
    columns = [[name, steps.dtype[name].str] for name in names_of(steps.dtype)]
    header = json.dumps({"columns": columns}).encode() + b"\n"
    write_bytes(model_folder / STEPS_FILE, header + steps.tobytes())
    for name in _OLD_FILES:
        (model_folder / name).unlink(missing_ok=True)


def _read(model_folder: Path, *, newest_only: bool) -> Steps:
    path = model_folder / STEPS_FILE
    if path.exists():
        with damage_told(path), open(path, "rb", opener=regular_only) as file:
            layout = _header(file, path)
            first = file.tell()
            whole = (os.fstat(file.fileno()).st_size - first) // layout.itemsize
            skipped = max(0, whole - 1) if newest_only else 0
            file.seek(first + skipped * layout.itemsize)
            return np.fromfile(file, layout, count=whole - skipped)
    for name, layout in _OLD_FILES.items():
        if (model_folder / name).exists():
            steps = _from_before(model_folder / name, layout)
            return steps[-1:] if newest_only else steps
    return np.empty(0, STEP)


def _header(file: BinaryIO, path: Path) -> Layout:
    """The layout that the first line names."""
    line = file.readline(_LONGEST_HEADER)
    columns = [(str(name), kind) for name, kind in parse_json(line, path)["columns"]]
    if tuple(columns[: len(_OWN)]) != _OWN or any(kind not in (_REAL, _WHOLE) for _, kind in columns[len(_OWN) :]):
        raise ValueError("columns that no version of this program has written")
    return np.dtype(columns)


def _from_before(path: Path, layout: Layout) -> Steps:
    """Steps of a run by an earlier version. The oldest kept no `seconds`: they are clock time without the breaks."""
    with damage_told(path), open(path, "rb", opener=regular_only) as file:
        rows = np.fromfile(file, layout, count=os.fstat(file.fileno()).st_size // layout.itemsize)
    had = [part for part in _PARTS_OF_BEFORE if np.isfinite(rows[part]).any()]
    kept = [name for name in names_of(layout) if name not in _PARTS_OF_BEFORE or name in had]
    today = np.dtype([*((name, STEP[name]) for name in names_of(STEP)), *((part, _REAL) for part in had)])
    steps = widened(rows[kept], today)
    if "seconds" not in kept:
        steps["seconds"] = _without_breaks(rows["time"])
    return steps


def _without_breaks(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds since the first of `times`; a gap far longer than a usual step counts as one usual step."""
    each = np.diff(times, prepend=times[:1])
    usual = float(np.median(each[1:])) if len(each) > 1 else 0.0
    return np.cumsum(np.where((each < 0) | (each > _BREAK_S + 20 * usual), usual, each))
