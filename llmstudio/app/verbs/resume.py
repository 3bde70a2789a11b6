"""Resume: go on with a model or a race where it stopped."""

from __future__ import annotations

from llmstudio.app.items.showing import losses_named, weights_together
from llmstudio.app.race.resuming import is_race, resume_race
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import SETTABLE, values_of
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.store.project import Project


def _begin(project: Project, typed: Typed) -> Job:
    changes = values_of(typed.set)
    if not project.exists("model", typed.model) and is_race(project, typed.model):
        if changes:
            raise StudioError("A race goes on with the settings that it began with: leave --set out.")
        return lambda stop: resume_race(project, typed.model, stop=stop)
    return lambda stop: resume(project, typed.model, changes=changes, stop=stop)


VERB = Verb(
    name="resume",
    help="go on where training stopped; with --set, at another rate or for more steps",
    arguments=(argument("model", metavar="MODEL", help="a model, or a race"), *SETTABLE),
    begin=_begin,
    reads=lambda result: losses_named(weights_together(short(result))),
    needs_torch=True,
)
