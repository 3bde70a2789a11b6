"""What a recipe cannot make sparse, said before it begins, and settings that do nothing beside the others."""

from __future__ import annotations

from llmstudio.core.errors import StudioError
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.optimizers.adamw import ADAMW
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparse_config import BY_STEPS, FITTED, NONZEROS_ALONE, SparseConfig
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


def idle_sparse(sparse: SparseConfig) -> dict[str, Words]:
    """Settings that do nothing because of how a model becomes sparse, by path, each with the reason."""
    reason = words("this way of becoming sparse does not ask for it")
    if not sparse.fits:
        reason = words("the model stays dense while it trains")
    return {f"sparse.{name}": reason for name in vars(sparse) if name != "method" and not _is_read(name, sparse.method)}


def _is_read(name: str, method: str) -> bool:
    return method in _READ_BY.get(name, set(FITTED))


_CHANGING = {*BY_STEPS, "set", "rigl"}
_READ_BY = {
    "sparsity": set(FITTED) - {"proximal"},
    "distribution": set(FITTED) - {"proximal"},
    "storage": NONZEROS_ALONE,
    "begin_share": BY_STEPS,
    "end_share": {*_CHANGING, "proximal"},
    "changes": _CHANGING,
    "drop_share": {"set", "rigl"},
    "l1": {"proximal"},
    "rounds": {"lottery"},
    "rewind_share": {"lottery"},
}
"""Which methods read a setting; all do where nothing stands here."""
