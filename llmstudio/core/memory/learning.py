"""Which parts of a model have gradients, and which keep what passes through them: not all, where only some of it learns.

Of what lies below the lowest part that learns nothing is kept, since no gradient comes down to it. What lies above keeps
what passes, frozen or not: gradients go through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import prod

from llmstudio.core.models.config import FLOAT, TOKENS, Parameters
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


def adapted_matrices(recipe: Recipe, vocab_size: int) -> dict[str, list[tuple[int, int]]]:
    """The shapes of what LoRA puts small matrices beside, in each part; parts without any are left out."""
    kinds = recipe.teach.kinds()
    table = [(vocab_size, recipe.model.embed_dim)] if TOKENS in kinds else []
    shapes = {
        part: [shape for kind in kinds for shape in own.get(kind, ())] for part, own in recipe.model.matrices().items()
    }
    shapes[EMBED] = shapes.get(EMBED, []) + table
    return {part: found for part, found in shapes.items() if found}


def adapter_parameters(recipe: Recipe, vocab_size: int) -> dict[str, int]:
    """How many numbers LoRA puts beside the matrices of each part; parts without any are left out."""
    shapes, rank = adapted_matrices(recipe, vocab_size), recipe.teach.lora_rank
    return {part: sum(rank * (rows + width) for rows, width in found) for part, found in shapes.items()}


def learning_shapes(
    recipe: Recipe, vocab_size: int, counts: Mapping[str, Parameters]
) -> dict[str, list[tuple[Role, Shape]]]:
    """Of each part the parameters that learn, as an optimizer asks for them: matrices in their shapes, tables with as many
    rows as their numbers give, vectors together.
    """
    learning, matrices = learning_parts(recipe, counts), recipe.model.matrices()
    adapted, rank, width = adapted_matrices(recipe, vocab_size), recipe.teach.lora_rank, recipe.model.embed_dim
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
        for rows, inputs in adapted.get(part, ()):
            shapes += [(Role.ADAPTER, (rank, inputs)), (Role.ADAPTER, (rows, rank))]
        found[part] = [(role, shape) for role, shape in shapes if prod(shape)]
    return found


def adapter_activations(recipe: Recipe, *, tokens: int, product: int) -> tuple[dict[str, int], int]:
    """What LoRA keeps beside the activations of each part, and what it needs once, in bytes, of products this wide.

    A recurrent layer keeps its matrices with what is added to them. What is added to the outcome of another matrix lies
    beside it for a moment. Of tokens the numbers are kept that what is added is made of.
    """
    kept, widest = {}, 0
    if TOKENS in recipe.teach.kinds():
        kept[EMBED], widest = FLOAT * tokens * recipe.teach.lora_rank, recipe.model.embed_dim
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
