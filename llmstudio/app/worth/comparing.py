"""Train the models of a comparison one after the other, and measure each on the same texts that none has learned from."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from llmstudio.app.items.ancestry import corpus_of, dataset_of, recipe_of, tokenizer_item_of
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import refuse_other_shape
from llmstudio.app.verbs.evaluate import measure_score
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.trials import Trial
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, inside
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

    All are measured on the test part, or on the validation part where there is none. Stopped, it can be called again with
    the same name, and goes on.

    Result: name, model, corpus, measured_on, points (way, share, model and figures of each). Progress has the points so far
    in its details.

    Raises:
        StudioError: No such model or corpus, or an item of a trial's name is another model.
    """
    said = title or words("What pretraining was worth: {name}", name=name)
    yield Started(job=job, title=said, item=name, total=len(trials))
    parent, texts = project.about("model", model), project.about("corpus", corpus)
    for trial in trials:
        refuse_other_shape(parent, trial.recipe)
    points: list[Point] = []
    part = ""
    for number, trial in enumerate(trials):
        so_far = {"points": [_plain(point) for point in points]}
        yield Progress(job=job, what=trial.said, done=number, total=len(trials), unit="models", details=so_far)
        made = yield from _made(project, parent, texts, trial, stop, job)
        measured = (yield from _measured(project, trial, stop, job)) if made else None
        if measured is None:
            yield Stopped(job=job, result={"name": name, "points": [_plain(point) for point in points]})
            return
        part, figures = measured
        points.append(Point(trial.way, trial.share, trial.name, figures))
    yield Progress(job=job, what=words("Every model is measured"), done=len(trials), total=len(trials), unit="models")
    result = {"name": name, "model": model, "corpus": corpus, "measured_on": part, "points": [_plain(p) for p in points]}
    yield Finished(job=job, result=result)


def _made(project: Project, parent: About, texts: About, trial: Trial, stop: Stop, job: str) -> Generator[Event, None, bool]:
    """Train a trial's model unless that is done; False if it was stopped."""
    start = parent.name if trial.begins else ""
    if not project.exists("model", trial.name):
        given: dict[str, Any] = {"start": start}
        if not start:
            given = {"tokenizer": tokenizer_item_of(project, parent).name}
        run = train(project, corpus=texts.name, name=trial.name, recipe=trial.recipe, stop=stop, **given)
        return isinstance((yield from inside(job, run)), Finished)
    about = project.about("model", trial.name)
    if recipe_of(about) != trial.recipe or corpus_of(project, about).id != texts.id:
        raise StudioError(
            "There is a model {name} already, which was taught in another way: give this comparison another name.",
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


def _plain(point: Point) -> dict[str, Any]:
    return {"way": point.way, "share": point.share, "model": point.model, "figures": point.figures}
