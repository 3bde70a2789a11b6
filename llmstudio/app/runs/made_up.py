"""Texts of rare classes that are made up before a run's first step, kept with the model: going on reads the same ones."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from llmstudio.app.items.ancestry import tokenizer_of
from llmstudio.core.events import Event
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP, rows_of
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json
from llmstudio.store.project import About, Project
from llmstudio.store.reading import damage, read_json

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset

MADE_UP_TEXTS = "made_up.json"


class _Texts(TypedDict):
    texts: list[str]
    marks: list[int]


class TextsFile(_Texts, total=False):
    """What `made_up.json` holds: texts, the mark of each, and what making them up took; earlier versions kept no time."""

    seconds: float


def with_made_up(
    project: Project, model: About, recipe: Recipe, data: Dataset, *, job: str, stop: Stop
) -> Generator[Event, None, Dataset | None]:
    """The dataset of a run with the texts that its recipe asks to be made up; None if that was stopped.

    Raises:
        StudioError: The texts that are kept with the model are damaged.
    """
    if getattr(recipe.task, "imbalance", "") not in MADE_UP:
        return data
    from llmstudio.core.tasks.classify import Classify
    from llmstudio.core.training.machine.timing import Stopwatch

    path, tokenizer = model.path / MADE_UP_TEXTS, tokenizer_of(project, model)
    if not path.exists():
        task = recipe.make_task(data, tokenizer)
        assert isinstance(task, Classify)
        if not task.makes_up:
            return data
        watch = Stopwatch()
        texts = yield from watch.over(task.make_up(job=job, stop=stop))
        if texts is None:
            return None
        made: TextsFile = {"texts": [], "marks": [], "seconds": watch.seconds}
        for text, mark in texts:
            made["texts"].append(text)
            made["marks"].append(mark)
        write_json(path, made)
    kept = read_json(path, TextsFile)
    if len(kept["texts"]) != len(kept["marks"]) or not all(0 <= mark < len(data.mark_sets) for mark in kept["marks"]):
        raise damage(path)
    rows = rows_of(zip(kept["texts"], kept["marks"], strict=True), tokenizer)
    return replace(data, made_up=rows, made_up_seconds=kept.get("seconds", 0.0))
