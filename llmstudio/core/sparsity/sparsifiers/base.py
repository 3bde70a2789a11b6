"""What a sparsifier is: it knows which weights of a model in training are gone, and keeps them at zero.

The run calls it before a step, when gradients are there, and after the optimizers have stepped. Of what is gone gradients
and moments are zero, too: the optimizers learn with what is left, as if there were nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.masked import Masked, masked_by_name
from llmstudio.core.settings import to_dict
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.patterns import lowest
from llmstudio.core.sparsity.pruning import shares_of_all
from llmstudio.core.sparsity.sparsifiers.shares import zeros_by_matrix
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import Words, words

MASK = "mask:"
"""Before a parameter's name, in what a sparsifier keeps."""


class Remembering(Protocol):
    """What a sparsifier asks of a run's optimizers."""

    def state(self) -> dict[str, Tensor]:
        """Every tensor that they keep, as `parameter:key`."""

    def forget(self) -> None:
        """Keep nothing any more."""

    def rate_of(self, name: str) -> float:
        """The learning rate of a parameter in the latest step."""


class Sparsifier:
    """Masks of a model in training. This one has none: the model is trained as it is.

    Attributes:
        parameters: Those whose weights may go, by name.
        masked: Which numbers of them are left; also of others, where a pruned model goes on.
        goal: How many weights are gone in the end.
        news: What is to be said of the latest step.
    """

    def __init__(self, model: LanguageModel, config: SparseConfig, optimizers: Remembering, seed: int) -> None:
        """Everything random follows from `seed` and the number of a step."""
        self.model, self.config, self.optimizers, self.seed = model, config, optimizers, seed
        self.parameters = prunable(model, keep_embeddings=config.keep_embeddings) if config.fits else {}
        self.masked: dict[str, Masked] = {}
        self.goal = round(config.sparsity * self.num_weights)
        self.news: list[Words] = []
        self._goals: dict[str, int] = {}

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """Before the first step: nothing is gone but what had been pruned before.

        Args:
            is_learned: Whether its weights have learned already.
            is_pruned: Whether those that are zero are gone for good.

        Raises:
            StudioError: Nothing may go, or more is gone than is asked for.
        """
        if not self.config.fits:
            return
        self.masked = masked_by_name(self.model) if is_pruned else {}
        gone = [self.masked[name].num_zeros if name in self.masked else 0 for name in self.parameters]
        self._goals = self._goals_beside(gone)
        for name, parameter in self.parameters.items():
            self.masked.setdefault(name, Masked(parameter, torch.ones_like(parameter, dtype=torch.bool)))

    def begin_step(self, step: int, max_steps: int) -> None:
        """Hear that step `step` (from 0) of `max_steps` begins."""
        self.news = []
        self._keep_zeros()  # a task may have given a part of the model new weights

    def with_gradients(self, step: int, max_steps: int) -> None:
        """Look at the gradients, which are of all weights, and leave those of what is there."""
        for masked in self.masked.values():
            if masked.weights.grad is not None:
                masked.clear(masked.weights.grad)

    def after_step(self, step: int, max_steps: int) -> None:
        """The weights have moved."""
        self._keep_zeros()

    def is_settled(self, step: int, max_steps: int) -> bool:
        """Whether the model is as sparse as it is to be."""
        return self.num_zeros == self.goal

    def pace(self, step: int, max_steps: int) -> tuple[int, int]:
        """By which step, of how many, the learning rate goes: a method may begin again and again."""
        return step, max_steps

    @property
    def num_weights(self) -> int:
        """Weights that may go."""
        return sum(p.numel() for p in self.parameters.values())

    @property
    def num_zeros(self) -> int:
        """Those that are gone."""
        return sum(self.masked[name].num_zeros for name in self.parameters) if self.masked else 0

    @property
    def sparsity(self) -> float:
        """The share that is gone of what may go."""
        return self.num_zeros / max(1, self.num_weights)

    def parts(self) -> Mapping[str, float]:
        """What the curves show of it."""
        return {"sparsity": self.sparsity} if self.config.fits else {}

    def record(self) -> dict[str, Any]:
        """How the weights were pruned, as a checkpoint keeps it; empty if none are gone."""
        return to_dict(self.config) | {"sparsity": self.sparsity} if self.num_zeros else {}

    def said(self) -> list[Words]:
        """What is to be said before the first step."""
        if not self.config.fits:
            return []
        said = [
            words(
                "Of {weights:,} weights that may go, {zeros:,} are zero in the end.",
                weights=self.num_weights,
                zeros=self.goal,
            )
        ]
        spared = [name for name, zeros in self._goals.items() if zeros == self.parameters[name].numel() - 1]
        if spared and self.config.distribution != "global":
            said.append(
                words(
                    "{spared|matrix|matrices} would be left empty, as {name}: one weight of each stays, since nothing passes"
                    " through an empty one.",
                    spared=len(spared),
                    name=spared[0],
                )
            )
        return said

    def state(self) -> dict[str, Tensor]:
        """What going on needs: a bit for each weight. A weight that has just come back is zero, too."""
        return {f"{MASK}{name}": packed(masked.stays) for name, masked in self.masked.items()}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`, once `begin` was called. Raises ValueError if it is of another model."""
        named = dict(self.model.named_parameters())
        names = [key.removeprefix(MASK) for key in tensors if key.startswith(MASK)]
        if not set(self.parameters) <= set(names) <= set(named):
            raise ValueError("masks of other weights")
        self.masked = {name: Masked(named[name], unpacked(tensors[MASK + name], named[name])) for name in names}

    def _goals_beside(self, gone: Sequence[int]) -> dict[str, int]:
        return goals(self.config, {name: p.shape for name, p in self.parameters.items()}, gone)

    def _choose(self, scores: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
        """Masks under which those with the lowest scores are gone: `share` of all that are to be gone in the end."""
        if self.config.distribution == "global":
            counts = dict(zip(scores, shares_of_all([*scores.values()], round(share * self.goal)), strict=True))
        else:
            counts = {name: round(share * self._goals[name]) for name in scores}
        return {name: ~lowest(score, counts[name]) for name, score in scores.items()}

    def _set(self, masks: Mapping[str, Tensor]) -> None:
        """From now on these stay. What goes is zero, with what the optimizers remember of it; what comes back begins so."""
        self._mask(masks)
        for name in masks:
            self.masked[name].keep_zeros()
        for key, moment in self.optimizers.state().items():
            name = key.rpartition(":")[0]
            if name in masks and moment.shape == masks[name].shape:
                self.masked[name].clear(moment)

    def _mask(self, masks: Mapping[str, Tensor]) -> None:
        for name, stays in masks.items():
            self.masked[name] = Masked(self.parameters[name], stays)

    def _keep_zeros(self) -> None:
        for masked in self.masked.values():
            masked.keep_zeros()


def by_size(parameters: Mapping[str, Tensor], masked: Mapping[str, Masked]) -> dict[str, Tensor]:
    """How large each weight is; what is gone comes before everything else."""
    return {name: p.detach().abs().masked_fill(~masked[name].stays, -1.0) for name, p in parameters.items()}


def taken_up(prefix: str, tensors: Mapping[str, Tensor], model: LanguageModel) -> dict[str, Tensor]:
    """Those that are kept under a prefix and the name of a parameter. Raises ValueError if one has another shape."""
    named = dict(model.named_parameters())
    found = {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
    if any(name not in named or named[name].shape != tensor.shape for name, tensor in found.items()):
        raise ValueError("numbers of other weights")
    return {name: tensor.to(named[name].device, copy=True) for name, tensor in found.items()}


def goals(config: SparseConfig, shapes: Mapping[str, Sequence[int]], gone: Sequence[int]) -> dict[str, int]:
    """How many weights of each matrix are gone in the end, of which so many are zero anyway.

    Raises:
        StudioError: Nothing may go, or more is gone than is asked for.
    """
    if not shapes:
        raise StudioError(
            "This model has no weights that may go: let those of its tables go, too.",
            paths=("sparse.keep_embeddings", "sparse.method"),
        )
    weights = sum(map(prod, shapes.values()))
    if sum(gone) > round(config.sparsity * weights):
        raise StudioError(
            "{share} of the weights that may go are zero already, and weights that were pruned do not come back: ask for"
            " a higher sparsity.",
            share=percent(sum(gone) / weights),
            paths=("sparse.sparsity",),
        )
    shared = zeros_by_matrix([*shapes.values()], config.sparsity, config.distribution, gone)
    return dict(zip(shapes, shared, strict=True))


def seeded(seed: int, step: int) -> Callable[[Tensor], Tensor]:
    """Draws a number for each weight of one matrix after another; the same at the same step."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    return lambda like: torch.rand(like.shape, generator=generator).to(like.device)


def packed(stays: Tensor) -> Tensor:
    """A mask, a bit for each weight."""
    return torch.from_numpy(np.packbits(stays.cpu().numpy()))


def unpacked(bits: Tensor, like: Tensor) -> Tensor:
    """Inverse of `packed`, shaped as `like`. Raises ValueError if it is of another shape."""
    if bits.dtype != torch.uint8 or bits.numel() != -(-like.numel() // 8):
        raise ValueError("a mask of another shape")
    return torch.from_numpy(np.unpackbits(bits.numpy(), count=like.numel()).astype(bool)).view(like.shape)
