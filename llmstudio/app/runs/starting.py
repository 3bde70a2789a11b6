"""A new run that begins with a model's weights: its tokenizer and shape come along, everything else is the run's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import UNKNOWN, corpus_of, recipe_of, tokenizer_item_of, tokenizer_of
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import StudioError, learn_on
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import settings_of, to_dict
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.tasks import task_of
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.words import Words, words
from llmstudio.store.lineage import Parent
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.training.start import Start

# Settings of a model that only affect its training, not what its weights mean.
_FREE = {"dropout", "recurrent_dropout", "word_dropout", "carry_state"}


def for_task(recipe: Recipe, task: str) -> Recipe:
    """The recipe for another task (empty: for its own), with that task's usual settings.

    Raises:
        StudioError: There is no such task, or such a model cannot learn it.
    """
    if not task or task_of(recipe.kind, task) is recipe.task_facts:
        return recipe
    return replace(recipe, task_name=task, task=None)


def recipe_from(project: Project, model: str, changes: Mapping[str, Any], *, task: str = "") -> Recipe:
    """The recipe of a new run from a model's weights: the model's own with changes, and for another task if one is named.

    Which of its weights learn, and which become zero, is told anew: how the model itself was taught is no advice for what
    comes after, and what is zero in it stays so.

    Raises:
        StudioError: No such model or setting, a value out of bounds, or another shape.
    """
    about = project.about("model", model)
    own = replace(recipe_of(about), teach=TeachingConfig(), sparse=SparseConfig())
    recipe = recipes.change(for_task(own, task), changes)
    refuse_other_shape(about, recipe)
    return recipe


def refuse_other_shape(parent: About, recipe: Recipe) -> None:
    """Raises StudioError if a recipe's model is not of the shape of the model that it should begin from."""
    own = recipe_of(parent)
    if recipe.kind != own.kind:
        raise StudioError("{model} is of another family, so no run of this one can begin from it.", model=parent.name)
    wished, held = to_dict(recipe.model), to_dict(own.model)
    for about in settings_of(type(own.model)):
        if about.path not in _FREE and wished[about.path] != held[about.path]:
            raise StudioError(
                "{setting} is {held} in {model} and stays so, for its weights have that shape."
                " Train a new model for another.",
                setting=about.fact.label,
                held=str(held[about.path]),
                model=parent.name,
            )


def without_phases(recipe: Recipe) -> tuple[Recipe, list[Words]]:
    """The recipe without training phases, which the model has behind it; and a remark that says so."""
    settled = recipe.task.without_phases()
    if settled == recipe.task:
        return recipe, []
    said = words("The latent space counts in full from the first step on: the model has its warm start behind it.")
    return replace(recipe, task=settled), [said]


def parents_for(project: Project, *, corpus: str, tokenizer: str, start: str) -> dict[str, About]:
    """What a new model reads, by role.

    Args:
        project: Where they lie.
        corpus: A corpus by name; with `start`, empty for that model's own.
        tokenizer: A tokenizer by name; with `start`, empty or that model's own.
        start: The model whose weights are taken; empty for none.

    Raises:
        StudioError: One of them is not there, or the tokenizer is not the one that the weights belong to.
    """
    if not start:
        return {"corpus": project.about("corpus", corpus), "tokenizer": project.about("tokenizer", tokenizer)}
    parent = project.about("model", start)
    own = tokenizer_item_of(project, parent)
    if tokenizer and project.about("tokenizer", tokenizer).hash != own.hash:
        raise StudioError(
            "The weights of {model} belong to its own tokenizer, {own}: {other} would give every token another meaning.",
            model=start,
            own=own.name,
            other=tokenizer,
        )
    text = project.about("corpus", corpus) if corpus else corpus_of(project, parent)
    return {"corpus": text, "tokenizer": own}


def weights_of(model: About) -> Parent:
    """What a run remembers of the weights that it begins with: a model's best, as they are now.

    Raises:
        StudioError: It has no whole checkpoint.
    """
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.models.checkpoint.verification import weights_hash

    checkpoint, _ = find_checkpoint(model.path, "best")
    return replace(model.as_parent, hash=weights_hash(checkpoint.path), step=str(checkpoint.step))


def asked_of(recipe: Recipe, parents: Mapping[str, About], weights: Parent | None, teacher: Parent | None = None) -> str:
    """What a run was asked for, as one hash: how to learn, from which text, tokenizer and teacher, beginning with which
    weights.

    What a recipe says once its run has begun may be less: new tokens that there are, vectors by their file's name.
    """
    contents = [parents["corpus"].hash, parents["tokenizer"].hash, weights.hash if weights is not None else ""]
    contents += [teacher.hash] if teacher is not None else []
    return hashlib.sha256(json.dumps([recipes.to_dict(recipe), *contents], sort_keys=True).encode()).hexdigest()


def start_of(project: Project, model: About) -> Start:
    """What a model's run begins from: random weights, those with word vectors among them, or another model's checkpoint.

    Raises:
        StudioError: The model that it was is gone, or has other weights by now; or the vectors are damaged.
    """
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.core.models.checkpoint.verification import weights_hash
    from llmstudio.core.tokenizer.growing import pieces_of
    from llmstudio.core.training.start import SCRATCH, Start

    parent = model.model_card.last_step.parent
    if parent is None or model.model_card.is_pruned:
        return replace(SCRATCH, vectors=WordVectors.load(model.path))
    item = project.by_id("model", parent.id)
    checkpoint = find_checkpoint(item.path, parent.step or "best")[0] if item else None
    if checkpoint is None or weights_hash(checkpoint.path) != parent.hash:
        raise StudioError(
            "The weights of {parent} that {model} begins from are gone: start it anew from another model.",
            parent=parent.name or UNKNOWN,
            model=model.name,
        )
    assert item is not None
    grows = recipe_of(model).teach.new_tokens
    pieces = pieces_of(tokenizer_of(project, item), tokenizer_of(project, model)) if grows else ()
    return Start(checkpoint, model=parent.id, pieces=pieces)


def start_left(project: Project, model: About) -> Start | None:
    """As `start_of`; None if that is gone, which a run that has begun can do without."""
    try:
        return start_of(project, model)
    except StudioError:
        return None


def begins_from(parent: Parent) -> Words:
    """What a run says of its beginning."""
    return words(
        "Begins with the weights of {model} as they were at step {step:,}. The optimizer begins anew.",
        model=parent.name,
        step=parent.step or UNKNOWN,
    )


def reads_on(origin: About, recipe: Recipe, corpus: About) -> Words | None:
    """What a run from a model's weights reads first, where its text is that model's; None of any other text."""
    if not is_same_text(origin, corpus.as_parent):
        return None
    if dealt_alike(recipe_of(origin), recipe):
        return words("It goes on in the text where {model} stopped reading.", model=origin.name)
    return words(
        "Its batches are not cut as those of {model} were, so the same text comes in another order: some of it is read again"
        " before the rest has been read.",
        model=origin.name,
    )


def is_same_text(model: About, corpus: Parent) -> bool:
    """Whether a corpus is what this model learned from, whatever it is called now."""
    own = model.parent("corpus")
    return own.hash == corpus.hash if own.hash and corpus.hash else own.id == corpus.id


def dealt_alike(old: Recipe, new: Recipe) -> bool:
    """Whether two recipes deal the same text in the same order."""
    ours, theirs = old.training, new.training
    is_alike = (ours.seed, ours.rows, ours.step_rows) == (theirs.seed, theirs.rows, theirs.step_rows)
    return is_alike and old.task_name == new.task_name


def way_on(model: str) -> StudioError:
    """How a model that holds no training state can learn on."""
    return StudioError(
        "{name} holds weights alone, so no run of its own can go on. A new one can begin from them.",
        name=model,
        remedies=(learn_on(model),),
    )
