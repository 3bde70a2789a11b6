"""Remedies: what each remedy for rare classes does to a classifier, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.runs.run_summary import STATES
from llmstudio.app.verbs.options import MODEL, NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.app.worth.remedies import REMEDIES, compare_remedies
from llmstudio.store.project import Project

FIGURES = {"rare_recall": "recall of the rarest", "accuracy": "accuracy", "macro_f1": "macro-F1"}


def _begin(project: Project, typed: Typed) -> Job:
    recipe = changed(recipe_of(project.about("model", typed.model)), typed.set)
    remedies = [name.strip() for name in typed.remedies.split(",") if name.strip()]
    return lambda stop: compare_remedies(project, typed.model, remedies, name=typed.name, recipe=recipe, stop=stop)


def table(result: Mapping[str, Any]) -> str:
    """A line for each remedy."""
    points, diverged = result["points"], result["diverged"]
    told = {name: str(label) for name, label in REMEDIES.items()}
    wide = max((len(told[trial["way"]]) for trial in (*points, *diverged)), default=0)
    lines = [" " * wide + "  " + "  ".join(FIGURES.values()) + f"   ({result['measured_on']} part)"]
    for point in points:
        cells = [f"{point['figures'][key]:.3f}".rjust(len(head)) for key, head in FIGURES.items()]
        lines.append("  ".join([told[point["way"]].ljust(wide), *cells]))
    lines += [f"{told[trial['way']].ljust(wide)}  {STATES['diverged']}" for trial in diverged]
    return "\n".join(lines)


VERB = Verb(
    name="remedies",
    help="remedies for rare classes side by side: a classifier learned again with each",
    arguments=(
        MODEL,
        argument("--remedies", default=",".join(REMEDIES), metavar="R,R", help=f"which: {', '.join(REMEDIES)} (all)"),
        *NAMED,
    ),
    begin=_begin,
    reads=table,
    needs_torch=True,
)
