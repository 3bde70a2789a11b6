"""List: what is in a project."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from llmstudio.app.items.locate import brief
from llmstudio.app.race.board import races
from llmstudio.app.runs.run_summary import as_facts, summaries
from llmstudio.app.verbs.figures import date
from llmstudio.app.verbs.verb import Verb
from llmstudio.core.events import Event, Finished, Noted
from llmstudio.store.project import FOLDERS, Project


def list_items(project: Project) -> Iterator[Event]:
    """Every item of the project, and its races; what cannot be read is told. Result: a list by kind, the newest first."""
    for reason in project.unreadable():
        yield Noted(job="list", message=reason, level="warning")
    runs = {name: as_facts(found) for name, found in summaries(project).items()}
    told = {kind: [brief(item) for item in project.items(kind)] for kind in FOLDERS}
    told["model"] = [item | runs.get(item["name"], {}) for item in told["model"]]
    told["race"] = [
        {"kind": "race", "name": race.name, "created": race.created, "models": list(race.models), "state": race.state}
        for race in races(project)
    ]
    yield Finished(job="list", result=told)


def table(result: Mapping[str, Any]) -> str:
    """The items of a project, a line each, by kind."""
    lines = []
    for kind, items in result.items():
        for item in items:
            told = _raced(item) if kind == "race" else _standing(item)
            lines.append(f"{kind:<10} {date(item['created'])}  {item['name']}{told}")
    return "\n".join(lines) or "Nothing here yet: begin with  llmstudio import"


def _raced(item: Mapping[str, Any]) -> str:
    """How a race stands, in a few words, and what may be typed if it can go on."""
    state = "finished" if item["state"] == "finished" else f"stopped; llmstudio resume {shlex.quote(item['name'])} goes on"
    return f"  (of {', '.join(item['models'])}; {state})"


def _standing(item: Mapping[str, Any]) -> str:
    """How a model's run stands, in a few words; nothing for other items."""
    told = [str(item["state"]).replace("_", " ")] if item.get("state") else []
    if steps := item.get("steps"):
        told.append(f"{told.pop()} at step {steps:,}" if told else f"step {steps:,}")
    if (figure := item.get("quality")) is None:
        return f"  ({', '.join(told)})" if told else ""
    # The figure is of the best weights, which are those of an earlier step where the run went on and got no better.
    best = item.get("at_step")
    if steps and best and best != steps:
        return f"  ({', '.join(told)}; best, step {best:,}: {figure})"
    return f"  ({', '.join([*told, str(figure)])})"


VERB = Verb(
    name="list",
    help="what is in the project",
    begin=lambda project, typed: lambda stop: list_items(project),
    reads=table,
)
