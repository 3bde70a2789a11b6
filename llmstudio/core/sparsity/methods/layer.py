"""A matrix as a method is given it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from llmstudio.core.sparsity.patterns import Pattern
from llmstudio.core.work import Stop, check


@dataclass(frozen=True)
class Layer:
    """A matrix to prune, and what enters it.

    Attributes:
        weight: (O, D) in 32 bits.
        generator: Where chance is drawn from.
        gram: (D, D), the mean of x x' over what enters; None for a method that reads no text.
        target: (O, D), what would give on what enters now, as nearly as can be, what the whole model gives here: `weight`,
            unless what was pruned before has changed what enters; None where nothing is read.
        stop: Looked at between the steps of a fit, of which a large matrix may take minutes.
    """

    weight: Tensor
    generator: torch.Generator
    gram: Tensor | None = None
    target: Tensor | None = None
    stop: Stop | None = None

    @property
    def read(self) -> tuple[Tensor, Tensor]:
        """`gram` and `target` of a method that reads text."""
        assert self.gram is not None
        assert self.target is not None
        return self.gram, self.target

    def check(self) -> None:
        """Raise WasStopped if somebody has asked to stop."""
        check(self.stop)

    def kept(self, pattern: Pattern, scores: Tensor, columns: slice = slice(None)) -> Tensor:
        """True for what a pattern leaves of some columns; a weight that is gone already stays gone, and goes first."""
        alive = self.weight[:, columns] != 0
        return pattern.kept(scores.masked_fill(~alive, -torch.inf)) & alive
