"""Train the models of a comparison one after the other, and measure each on the same texts that none has learned from."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llmstudio.app.items.ancestry import dataset_of, parent_now, recipe_of, tokenizer_item_of
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.going_on import proposed_rate
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import asked_of, refuse_other_shape, weights_of
from llmstudio.app.verbs.evaluate import measure_score
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.kept import WORTH, Kept, keep, kept_of
from llmstudio.app.worth.trials import WAYS, Trial
from llmstudio.core.errors import Diverged, StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.tasks.evaluation import Score

JOB = "worth"
FIGURES = ("macro_f1", "accuracy", "span_f1", "tag_accuracy")
"""What a task is judged by, the better ones first."""


@dataclass(frozen=True)
class Point:
    """A point of the learning curves.

    Attributes:
        way: As of its trial.
        share: Of the labels.
        model: The name of the model that was measured.
        figures: Its figures on text that nobody learned from.
    """

    way: str
    share: float
    model: str
    figures: dict[str, float]


def figure_of(points: Sequence[Point]) -> str:
    """The figure that the points are compared by: the first that the task has; the loss of a task with none of them."""
    return next((name for name in FIGURES if points and name in points[0].figures), "loss" if points else FIGURES[0])


def compare(
    project: Project, *, model: str, corpus: str, name: str, trials: Sequence[Trial], stop: Stop, job: str = JOB,
    title: Words | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Train and measure every trial, as a `job` of this name; those that are there already are only measured, or go on.

    All are measured on the test part, or on the validation part where there is none. A trial whose run diverges is told as
    such, and the others go on. Stopped, it can be called again with the same name, and goes on. What came of `JOB` lies
    beside the model afterwards.

    Result: name, model, corpus, measured_on, points (way, share, model and figures of each), diverged (way, share and model
    of each). Progress has the points and what has diverged so far in its details.

    Raises:
        StudioError: No such model or corpus, an item of a trial's name is another model, or every trial has diverged.
    """
    said = title or words("What pretraining was worth: {name}", name=name)
    yield Started(job=job, title=said, item=name, total=len(trials))
    parent, texts = project.about("model", model), project.about("corpus", corpus)
    for trial in trials:
        refuse_other_shape(parent, trial.recipe)
    if job == JOB and any(trial.begins and _has_learned(project, parent, texts, trial.recipe) for trial in trials):
        yield Noted(job=job, message=_learned_before(parent, texts), level="warning")
    points: list[dict[str, Any]] = []
    diverged: list[dict[str, Any]] = []
    part = ""
    for number, trial in enumerate(trials):
        so_far = {"points": points[:], "diverged": diverged[:]}
        yield Progress(job=job, what=trial.said, done=number, total=len(trials), unit="models", details=so_far)
        told = {"way": trial.way, "share": trial.share, "model": trial.name}
        try:
            made = yield from _made(project, parent, texts, trial, stop, job)
        except Diverged:
            diverged.append(told)
            yield Noted(job=job, message=_left_out(project.about("model", trial.name)), level="warning")
            continue
        measured = (yield from _measured(project, trial, stop, job)) if made else None
        if measured is None:
            yield Stopped(job=job, result={"name": name, "points": points, "diverged": diverged})
            return
        part, figures = measured
        points.append(told | {"figures": figures})
    if not points:
        raise StudioError(
            "Every model diverged, so there is nothing to compare: take a lower learning rate, and another name."
        )
    yield Progress(job=job, what=words("Every model is measured"), done=len(trials), total=len(trials), unit="models")
    result = {"name": name, "model": model, "corpus": corpus, "measured_on": part, "points": points, "diverged": diverged}
    if job == JOB:
        keep(parent, texts, result, WORTH)
    yield Finished(job=job, result=result)


def last_worth(project: Project, model: str, corpus_id: str) -> Kept | None:
    """What came of the last comparison of a model that was taught this text; None if nothing is known of one with the
    weights that it has now, or it is gone.
    """
    found = kept_of(project.about("model", model), WORTH) if project.exists("model", model) else None
    ways = {one["way"] for one in (*found.points, *found.diverged)} if found is not None else set()
    return found if found is not None and found.corpus == corpus_id and ways <= set(WAYS) else None


def _has_learned(project: Project, model: About, texts: About, recipe: Recipe) -> bool:
    """Whether a model has learned from these very texts what a recipe teaches. To have read them without labels is fine."""
    corpus = parent_now(project, "corpus", model.parent("corpus"))
    return corpus is not None and corpus.id == texts.id and recipe_of(model).task_facts is recipe.task_facts


def _learned_before(model: About, texts: About) -> Words:
    return words(
        "{model} has learned this from {corpus} already: what begins with {model} knows the labels, however few of them it"
        " is taught. To see what pretraining was worth, compare a model that has only read.",
        model=model.name,
        corpus=texts.name,
    )


def _left_out(model: About) -> Words:
    return words(
        "The training of {name} diverged, so it is not measured; the others are. To compare them all, give them a learning"
        " rate of {rate} under another name.",
        name=model.name,
        rate=proposed_rate(model),
    )


def _made(project: Project, parent: About, texts: About, trial: Trial, stop: Stop, job: str) -> Generator[Event, None, bool]:
    """Train a trial's model unless that is done; False if it was stopped. Raises Diverged if it left all bounds, now or
    before.
    """
    start = parent.name if trial.begins else ""
    if not project.exists("model", trial.name):
        given: dict[str, Any] = {"start": start}
        if not start:
            given = {"tokenizer": tokenizer_item_of(project, parent).name}
        run = train(project, corpus=texts.name, name=trial.name, recipe=trial.recipe, stop=stop, **given)
        return isinstance((yield from inside(job, run)), Finished)
    about = project.about("model", trial.name)
    parents = {"corpus": texts, "tokenizer": tokenizer_item_of(project, parent)}
    asked = asked_of(trial.recipe, parents, weights_of(parent) if trial.begins else None)
    if about.model_card.asked != asked or about.model_card.changes:
        raise StudioError(
            "There is a model {name} already, which was taught in another way or began with other weights: give this"
            " comparison another name.",
            name=trial.name,
        )
    if about.model_card.state == "finished":
        yield Noted(job=job, message=words("{name} is there already, and is only measured.", name=trial.name))
        return True
    return isinstance((yield from inside(job, resume(project, trial.name, stop=stop))), Finished)


def _measured(
    project: Project, trial: Trial, stop: Stop, job: str
) -> Generator[Event, None, tuple[str, dict[str, float]] | None]:
    """The part that a trial's model is measured on, and its figures; None if that was stopped."""
    loaded = load(project, trial.name)
    data = yield from dataset_of(project, loaded.about, job=job, tells_unknown=False, stop=stop)
    if data is None:
        return None
    part = "test" if data.held_out("test") is not None else "val"
    score = yield from measure_score(loaded, data, (part,), job=job, stop=stop)
    return None if score is None else (part, score.figures() | _of_rare(score))


def _of_rare(score: Score) -> dict[str, float]:
    """The recall of the class with the fewest texts among those that were measured; nothing where there are no classes."""
    from llmstudio.core.tasks.classify import ClassScore

    if not isinstance(score, ClassScore):
        return {}
    truth = np.concatenate(score.truths)
    counts = truth.sum(0)
    rare = int(np.where(counts > 0, counts, counts.max() + 1).argmin())
    return {"rare_recall": float((truth & score.told())[:, rare].sum() / max(1, counts[rare]))}
