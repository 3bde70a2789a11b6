"""The teacher of a run: named when it begins, known by id and weights from then on, whatever it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import recipe_of, tokenizer_item_of
from llmstudio.app.runs.starting import weights_of
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import Words, words
from llmstudio.store.lineage import Parent, parent_values
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.training.teaching.teacher import Teacher


def teacher_named(project: Project, recipe: Recipe, tokenizer: About) -> Parent | None:
    """What a new run remembers of the teacher that its recipe names: its best weights, as they are now; None without one.

    Raises:
        StudioError: There is no such model, it has another tokenizer, or it can be no teacher of this run.
    """
    from llmstudio.core.training.teaching.teacher import refuse_teacher

    if not recipe.teach.distils:
        return None
    model = project.about("model", recipe.teach.teacher)
    own = tokenizer_item_of(project, model)
    if own.hash != tokenizer.hash:
        raise StudioError(
            "{teacher} has another tokenizer ({theirs}) than this model ({ours}), so it guesses other tokens: name a teacher"
            " with the same.",
            teacher=model.name,
            theirs=own.name,
            ours=tokenizer.name,
            paths=("teach.teacher",),
        )
    refuse_teacher(recipe, recipe_of(model), model.name)
    return weights_of(model)


def learns_from(teacher: Parent, recipe: Recipe) -> Words:
    """What a run says of its teacher at the beginning."""
    return words(
        "{share} % of the loss is by the guesses of {teacher}, as it is at step {step:,}, at a temperature of {temperature};"
        " looks measure by the right answers alone.",
        share=round(100 * recipe.teach.distil_share),
        teacher=teacher.name,
        step=int(teacher.step),
        temperature=f"{recipe.teach.distil_temperature:g}",
    )


def teacher_of(project: Project, model: About, recipe: Recipe) -> Teacher | None:
    """The teacher of a model's run, with the weights that it had when the run began; None if it has none.

    Raises:
        StudioError: It is gone, or has other weights by now.
    """
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.models.checkpoint.verification import weights_hash
    from llmstudio.core.training.teaching.teacher import Teacher

    if not recipe.teach.distils:
        return None
    told = model.model_card.teacher
    kept = Parent(**parent_values(told)) if told is not None else Parent(name=recipe.teach.teacher)
    item = project.by_id("model", kept.id) if kept.id else None
    checkpoint = find_checkpoint(item.path, kept.step)[0] if item else None
    if item is None or checkpoint is None or weights_hash(checkpoint.path) != kept.hash:
        raise StudioError(
            "The weights of {teacher} that {model} learns from are gone. Bring them back from a copy, or begin a new run"
            " from {model}, with another teacher or without one.",
            teacher=kept.name,
            model=model.name,
        )
    return Teacher(checkpoint, recipe_of(item))
