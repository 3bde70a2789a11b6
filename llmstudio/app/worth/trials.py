"""The trials of a comparison: a way to begin, a share of the labels, and the model that comes of it.

The models are items like any others, named after the comparison, so that one that was broken off goes on where it stopped:
what is there already is not done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmstudio.app.runs.starting import for_task
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.words import Words, words

SCRATCH, FROZEN, TAUGHT = WAYS = ("scratch", "frozen", "taught")
LABELS: dict[str, Words] = {
    SCRATCH: words("from random weights"),
    FROZEN: words("pretrained, only the head learns"),
    TAUGHT: words("pretrained, all weights learn"),
}
SHARES = (0.01, 0.1, 1.0)


@dataclass(frozen=True)
class Trial:
    """One model of a comparison.

    Attributes:
        name: The model's.
        way: One of `WAYS`, or a remedy for rare classes.
        share: Of the labels, above 0 to 1.
        recipe: How it learns.
        said: What is tried, in words.
        begins: Whether it begins with the weights of the comparison's model.
    """

    name: str
    way: str
    share: float
    recipe: Recipe
    said: Words
    begins: bool


def trials(name: str, recipe: Recipe, shares: Sequence[float] = SHARES) -> list[Trial]:
    """Every way with every share, the fewest labels first.

    Args:
        name: The comparison's.
        recipe: How the task is learned, of the pretrained model's shape.
        shares: Of the labels.

    Raises:
        StudioError: There is no share, one is out of bounds, or the task learns without labels.
    """
    if not hasattr(recipe.task, "label_share"):
        raise StudioError("What pretraining was worth is seen in a task with labels: choose classify or tag.")
    if not shares or not all(0 < share <= 1 for share in shares):
        raise StudioError("A share of the labels lies above 0 and reaches up to 1, as in 0.01, 0.1 and 1.")
    taught = recipe.teach if recipe.teach.weights != "head_only" else TeachingConfig()
    teach = {SCRATCH: TeachingConfig(), FROZEN: TeachingConfig(weights="head_only"), TAUGHT: taught}
    return [
        Trial(
            f"{name} {way} {share:g}",
            way,
            share,
            replace(recipe, task=replace(recipe.task, label_share=share), teach=teach[way]),
            words("{way}, {share:.4g} % of the labels", way=LABELS[way], share=100 * share),
            way != SCRATCH,
        )
        for share in sorted(set(shares))
        for way in WAYS
    ]


def recipe_for(own: Recipe, task: str) -> Recipe:
    """How a task is learned by a model of this recipe, where nothing else is said."""
    return replace(for_task(own, task), teach=TeachingConfig(), sparse=SparseConfig())
