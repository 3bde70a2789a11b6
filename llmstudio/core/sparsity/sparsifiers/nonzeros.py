"""Sparse from the first step on, and only nonzeros are kept: the masks of `growth`, for one matrix after another.

Weights that are gone take no bytes, have no gradient and are not remembered by optimizers. So the model is never masked:
what its weights keep is all that there is. Where some give way to others, one matrix is laid out at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

import torch
from torch import Tensor

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.sparse.standing_in import keep_nonzeros, learned_weights
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.patterns import lowest
from llmstudio.core.sparsity.sparsifiers.base import MASK, Remembering, Sparsifier, goals, packed, seeded, unpacked
from llmstudio.core.sparsity.sparsifiers.growth import evolved, exchanged, exchanges, falling_share


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
        names = {parameter: name for name, parameter in model.named_parameters()}
        self._values = {name: names[weight.values] for name, weight in self.weights.items()}

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

    def move(self, name: str, stays: Tensor, numbers: Tensor) -> None:
        """Let other places be those of a matrix; what comes has not been remembered."""
        weight = self.weights[name]
        was = weight.move(stays, numbers)
        for key, moment in self.optimizers.state().items():
            if key.rpartition(":")[0] == self._values[name] and moment.shape == was.shape:
                moment.copy_(torch.where(was < 0, 0.0, moment[was.clamp_min(0)]))


class NonzeroSET(Nonzeros):
    """See `growth.SET`."""

    def begin_step(self, step: int, max_steps: int) -> None:
        """Exchange weights, where that is due."""
        super().begin_step(step, max_steps)
        if not exchanges(self.config, step, max_steps):
            return
        draw = seeded(self.seed, step)
        for name, weight in self.weights.items():
            numbers = weight.dense()
            stays, added = evolved(numbers, weight.stays(), draw, self.config.drop_share)
            if weight.values.requires_grad:
                self.move(name, stays, numbers + added)


class NonzeroRigL(Nonzeros):
    """See `growth.RigL`. The gradient of a whole matrix is there for a moment of the backward pass, and weights give way to
    others in it; if a step takes several batches, in that of its first.
    """

    def begin_step(self, step: int, max_steps: int) -> None:
        """Look at the gradients that are to come, where weights are to be exchanged."""
        super().begin_step(step, max_steps)
        if exchanges(self.config, step, max_steps):
            for name in self.weights:
                _Exchange(self, name, falling_share(self.config, step, max_steps))


class _Exchange:
    """Sums up the gradient of one matrix, which may be used more than once, and exchanges weights when it is whole."""

    def __init__(self, sparsifier: NonzeroRigL, name: str, share: float) -> None:
        self._sparsifier, self._name, self._share = sparsifier, name, share
        self._weight, self._gradient = sparsifier.weights[name], sparsifier.weights[name].values.new_zeros(())
        self._weight.watch = self._add
        self._handle = self._weight.values.register_post_accumulate_grad_hook(self._exchange)  # type: ignore[no-untyped-call]

    def _add(self, gradient: Tensor) -> None:
        self._gradient = self._gradient + gradient

    def _exchange(self, values: Tensor) -> None:
        weight, gradient = self._weight, self._gradient
        weight.watch = None
        self._handle.remove()
        if not bool(gradient.isfinite().all()):  # in 16 bits it may not be
            return
        numbers = weight.dense()
        stays = exchanged(numbers, weight.stays(), gradient.abs(), round(self._share * values.numel()))
        self._sparsifier.move(self._name, stays, numbers)
        values.grad = weight.at_places(gradient)


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
