"""The sparsifier of each method that the settings offer. Adding one is a file, a line here and a choice there."""

from __future__ import annotations

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.sparsifiers.base import Remembering, Sparsifier
from llmstudio.core.sparsity.sparsifiers.gradual import Gradual
from llmstudio.core.sparsity.sparsifiers.growth import Static

SPARSIFIERS: dict[str, type[Sparsifier]] = {
    "none": Sparsifier,
    "gradual": Gradual,
    "static": Static,
}


def sparsifier_of(model: LanguageModel, config: SparseConfig, optimizers: Remembering, seed: int) -> Sparsifier:
    """What makes a model sparse as settings say."""
    return SPARSIFIERS[config.method](model, config, optimizers, seed)
