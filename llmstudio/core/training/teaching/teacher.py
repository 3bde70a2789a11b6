"""A run's teacher: a model that has learned the same task, loaded once, that learns nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes.head import head_of, told_names
from llmstudio.core.models.checkpoint.read import Checkpoint, load_model
from llmstudio.core.models.families import family
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.base import Task, task_class
from llmstudio.core.tasks.beside.distilling import Distilling
from llmstudio.core.tasks.guessing import Guessing
from llmstudio.core.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Teacher:
    """Who is asked in each step.

    Attributes:
        checkpoint: Its weights.
        recipe: How it had learned.
    """

    checkpoint: Checkpoint
    recipe: Recipe

    @cached_property
    def model(self) -> LanguageModel:
        """In evaluation mode, without gradients."""
        return load_model(self.checkpoint).requires_grad_(requires_grad=False)

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.checkpoint.path.parent.parent.name


def with_teacher(
    task: Task, recipe: Recipe, teacher: Teacher | None, *, dataset: Dataset, tokenizer: Tokenizer, device: str
) -> Task:
    """A task learned from a teacher's guesses, too, as a recipe says; without a teacher, as it is.

    Raises:
        StudioError: The teacher tells classes that are not those of the text.
    """
    if teacher is None or not recipe.teach.distils:
        return task
    assert isinstance(task, Guessing), "other tasks are refused"
    theirs = Recipe(
        teacher.recipe.kind,
        teacher.recipe.model,
        task_name=recipe.task_name or family(recipe.kind).task,
        task=recipe.task,
        training=recipe.training,
    ).make_task(dataset, tokenizer)
    assert isinstance(theirs, Guessing)
    head = head_of(teacher.checkpoint.card.changes)
    if head is not None and list(told_names(head)) != list(dataset.mark_names):
        raise StudioError(
            "{teacher} tells other classes than those of this text, so it can be no teacher of them.",
            teacher=teacher.name,
            paths=("teach.teacher",),
        )
    model = teacher.model.to(device)
    return Distilling(task, theirs, model, recipe.teach.distil_share, recipe.teach.distil_temperature)


def refuse_teacher(recipe: Recipe, teacher: Recipe, name: str) -> None:
    """Raises StudioError if a model that learned by the recipe `teacher` can be no teacher of a run by `recipe`."""
    facts = recipe.task_facts
    about: dict[str, Any] = {"teacher": name, "paths": ("teach.teacher",)}
    if not issubclass(task_class(facts), Guessing):
        raise StudioError(
            "A teacher can be asked where tokens or classes are guessed: not of what a model learns here ({task}). Leave the"
            " teacher out.",
            task=facts.ability,
            **about,
        )
    if teacher.task_facts is not facts:
        raise StudioError(
            "{teacher} has learned another task ({theirs}) than this model is to learn ({ours}): name a teacher that has"
            " learned the same.",
            theirs=teacher.task_facts.ability,
            ours=facts.ability,
            **about,
        )
    packs = recipe.training.rows == "packed" and recipe.model.can_pack and not teacher.model.can_pack
    if family(teacher.kind).reading != family(recipe.kind).reading or packs:
        raise StudioError(
            "{teacher} reads these rows in another way ({theirs}) than this model ({ours}), so their guesses are not of the"
            " same places: name a teacher of the same family.",
            theirs=family(teacher.kind).label,
            ours=family(recipe.kind).label,
            **about,
        )
    if teacher.model.context_length < recipe.model.context_length:
        raise StudioError(
            "{teacher} reads {theirs|token|tokens} at once, and this model {ours}: name a teacher whose context is as long.",
            theirs=teacher.model.context_length,
            ours=recipe.model.context_length,
            **about,
        )
    if recipe.teach.new_tokens:
        raise StudioError(
            "A model that gets new tokens has another tokenizer than {teacher}: leave the teacher or the new tokens out.",
            **about,
        )
