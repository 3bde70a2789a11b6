"""What a recipe cannot make sparse, said before it begins, and settings that do nothing beside the others."""

from __future__ import annotations

from llmstudio.core.errors import StudioError
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.optimizers.adamw import ADAMW
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparse_config import BY_STEPS, RANDOM, SparseConfig
from llmstudio.core.words import Words, words


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


def idle_sparse(sparse: SparseConfig) -> dict[str, Words]:
    """Settings that do nothing because of how a model becomes sparse, by path, each with the reason."""
    if not sparse.fits:
        reason = words("the model stays dense while it trains")
        return {f"sparse.{name}": reason for name in vars(sparse) if name != "method"}
    idle = {}
    if sparse.method not in BY_STEPS:
        idle["begin_share"] = words("zeros are there from the first step on")
    if sparse.method in RANDOM:
        idle |= dict.fromkeys(("end_share", "changes"), words("the mask stays as it is"))
    return {f"sparse.{name}": reason for name, reason in idle.items()}
