"""Worth: what pretraining was worth for a task, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.runs.run_summary import STATES
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.app.worth.comparing import Point, compare, figure_of
from llmstudio.app.worth.trials import LABELS, SHARES, WAYS, recipe_for, trials
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import number
from llmstudio.store.project import Project

_TASKS = ("classify", "tag")


def _begin(project: Project, typed: Typed) -> Job:
    recipe = changed(recipe_for(recipe_of(project.about("model", typed.model)), typed.task), typed.set)
    planned = trials(typed.name, recipe, _shares(typed.shares))
    return lambda stop: compare(project, model=typed.model, corpus=typed.corpus, name=typed.name, trials=planned, stop=stop)


def _shares(typed: str) -> list[float]:
    try:
        return [number(share) for share in typed.split(",") if share.strip()]
    except ValueError:
        raise StudioError("{shares} are no shares of the labels, as in 0.01,0.1,1.", shares=typed) from None


def table(result: Mapping[str, Any]) -> str:
    """A line for each share of the labels, the ways side by side, by the first figure that the task has."""
    points, diverged = result["points"], result["diverged"]
    figure = figure_of([Point(**point) for point in points])
    heads = [str(LABELS[way]) for way in WAYS]
    told = {(point["way"], point["share"]): f"{point['figures'][figure]:.3f}" for point in points}
    told |= {(trial["way"], trial["share"]): str(STATES["diverged"]) for trial in diverged}
    lines = [f"{figure.replace('_', ' ')}, {result['measured_on']} part", "labels  " + "  ".join(heads)]
    for share in sorted({share for _, share in told}):
        cells = [told[way, share].rjust(len(head)) for way, head in zip(WAYS, heads, strict=True)]
        lines.append("  ".join([f"{share:6.4g}", *cells]))
    return "\n".join(lines)


VERB = Verb(
    name="worth",
    help="what pretraining was worth: a task learned from random weights, with the head alone, and with all weights",
    arguments=(
        MODEL,
        argument("--corpus", required=True, metavar="C", help="texts with labels, or words with tags"),
        argument("--task", choices=_TASKS, default="classify", help="what is learned of it (classify)"),
        argument("--shares", default=",".join(f"{share:g}" for share in SHARES), metavar="S,S", help="of the labels"),
        *NAMED,
    ),
    begin=_begin,
    reads=table,
    needs_torch=True,
)
