"""Which parts of a model have gradients, and which keep what passes through them: not all, where only some of it learns.

Of what lies below the lowest part that learns nothing is kept, since no gradient comes down to it. What lies above keeps
what passes, frozen or not: gradients go through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from llmstudio.core.models.depth import depths
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
