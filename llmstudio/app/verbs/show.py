"""Show: what an item says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from llmstudio.app.items.ancestry import UNKNOWN, is_name_of_another, name_now, recipe_of
from llmstudio.app.items.locate import brief, find
from llmstudio.app.items.showing import effective_split, told_of
from llmstudio.app.race.board import Raced, leaderboard, races, runners_in
from llmstudio.app.race.standings import board
from llmstudio.app.runs import readings
from llmstudio.app.runs.readings import read_so_far
from llmstudio.app.runs.run_summary import as_facts, summary_of
from llmstudio.app.runs.weighted import weighs_answers
from llmstudio.app.verbs.options import ITEM
from llmstudio.app.verbs.verb import Verb
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted
from llmstudio.core.models.checkpoint.folders import WEIGHTS, checkpoint_folders
from llmstudio.core.training.remarks import answers_weighted
from llmstudio.core.words import words
from llmstudio.store.files import folder_bytes
from llmstudio.store.project import FOLDERS, About, Project


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
    full = brief(about) | {"made_from": _parents_of(project, about), "path": str(about.path), "bytes": size}
    facts = dict(about.facts)
    if about.kind == "model":
        full["run"] = as_facts(summary_of(project, about))
        if parents := [step.parent for step in about.model_card.lineage if step.parent is not None]:
            names = [name_now(project, "parent", parent) or UNKNOWN for parent in parents]
            full["lineage"] = " → ".join([*names, about.name])
        if not about.model_card.is_pruned and weighs_answers(project, about):
            full["losses"] = answers_weighted(recipe_of(about))
        read = read_so_far(project, about)
        full["read"] = readings.as_facts(read)
        if read.gone:
            full["read_before_is_unknown"] = words("{model}, which it began from, is gone or damaged", model=read.gone)
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


def _parents_of(project: Project, about: About) -> dict[str, Any]:
    """What an item was made from, each under the name that it has now; of one that is gone, whether that is another's."""
    shown: dict[str, Any] = {}
    for role, kept in about.made_from.items():
        parent = about.parent(role)
        shown[role] = {**kept, "name": name_now(project, role, parent)}
        if is_name_of_another(project, role, parent):
            shown[role]["is_gone"] = True
    return shown


def _shown_race(project: Project, race: Raced) -> dict[str, Any]:
    """A race as its end tells of it: who came out best so far."""
    yardstick = next(own.yardstick for _, own in runners_in(project, race.name))
    places = [asdict(place) for place in leaderboard(project, race.name)]
    return {"kind": "race", "race": race.name, "state": race.state, "places": places, "yardstick": yardstick}


def _reads(result: Mapping[str, Any]) -> Mapping[str, Any] | str:
    if result.get("kind") == "race":
        return board(result)
    return told_of(result) if "facts" in result else result


VERB = Verb(
    name="show",
    help="what an item says of itself",
    arguments=(ITEM,),
    begin=lambda project, typed: lambda stop: show(project, typed.item),
    reads=_reads,
)
