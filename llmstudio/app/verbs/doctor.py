"""Doctor: what this computer is, and whether the program is well installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmstudio.app.computer.hardware import Probe, best_number_format, machine
from llmstudio.app.items.create import versions
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped, inside
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import write_bytes
from llmstudio.store.project import FOLDERS, Project


def doctor(project: Project, *, stop: Stop) -> Iterator[Event]:
    """What this computer is, how fast, with what versions, and whether the project can be written."""
    from llmstudio.app.computer.probe import probe

    yield Started(job="doctor", title=words("Looking at this computer"))
    end = yield from inside("doctor", probe(stop=stop))
    if isinstance(end, Stopped):
        yield Stopped(job="doctor")
        return
    if reason := _why_not_writable(project):
        yield Noted(job="doctor", message=words("The project cannot be written: {reason}", reason=reason), level="warning")
    found = machine()
    speed: dict[str, Any] = dict(end.result)
    result = {
        "system": found.system,
        "cpu": found.cpu,
        "cores": found.cores,
        "memory_bytes": found.memory_bytes,
        "gpu": found.gpu,
        "versions": versions(),
        "project": str(project.root),
        "project_writable": not reason,
        "items": {kind: len(project.items(kind)) for kind in FOLDERS},
        "number_format": best_number_format(Probe(**speed)),
        "matmul_flops": speed["matmul"],
        "format_gain": speed["format_gain"],
        "memory_bytes_per_second": speed["bandwidth"],
        "threads": speed["threads"],
        "probe_seconds": speed["seconds"],
        "taken_by_others": speed["load"],
    }
    yield Finished(job="doctor", result=result)


def _why_not_writable(project: Project) -> str:
    """The reason in words; empty if it can be written."""
    try:
        project.prepare()
        write_bytes(trial := project.root / ".trial", b"")
        trial.unlink()
    except StudioError as error:
        return str(error)
    return ""


def _begin(project: Project, typed: Typed) -> Job:
    if getattr(typed, "window", False):  # the window's own examination is handed in: nothing here knows the window
        return lambda stop: typed.window_doctor(typed)
    return lambda stop: doctor(project, stop=stop)


VERB = Verb(
    name="doctor",
    help="what this computer can do; tests the installation",
    arguments=(
        argument(
            "--window", action="store_true", help="open the real window and measure how smooth it stays", needs_window=True
        ),
    ),
    begin=_begin,
    reads=dict,
)
