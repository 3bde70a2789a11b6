"""What a recipe cannot make sparse, said before it begins."""

from __future__ import annotations

from llmstudio.core.errors import StudioError
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.optimizers.adamw import ADAMW
from llmstudio.core.recipe import Recipe


def refuse_sparse(recipe: Recipe, *, has_start: bool) -> None:
    """Raises StudioError if a recipe cannot make its model sparse as it says."""
    sparse = recipe.sparse
    if sparse.fits and recipe.teach.weights != "all":
        raise StudioError(
            "Sparsity is fitted while all weights learn: what does not learn cannot make up for what goes. Let all weights"
            " learn, or prune the model when it has learned.",
            paths=("sparse.method", "teach.weights"),
        )
    if sparse.keeps_nonzeros and OPTIMIZERS[recipe.training.optimizer] is not ADAMW:
        raise StudioError(
            "{optimizer} needs whole matrices, of which only the nonzeros would be kept: choose AdamW, or keep all weights"
            " and mask the zeros.",
            optimizer=OPTIMIZERS[recipe.training.optimizer].label,
            paths=("sparse.storage", "training.optimizer"),
        )
    if sparse.method == "movement" and not has_start:
        raise StudioError(
            "Movement pruning is for runs that begin with the weights of another model: random ones move anywhere. Begin"
            " with a model, or choose another way.",
            paths=("sparse.method",),
        )
    if sparse.method != "lottery":
        return
    if recipe.task != recipe.task.without_phases() or recipe.teach.unfreeze_share:
        raise StudioError(
            "Rounds of a lottery go back to early weights, and this training has phases of its own, which would not come"
            " again: choose another way, or a training without phases.",
            paths=("sparse.method",),
        )
    if not recipe.training.max_seconds and recipe.training.max_steps < 2 * (sparse.rounds + 1):
        raise StudioError(
            "{steps|step does|steps do} not suffice for {rounds|round|rounds}: give each two steps or more.",
            steps=recipe.training.max_steps,
            rounds=sparse.rounds,
            paths=("sparse.rounds", "training.max_steps"),
        )
