"""What a run spares that keeps nonzeros alone, and what it takes for their places and to compute with them; and what masks
take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from llmstudio.core.models.config import FLOAT, Parameters
from llmstudio.core.models.weights.sparse.layout import BLOCK, PANEL
from llmstudio.core.recipe import Recipe

_COLUMN, _START, _PLACE = 2, 8, 8  # bytes of what says where a nonzero stands, kept, and in a block laid out


@dataclass(frozen=True)
class Spared:
    """Of one part of a model.

    Attributes:
        zeros: Numbers that have neither weight nor gradient nor moments.
        place_bytes: Of the columns of all others, and of where rows begin.
        kept_bytes: Matrices of recurrent layers, which are laid out while a step computes with them.
    """

    zeros: int = 0
    place_bytes: int = 0
    kept_bytes: int = 0


def spared(recipe: Recipe, counts: Mapping[str, Parameters]) -> dict[str, Spared]:
    """By part, of which there is something to spare. The sum is exact; of parts it is only where all lose the same share."""
    if not recipe.sparse.keeps_nonzeros:
        return {}
    so_far, zeros_so_far, found = 0, 0, {}
    for part, shapes in _shapes(recipe, counts).items():
        so_far += sum(map(prod, shapes))
        zeros = round(recipe.sparse.sparsity * so_far) - zeros_so_far
        zeros_so_far += zeros
        starts = sum(-(-width // PANEL) * (rows + 1) for rows, width in shapes)
        cells = recipe.model.matrices().get(part, {}).get("cells", ())
        kept = sum(map(prod, shapes)) - zeros
        found[part] = Spared(zeros, _COLUMN * kept + _START * starts, FLOAT * sum(map(prod, cells)))
    return found


def masked_bytes(recipe: Recipe, counts: Mapping[str, Parameters]) -> int:
    """What a run takes beside all weights that masks some: a mask as wide as its weight, and what a method remembers."""
    if not recipe.sparse.fits or recipe.sparse.keeps_nonzeros:
        return 0
    may_go = sum(prod(shape) for shapes in _shapes(recipe, counts).values() for shape in shapes)
    remembered = {"movement": 2 * may_go, "lottery": sum(map(sum, counts.values()))}
    return FLOAT * (may_go + remembered.get(recipe.sparse.method, 0))


def block_bytes(recipe: Recipe, counts: Mapping[str, Parameters]) -> int:
    """What computing with sparse matrices takes at once: a block laid out, its gradient, and the places of its nonzeros."""
    if not recipe.sparse.keeps_nonzeros:
        return 0
    largest = max((prod(shape) for shapes in _shapes(recipe, counts).values() for shape in shapes), default=0)
    return round(min(BLOCK, largest) * (2 * FLOAT + (1 - recipe.sparse.sparsity) * _PLACE))


def _shapes(recipe: Recipe, counts: Mapping[str, Parameters]) -> dict[str, list[tuple[int, int]]]:
    """The matrices of each part that may lose weights, and its tables with as many rows as their numbers give."""
    matrices, width = recipe.model.matrices(), recipe.model.embed_dim
    found = {part: [shape for kind in matrices.get(part, {}).values() for shape in kind] for part in counts}
    if not recipe.sparse.keep_embeddings:
        for part, count in counts.items():
            rows, odd = divmod(count.tables, width)
            found[part] += [shape for shape in ((rows, width), (1, odd)) if prod(shape)]
    return {part: shapes for part, shapes in found.items() if shapes}
