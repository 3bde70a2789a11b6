"""The sparsifier of each method that the settings offer. Adding one is a file, a line here and a choice there."""

from __future__ import annotations

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.sparsifiers.base import Remembering, Sparsifier
from llmstudio.core.sparsity.sparsifiers.gradual import Gradual
from llmstudio.core.sparsity.sparsifiers.growth import Static
from llmstudio.core.sparsity.sparsifiers.nonzeros import Nonzeros

SPARSIFIERS: dict[str, type[Sparsifier]] = {
    "none": Sparsifier,
    "gradual": Gradual,
    "static": Static,
}
NONZEROS: dict[str, type[Nonzeros]] = {"static": Nonzeros}
"""Of those that may keep nonzeros alone, what does."""


def sparsifier_of(model: LanguageModel, config: SparseConfig, optimizers: Remembering, seed: int) -> Sparsifier:
    """What makes a model sparse as settings say."""
    kind = NONZEROS[config.method] if config.keeps_nonzeros else SPARSIFIERS[config.method]
    return kind(model, config, optimizers, seed)
