"""Coordinate descent on a layer's reconstruction: one input at a time, in all rows at once.

Given the Gram matrix H of what enters, weights w with R = (target - w) H are best in coordinate j, all others held, at
z_j = w_j + R_j / H_jj; whatever shall be true of the weights is then asked of z_j: soft threshold (lasso), a place that may
be kept or not (pruning), a grid (rounding). Every such step lowers the objective, so every sweep does.

Source: Friedman, Hastie and Tibshirani 2010, doi:10.18637/jss.v033.i01 (lasso); Hazimeh and Mazumder 2020,
doi:10.1287/opre.2019.1919 (places chosen on a path); Nair and Suggala 2024, arXiv:2406.17542 (rounding).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from llmstudio.core.sparsity.methods.gram import damped
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.methods.sparsegpt import scores
from llmstudio.core.sparsity.patterns import Pattern

__all__ = ["Descent", "fit", "lasso", "on_path", "scores"]

Prox = Callable[[Tensor, int], Tensor]
"""From z (O,) of input j to the weights (O,) that are allowed and cost least."""

_COLUMNS = 32  # of a block, whose residual is brought up to date at once
_STAGES, _SWEEPS, _LAST_SWEEPS = 25, 1, 8  # more stages gain a few hundredths of the objective


@dataclass
class Descent:
    """Weights on their way down.

    Attributes:
        target: (O, D).
        gram: (D, D), damped, in the target's numbers.
        weight: (O, D), changed in place.
        residual: (O, D), (target - weight) gram.
    """

    target: Tensor
    gram: Tensor
    weight: Tensor
    residual: Tensor

    @classmethod
    def begin(cls, target: Tensor, gram: Tensor, weight: Tensor) -> Descent:
        """With weights of one's own."""
        gram = gram.to(target.dtype)
        return cls(target, gram, weight.clone(), (target - weight) @ gram)

    def sweep(self, prox: Prox) -> None:
        """Every input once, from the first to the last."""
        gram, diagonal = self.gram, self.gram.diagonal()
        for start in range(0, self.weight.shape[1], _COLUMNS):
            stop = min(start + _COLUMNS, self.weight.shape[1])
            block, own = self.residual[:, start:stop].clone(), gram[start:stop, start:stop]
            moves = torch.zeros_like(block)
            for at in range(stop - start):
                column = start + at
                before = self.weight[:, column]
                after = prox(before + block[:, at] / diagonal[column], column)
                moves[:, at] = after - before
                block -= moves[:, at, None] * own[at]
                self.weight[:, column] = after
            self.residual -= moves @ gram[start:stop]

    def keep(self, kept: Tensor) -> None:
        """Let all weights go but those in some places (O, D)."""
        gone = self.weight.masked_fill(kept, 0)
        self.weight -= gone
        self.residual += gone @ self.gram

    def gains(self) -> Tensor:
        """(O, D), how much the objective would rise if a weight were zero rather than at its best, all others held."""
        diagonal = self.gram.diagonal()
        return 0.5 * diagonal * (self.weight + self.residual / diagonal).square()

    @property
    def objective(self) -> float:
        """Half the mean squared difference of what comes out, summed over outputs."""
        return 0.5 * float(((self.target - self.weight) * self.residual).double().sum())


def fit(layer: Layer, pattern: Pattern) -> tuple[Tensor, Tensor]:
    """(O, D) with weights gone by `pattern` and the others moved; and where they are left."""
    gram, target = layer.read
    *_, (descent, kept) = on_path(layer, Descent.begin(target, damped(gram), target), pattern)
    return descent.weight * kept, kept


def on_path(layer: Layer, descent: Descent, pattern: Pattern) -> Iterator[tuple[Descent, Tensor]]:
    """Ever more weights go, up to what `pattern` says, the others made best: after every sweep, and the places left.

    Which go is decided anew at each stage, by how much the objective would rise without each; one that is gone may come
    back. Between two stages the objective falls with every sweep.
    """
    for stage in range(1, _STAGES + 1):
        share = 1 - (1 - stage / _STAGES) ** 3  # many at first, where it costs little
        kept = layer.kept(pattern.share(share), descent.gains())
        descent.keep(kept)

        def placed(z: Tensor, column: int, kept: Tensor = kept) -> Tensor:
            return z * kept[:, column]

        for _ in range(_SWEEPS if stage < _STAGES else _LAST_SWEEPS):
            layer.check()
            descent.sweep(placed)
            yield descent, kept


def lasso(target: Tensor, gram: Tensor, penalties: Iterable[float], sweeps: int = 1000) -> Iterator[Tensor]:
    """The weights (O, D) that are best with a penalty on the sum of their sizes, for one penalty after the other.

    They minimise 1/2 tr (w - target) gram (w - target)' + penalty |w|; each begins with what the one before has left.
    """
    descent = Descent.begin(target, gram, torch.zeros_like(target))
    diagonal = descent.gram.diagonal()
    for penalty in penalties:

        def soft(z: Tensor, column: int, penalty: float = penalty) -> Tensor:
            return z.sign() * (z.abs() - penalty / diagonal[column]).clamp_min(0)

        for _ in range(sweeps):
            before = descent.weight.clone()
            descent.sweep(soft)
            if torch.equal(descent.weight, before) or float((descent.weight - before).abs().max()) < 1e-9:
                break
        yield descent.weight.clone()
