"""The sparsifier of each method that the settings offer. Adding one is a file, a line here and a choice there."""

from __future__ import annotations

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.sparsifiers.base import Remembering, Sparsifier
from llmstudio.core.sparsity.sparsifiers.gradual import Gradual
from llmstudio.core.sparsity.sparsifiers.growth import SET, RigL, Static
from llmstudio.core.sparsity.sparsifiers.lottery import Lottery
from llmstudio.core.sparsity.sparsifiers.movement import Movement
from llmstudio.core.sparsity.sparsifiers.nonzeros import NonzeroRigL, Nonzeros, NonzeroSET
from llmstudio.core.sparsity.sparsifiers.proximal import Proximal

SPARSIFIERS: dict[str, type[Sparsifier]] = {
    "none": Sparsifier,
    "gradual": Gradual,
    "movement": Movement,
    "proximal": Proximal,
    "lottery": Lottery,
    "static": Static,
    "set": SET,
    "rigl": RigL,
}
NONZEROS: dict[str, type[Nonzeros]] = {"static": Nonzeros, "set": NonzeroSET, "rigl": NonzeroRigL}
"""Of those that may keep nonzeros alone, what does."""


def sparsifier_of(model: LanguageModel, config: SparseConfig, optimizers: Remembering, seed: int) -> Sparsifier:
    """What makes a model sparse as settings say."""
    kind = NONZEROS[config.method] if config.keeps_nonzeros else SPARSIFIERS[config.method]
    return kind(model, config, optimizers, seed)
