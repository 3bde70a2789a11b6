"""A run in a folder, without a project: a recipe changed, a model trained by it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.events import Event, Stopped, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.settings import settings_of
from llmstudio.core.tasks.base import Task
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.work import Stop

Data = tuple[Dataset, Tokenizer]


def changed(recipe: Recipe, **values: Any) -> Recipe:
    """The recipe with settings of its shape or its task changed, by name."""
    paths = {about.path.rpartition(".")[2]: about.path for about in settings_of(recipe) if "training" not in about.path}
    return change(recipe, {paths[name]: value for name, value in values.items()})


def task_of(data: Data, recipe: Recipe, **training: Any) -> Task:
    """What the recipe learns on these data, with settings of its training changed."""
    return replace(recipe, training=replace(recipe.training, **training)).make_task(*data)


def train_in(folder: Path, data: Data, recipe: Recipe, stop: Stop | None = None) -> Iterator[Event]:
    """Train in a folder, which is made if it is not there; nobody asks it to stop unless a `stop` is given."""
    folder.mkdir(exist_ok=True)
    return train(folder, recipe=recipe, dataset=data[0], tokenizer=data[1], stop=stop or Stop())


def losses_of(events: Iterable[Event]) -> dict[int, float]:
    """The loss of each step."""
    return {event.step: event.loss for event in events if isinstance(event, TrainStep)}


def weights_of(folder: Path) -> dict[str, Tensor]:
    """The newest weights that a run has kept, by name."""
    return load_model(find_checkpoint(folder, "last")[0]).state_dict()


def same_weights(one: Path, other: Path) -> bool:
    """True if two runs have kept the same weights, bit for bit."""
    left, right = weights_of(one), weights_of(other)
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def in_one_and_in_parts(folder: Path, data: Data, recipe: Recipe, stop_at: int) -> tuple[list[Event], ...]:
    """Train twice by a recipe: in `whole` without a stop, in `parts` stopped after a step and resumed.

    Returns the events of the first run, and of the second until it stopped and after it went on.
    """
    whole = list(train_in(folder / "whole", data, recipe))
    stop, first = Stop(), []
    for event in train_in(folder / "parts", data, recipe, stop):
        first.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    assert isinstance(first[-1], Stopped)
    return whole, first, list(resume(folder / "parts", recipe=recipe, dataset=data[0], tokenizer=data[1], stop=Stop()))
