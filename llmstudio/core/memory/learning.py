"""Which parts of a model have gradients, and which keep what passes through them: not all, where only some of it learns.

Of what lies below the lowest part that learns nothing is kept, since no gradient comes down to it. What lies above keeps
what passes, frozen or not: gradients go through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import prod

from llmstudio.core.models.config import FLOAT, Parameters
from llmstudio.core.models.depth import depths
from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers.base import Shape
from llmstudio.core.recipe import Recipe
from llmstudio.core.teaching_config import EMBED, HEAD


def learning_parts(recipe: Recipe, parts: Iterable[str]) -> set[str]:
    """The parts of a model that learn some time in a run."""
    deep = depths(parts)
    learning = {part for part in deep if recipe.teach.learns(part, deep[part], head=recipe.head)}
    return learning | ({EMBED, HEAD} & set(deep) if recipe.teach.new_tokens else set())  # the rows of new tokens


def adapter_parameters(recipe: Recipe) -> dict[str, int]:
    """How many numbers LoRA puts beside the matrices of each part; parts without any are left out."""
    kinds, rank = recipe.teach.kinds(), recipe.teach.lora_rank
    beside = {
        part: sum(rank * (rows + width) for kind in kinds for rows, width in shapes.get(kind, ()))
        for part, shapes in recipe.model.matrices().items()
    }
    return {part: count for part, count in beside.items() if count}


def learning_shapes(recipe: Recipe, counts: Mapping[str, Parameters]) -> dict[str, list[tuple[Role, Shape]]]:
    """Of each part the parameters that learn, as an optimizer asks for them: matrices in their shapes, tables with as many
    rows as their numbers give, vectors together.
    """
    learning, matrices = learning_parts(recipe, counts), recipe.model.matrices()
    kinds, rank, width = recipe.teach.kinds(), recipe.teach.lora_rank, recipe.model.embed_dim
    found: dict[str, list[tuple[Role, Shape]]] = {}
    for part, count in counts.items():
        of_part = matrices.get(part, {})
        shapes: list[tuple[Role, Shape]] = []
        if part in learning:
            every = [shape for kind in of_part.values() for shape in kind]
            rows, odd = divmod(count.tables, width)
            shapes += [(Role.EMBEDDING, (rows, width)), (Role.EMBEDDING, (odd,))]
            shapes += [(Role.MATRIX, shape) for shape in every]
            shapes += [(Role.GAIN, (count.others - sum(map(prod, every)),))]
        for rows, inputs in (shape for kind in kinds for shape in of_part.get(kind, ())):
            shapes += [(Role.ADAPTER, (rank, inputs)), (Role.ADAPTER, (rows, rank))]
        found[part] = [(role, shape) for role, shape in shapes if prod(shape)]
    return found


def adapter_activations(recipe: Recipe, *, tokens: int, product: int) -> tuple[dict[str, int], int]:
    """What LoRA keeps beside the activations of each part, and what it needs once, in bytes, of products this wide.

    A recurrent layer keeps its matrices with what is added to them. What is added to the outcome of another matrix lies
    beside it for a moment.
    """
    kept, widest = {}, 0
    for part, matrices in recipe.model.matrices().items():
        for kind in recipe.teach.kinds():
            shapes = matrices.get(kind, ())
            if kind == "cells":
                kept[part] = FLOAT * sum(map(prod, shapes))
            else:
                widest = max(widest, *(rows for rows, _ in shapes), 0)
    return kept, tokens * widest * product


def remembering_parts(learning: Collection[str], parts: Iterable[str]) -> set[str]:
    """The parts that keep what passes through them for the backward pass, of `parts` in the order of the model.

    Each half of a model is read from below; what writes looks at all that the half below it has read.
    """
    kept: set[str] = set()
    comes_down = EMBED in learning
    for part in parts:
        comes_down = comes_down or part in learning
        if comes_down:
            kept.add(part)
    return kept
