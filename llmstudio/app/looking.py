"""List, show, doctor: what is in a project, what an item says of itself, what this computer is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from llmstudio.app.hardware import Probe, best_number_format, machine
from llmstudio.app.making import versions
from llmstudio.app.race.board import Raced, leaderboard, races, runners_in
from llmstudio.app.run_summary import as_facts, summaries, summary_of
from llmstudio.app.showing import effective_split
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped, inside
from llmstudio.core.models.checkpoint.folders import WEIGHTS, checkpoint_folders
from llmstudio.core.words import nearest, words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes, write_bytes
from llmstudio.store.project import FOLDERS, About, Project


def list_items(project: Project) -> Iterator[Event]:
    """Every item of the project, and its races; what cannot be read is told. Result: a list by kind, the newest first."""
    for reason in project.unreadable():
        yield Noted(job="list", message=reason, level="warning")
    runs = {name: as_facts(found) for name, found in summaries(project).items()}
    told = {kind: [_brief(item) for item in project.items(kind)] for kind in FOLDERS}
    told["model"] = [item | runs.get(item["name"], {}) for item in told["model"]]
    told["race"] = [
        {"kind": "race", "name": race.name, "created": race.created, "models": list(race.models), "state": _state(race)}
        for race in races(project)
    ]
    yield Finished(job="list", result=told)


def show(project: Project, item: str) -> Iterator[Event]:
    """All that an item says of itself; `item` is a name, or KIND/NAME where two share a name.

    Raises:
        StudioError: There is none, or several.
    """
    race = next((race for race in races(project) if item in (race.name, f"race/{race.name}")), None)
    if race is not None and not any(project.exists(kind, item) for kind in FOLDERS):
        yield Finished(job="show", result=_shown_race(project, race))
        return
    about = find(project, item)
    size = folder_bytes(about.path) if about.path.is_dir() else about.path.stat().st_size
    full = _brief(about) | {"made_from": dict(about.made_from), "path": str(about.path), "bytes": size}
    facts = dict(about.facts)
    if about.kind == "model":
        full["run"] = as_facts(summary_of(project, about))
        if parents := [step.parent.name or "?" for step in about.model_card.lineage if step.parent is not None]:
            full["lineage"] = " → ".join([*parents, about.name])
        if folders := checkpoint_folders(about.path):
            weights = folders[-1] / WEIGHTS
            full |= {"weights_file_bytes": weights.stat().st_size} if weights.is_file() else {}
    if about.kind == "corpus" and isinstance(facts.get("split"), dict):
        facts["split"] = effective_split(facts["split"])
    if about.kind == "corpus":
        from llmstudio.core.corpus.corpus import Corpus

        try:
            full["languages"] = dict(Corpus(about.path).statistics.languages)
        except StudioError as error:
            yield Noted(job="show", message=error.words, level="warning")
    yield Finished(job="show", result=full | {"facts": facts})


def find(project: Project, item: str) -> About:
    """The item of this name or KIND/NAME. Raises StudioError if there is none, there are several, or it is damaged."""
    return project.about(*locate(project, item))


def locate(project: Project, item: str) -> tuple[str, str]:
    """Kind and name of the item of this name or KIND/NAME; it may be damaged. Raises StudioError if none or several are."""
    kind, _, name = item.rpartition("/")
    kinds = {folder: kind for kind, folder in FOLDERS.items()} | {kind: kind for kind in FOLDERS}
    if kind and kind not in kinds:
        raise StudioError("{kind} is not a kind of item. There are: {kinds}.", kind=kind, kinds=", ".join(FOLDERS))
    searched = [kinds[kind]] if kind else list(FOLDERS)
    found = [kind for kind in searched if project.exists(kind, name)]
    if len(found) == 1:
        return found[0], name
    if found:
        names = ", ".join(f"{kind}/{name}" for kind in found)
        raise StudioError("Several items are named {name}: say which, {names}.", name=name, names=names)
    near = nearest(name, list(dict.fromkeys(about.name for kind in searched for about in project.items(kind))))
    raise StudioError("There is nothing named {name}. There are: {names}.", name=name, names=near)


def doctor(project: Project, *, stop: Stop) -> Iterator[Event]:
    """What this computer is, how fast, with what versions, and whether the project can be written."""
    from llmstudio.app.probe import probe

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


def _shown_race(project: Project, race: Raced) -> dict[str, Any]:
    """A race as its end tells of it: who came out best so far."""
    yardstick = next(own.yardstick for _, own in runners_in(project, race.name))
    places = [asdict(place) for place in leaderboard(project, race.name)]
    return {"kind": "race", "race": race.name, "state": _state(race), "places": places, "yardstick": yardstick}


def _state(race: Raced) -> str:
    return "can_go_on" if race.can_go_on else "finished"


def _brief(item: About) -> dict[str, Any]:
    return {"kind": item.kind, "name": item.name, "id": item.id, "created": item.created}
