"""Which units of a model stay: those with the highest scores of each place, as many as the settings say."""

from __future__ import annotations

import copy
from collections.abc import Collection, Generator

from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.shrinking.shrink import places_of, refuse
from llmstudio.core.models.shrinking.units import Kept, Units
from llmstudio.core.sparsity.structured.config import CompactConfig, counts_kept
from llmstudio.core.sparsity.structured.scores import Scores, activation, at_random, influence, magnitude, taylor
from llmstudio.core.tasks.base import Task

_AT_ONCE = 4096  # tokens whose gradients are reckoned together: a large batch is learned from in parts too
_BY_TEXT = {"taylor": taylor, "activation": activation}
Progress = tuple[int, int]
"""Tokens read so far, and to be read."""


def asks_for_text(config: CompactConfig) -> bool:
    """Whether units are chosen by what they do with text."""
    return config.share > 0 and config.score in _BY_TEXT


def choose(model: LanguageModel, config: CompactConfig, task: Task | None) -> Generator[Progress, None, Kept]:
    """Look at a model and return which units stay, by place; `model` is not changed. Arguments and errors as `scored`."""
    counts = counts_kept(model.config, config)
    places, scores = yield from scored(model, config, task)
    return {units.name: kept_of(scores[units.name], units.stays, counts[units.part] // units.shared) for units in places}


def scored(
    model: LanguageModel, config: CompactConfig, task: Task | None
) -> Generator[Progress, None, tuple[list[Units], Scores]]:
    """How much each unit of the kinds that go matters, by place; `model` is not changed.

    Args:
        model: In evaluation mode.
        config: What goes.
        task: What it was trained for, with rows of its training text; None where `asks_for_text` says no.

    Raises:
        StudioError: This model cannot lose such units, or its weights are no numbers.
    """
    counts = counts_kept(model.config, config)
    for part in counts:
        refuse(model, part)
    places = [units for units in places_of(model) if units.part in counts]
    scores: Scores = {}
    if config.score == "random":
        scores = at_random(model, places, config.seed)
    elif config.score == "magnitude" or not asks_for_text(config):
        scores = magnitude(model, places)
    else:
        assert task is not None
        scores = yield from _by_text(model, config, task, places)
    for units in places:
        if not bool(scores[units.name].isfinite().all()):
            raise StudioError(
                "The weights of {name} are not numbers any more: choose an earlier checkpoint, or train the model again with"
                " a lower learning rate.",
                name=units.name,
            )
    return places, scores


def kept_of(score: Tensor, stays: Collection[int], left: int) -> list[int]:
    """Which units of a place stay, in ascending order: those that must, then the highest scores, `left` in all."""
    score = score.clone()
    score[list(stays)] = float("inf")
    order = score.argsort(descending=True, stable=True)
    return sorted(order[:left].tolist())


def _by_text(
    model: LanguageModel, config: CompactConfig, task: Task, places: list[Units]
) -> Generator[Progress, None, Scores]:
    batches, total = _batches(task, config.calibration_tokens)
    layers = [units for units in places if units.part == "layers"]
    others = [units for units in places if units.part != "layers"]
    todo = total * (bool(layers) + bool(others))
    found: Scores = {}
    done = 0
    if others:
        spare = copy.deepcopy(model).requires_grad_()  # gradients of its own: the model may be talking meanwhile
        for batch, scores in zip(batches, _BY_TEXT[config.score](spare, others, task, batches), strict=True):
            found |= scores
            done += batch.num_tokens
            yield done, todo
    if layers:
        for batch, scores in zip(batches, influence(model, layers, batches), strict=True):
            found |= scores
            done += batch.num_tokens
            yield done, todo
    return found


def _batches(task: Task, tokens: int) -> tuple[list[Batch], int]:
    """The first batches of its training that hold so many tokens, in pieces of some rows, and how many these are."""
    dealt, found, count, step = task.batches(), list[Batch](), 0, 0
    pieces = -(-dealt.most_rows * dealt.longest // _AT_ONCE)
    while count < tokens:
        parts = dealt.batch(step).split(pieces)
        found, count, step = found + parts, count + sum(part.num_tokens for part in parts), step + 1
    return found, count
