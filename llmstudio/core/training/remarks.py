"""Settings that change nothing in a given run: each says so, so that nobody learns a wrong lesson from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmstudio.core.optimizers import OPTIMIZERS, settings_of_others
from llmstudio.core.settings import get, settings_of
from llmstudio.core.training.teaching.weights import idle_teaching
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.recipe import Recipe
    from llmstudio.core.tasks.base import Task


NOTHING_HELD_OUT = words(
    "Nothing is held out of this text: whether the model learns or only remembers cannot be seen, and no weights are known"
    " to be the best. {advice}",
    advice=words("Import it again with a validation share."),
)
_TOO_LITTLE = words(
    "A validation share was asked for, and there is none: the text is too short, or of too few parts that have to stay"
    " together. Import more of it."
)


def nothing_held_out(dataset: Dataset) -> Words:
    """What is said where a run has nothing to be measured on; what would help depends on what was asked for."""
    has_been_asked = bool(dataset.meta.get("val_share"))  # datasets of early versions do not know
    return words(NOTHING_HELD_OUT.template, advice=_TOO_LITTLE) if has_been_asked else NOTHING_HELD_OUT


ANSWERS_WEIGHTED = words(
    "The training loss counts answers in full and all else by {weight:g}; the validation loss counts every token alike. They"
    " are two measures: that one lies below the other is no sign of learning by heart."
)


def answers_weighted(recipe: Recipe) -> Words:
    """What is said where training and validation loss are different measures, see `Task.weighs_answers`."""
    return words(ANSWERS_WEIGHTED.template, weight=recipe.training.context_weight)


def fewer_rows(training: TrainingConfig, most_rows: int) -> list[Words]:
    """What is said where the text has no more than `most_rows` rows for a step that was to have more."""
    if most_rows >= training.step_rows:
        return []
    return [
        words(
            "The text has only {rows|row|rows} for a step of {asked}: every step learns from all of it. Use a smaller batch"
            " or more text.",
            rows=most_rows,
            asked=training.step_rows,
        )
    ]


def without_effect(recipe: Recipe, task: Task) -> list[Words]:
    """A sentence for every setting that was changed from its default and has no effect here."""
    idle = _of_run(recipe.training, has_held_out=task.val_rows is not None) | task.idle()
    idle |= idle_teaching(recipe) | {f"sparse.{name}": reason for name, reason in recipe.sparse.idle().items()}
    parts: dict[str, Any] = {name: getattr(recipe, name) for name in ("training", "model", "task", "teach", "sparse")}
    return [
        words("{setting} has no effect here: {reason}.", setting=about.fact.label, reason=idle[about.path])
        for name, part in parts.items()
        for about in settings_of(type(part), name)
        if about.path in idle and get(recipe, about.path) != about.default
    ]


def _of_run(training: TrainingConfig, *, has_held_out: bool) -> dict[str, Words]:
    idle: dict[str, Words] = {}
    chosen = OPTIMIZERS[training.optimizer]
    for name in settings_of_others(training.optimizer):
        idle[f"training.{name}"] = words("the optimizer is {optimizer}", optimizer=chosen.label)
    if training.schedule != "trapezoid":
        idle["training.cooldown_share"] = words("only a trapezoid cools down")
    if not has_held_out:
        for name in ("eval_steps", "eval_tokens", "early_stopping"):
            idle[f"training.{name}"] = words("there is no validation text")
    return idle
