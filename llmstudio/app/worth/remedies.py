"""Remedies for rare classes side by side: a classifier is learned again with each, and measured on the same texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from llmstudio.app.classes.telling import refuse_other_task
from llmstudio.app.items.ancestry import UNKNOWN, corpus_of, recipe_of
from llmstudio.app.runs.vectors import as_kept
from llmstudio.app.worth import kept
from llmstudio.app.worth.comparing import compare
from llmstudio.app.worth.kept import Kept
from llmstudio.app.worth.trials import Trial
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import settings_of
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.words import Words, nearest, words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

JOB = "remedies"
REMEDIES: dict[str, Words] = next(dict(s.fact.choices or {}) for s in settings_of(ClassifySettings) if s.path == "imbalance")
"""Each remedy with its label."""


def remedy_trials(name: str, recipe: Recipe, remedies: Sequence[str], *, begins: bool) -> list[Trial]:
    """A trial for each remedy.

    Raises:
        StudioError: None is named, or one is unknown.
    """
    for remedy in remedies or ("",):
        if remedy not in REMEDIES:
            raise StudioError(
                "There is no remedy for rare classes called {name}. There are: {names}.",
                name=remedy,
                names=nearest(remedy, list(REMEDIES), len(REMEDIES)),
            )
    return [
        Trial(
            f"{name} {remedy}",
            remedy,
            recipe.task.label_share,
            replace(recipe, task=replace(recipe.task, imbalance=remedy)),
            words("Rare classes: {remedy}", remedy=REMEDIES[remedy]),
            begins,
        )
        for remedy in dict.fromkeys(remedies)
    ]


def compare_remedies(
    project: Project, model: str, remedies: Sequence[str], *, name: str, recipe: Recipe | None = None, stop: Stop
) -> Iterator[Event]:
    """Learn what a classifier learned, from what it began with, once with each remedy. Result: as of `comparing.compare`;
    it is kept beside the classifier.

    Raises:
        StudioError: No such model or remedy, it tells no classes, or what it began with or learned from is gone.
    """
    about = project.about("model", model)
    refuse_other_task(about)
    step = about.model_card.last_step.parent
    origin = project.by_id("model", step.id) if step is not None else None
    if step is not None and origin is None:
        raise StudioError(
            "{parent}, which {model} begins from, is gone: remedies cannot be compared from the same beginning. Bring it"
            " back from a copy, or compare those of a classifier whose beginning is there.",
            parent=step.name or UNKNOWN,
            model=model,
        )
    trials = remedy_trials(name, as_kept(about, recipe or recipe_of(about)), remedies, begins=origin is not None)
    start = origin.name if origin is not None else model
    title = words("Remedies for rare classes: {name}", name=name)
    corpus = corpus_of(project, about)
    work = compare(project, model=start, corpus=corpus.name, name=name, trials=trials, stop=stop, job=JOB, title=title)
    for event in work:
        if isinstance(event, Finished):
            kept.keep(about, corpus, event.result, kept.REMEDIES)
        yield event


def last_comparison(project: Project, model: str) -> Kept | None:
    """What came of the last comparison of remedies for a model; None if nothing is known of one with the weights it has now.

    Raises:
        StudioError: No such model.
    """
    found = kept.kept_of(project.about("model", model), kept.REMEDIES)
    return (
        found if found is not None and {one["way"] for one in (*found.points, *found.diverged)} <= REMEDIES.keys() else None
    )
