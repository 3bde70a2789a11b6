"""Sparse from the first step on, and only nonzeros are kept: the masks of `growth`, drawn for one matrix after another.

Weights that are gone take no bytes, have no gradient and are not remembered by optimizers. So the model is never masked:
what its weights keep is all that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

from torch import Tensor

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.sparse.standing_in import keep_nonzeros, learned_weights
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.patterns import lowest
from llmstudio.core.sparsity.sparsifiers.base import MASK, Remembering, Sparsifier, goals, packed, seeded, unpacked


class Nonzeros(Sparsifier):
    """What is there is chosen before the first step and stays so.

    Attributes:
        weights: What is kept of each matrix, by the name that it has in a file.
    """

    def __init__(self, model: LanguageModel, config: SparseConfig, optimizers: Remembering, seed: int) -> None:
        """As of every sparsifier. `model` keeps nonzeros alone already; see `keep_drawn`."""
        self.weights = learned_weights(model)
        super().__init__(model, config, optimizers, seed)
        self.parameters = {}  # nothing is masked

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """Choose what is there, unless that is so already: only of a checkpoint that holds dense weights it is not."""
        if not self.is_settled(0, 1):
            shapes = {name: (weight.rows, weight.width) for name, weight in self.weights.items()}
            masks = _drawn(lambda name: self.weights[name].dense(), shapes, self.config, self.seed, is_learned, is_pruned)
            for name, stays in masks:
                self.weights[name].place(stays, self.weights[name].dense())

    @property
    def num_weights(self) -> int:
        """See `Sparsifier`."""
        return sum(weight.rows * weight.width for weight in self.weights.values())

    @property
    def num_zeros(self) -> int:
        """See `Sparsifier`."""
        return self.num_weights - sum(weight.values.numel() for weight in self.weights.values())

    def state(self) -> dict[str, Tensor]:
        """See `Sparsifier`."""
        return {f"{MASK}{name}": packed(weight.stays()) for name, weight in self.weights.items()}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """See `Sparsifier`; the weights have been read."""
        if {key for key in tensors if key.startswith(MASK)} != {MASK + name for name in self.weights}:
            raise ValueError("masks of other weights")
        for name, weight in self.weights.items():
            dense = weight.dense()
            weight.place(unpacked(tensors[MASK + name], dense), dense)


def keep_drawn(model: LanguageModel, config: SparseConfig, seed: int, *, is_learned: bool, is_pruned: bool) -> None:
    """Let a dense model keep nonzeros alone, in the same places as a masked one would have them.

    Raises:
        StudioError: As `Sparsifier.begin`.
    """
    shapes = {name: tuple(p.shape) for name, p in prunable(model, keep_embeddings=config.keep_embeddings).items()}
    keep_nonzeros(model, _drawn(model.get_parameter, shapes, config, seed, is_learned, is_pruned))


def _drawn(
    dense: Callable[[str], Tensor],
    shapes: Mapping[str, tuple[int, ...]],
    config: SparseConfig,
    seed: int,
    is_learned: bool,
    is_pruned: bool,
) -> Iterator[tuple[str, Tensor]]:
    """What stays of each matrix, one after another."""
    gone = [prod(shape) - int(dense(name).count_nonzero()) if is_pruned else 0 for name, shape in shapes.items()]
    zeros, draw = goals(config, shapes, gone), seeded(seed, -1)
    for name in shapes:
        numbers = dense(name).detach()
        score = numbers.abs() if is_learned else draw(numbers)
        yield name, ~lowest(score.masked_fill(numbers == 0, -1.0) if is_pruned else score, zeros[name])
