"""Settings of pruning."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.settings import setting


@dataclass(frozen=True)
class PruningConfig:
    """Which weights go, and how many."""

    method: str = setting(
        "magnitude",
        label="Method",
        help="Which weights go first. At random is the yardstick that every method has to beat.",
        choices={"magnitude": "smallest first", "random": "at random"},
        source="Han et al. 2015, arXiv:1506.02626",
    )
    sparsity: float = setting(0.5, label="Sparsity", help="The share of weights that become zero.", ge=0.0, le=0.99)
    scope: str = setting(
        "global",
        label="Compared",
        help="Rank all weights of the model together, or each layer by itself.",
        choices={"global": "whole model", "layer": "layer by layer"},
    )
    keep_embeddings: bool = setting(
        True, label="Keep embeddings and head", help="The tables of tokens are left whole; they are small and matter much."
    )
    seed: int = setting(0, label="Seed", help="Only random pruning uses it.", ge=0, le=2**31, advanced=True)
