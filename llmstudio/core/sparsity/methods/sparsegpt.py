"""SparseGPT: from left to right, each column that loses weights is made up for by the columns at its right.

What taking a weight away costs, and how the others best make up for it, stands in the inverse of the Gram matrix (Hassibi
and Stork 1992). Where all rows go through the columns in the same order, one Cholesky factor of that inverse serves them
all. Here as published: what was pruned in other layers is not made up for. Source: Frantar and Alistarh 2023,
arXiv:2301.00774.
"""

from __future__ import annotations

import torch
from torch import Tensor

from llmstudio.core.sparsity.methods.gram import damped
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.patterns import Pattern

_BLOCK = 128  # columns whose weights are compared with each other


def scores(layer: Layer) -> Tensor:
    """(O, D), w² over the diagonal of the inverse Gram matrix: what taking it away costs if all others make up for it."""
    gram, _ = layer.read
    costs: Tensor = layer.weight.square() / torch.linalg.inv(damped(gram)).diagonal().float()
    return costs


def fit(layer: Layer, pattern: Pattern) -> tuple[Tensor, Tensor]:
    """(O, D) with weights gone by `pattern`, block by block, and the others moved; and where they are left."""
    gram, _ = layer.read
    weight, width = layer.weight.clone(), layer.weight.shape[1]
    live = gram.diagonal() > 0  # where nothing ever enters, weights go first
    factor = torch.linalg.cholesky(torch.linalg.inv(damped(gram)), upper=True).float()
    stays = torch.zeros_like(weight, dtype=torch.bool)
    step = _BLOCK - _BLOCK % (pattern.group or 1)
    for start in range(0, width, step):
        layer.check()
        columns = slice(start, min(start + step, width))
        part = pattern.part(columns, layer.weight != 0)
        weight[:, columns], stays[:, columns], errors = _block(
            layer, part, weight[:, columns], factor[columns, columns], live, columns
        )
        weight[:, columns.stop :] -= errors @ factor[columns, columns.stop :]
    return weight * stays, stays


def _block(
    layer: Layer, pattern: Pattern, weight: Tensor, factor: Tensor, live: Tensor, columns: slice
) -> tuple[Tensor, Tensor, Tensor]:
    """Columns of a matrix, which of their places are left, and what the columns at their right have to make up for."""
    weight, strength = weight.clone(), factor.diagonal().square()
    width = weight.shape[1]
    errors, size = torch.zeros_like(weight), pattern.group or width
    stays = torch.zeros_like(weight, dtype=torch.bool)
    for at in range(width):
        if at % size == 0:  # a group, or all, is judged by what its weights have become by now
            members = slice(at, min(at + size, width))
            whole = slice(columns.start + members.start, columns.start + members.stop)
            stays[:, members] = layer.kept(pattern, live[whole] * weight[:, members].square() / strength[members], whole)
        left = weight[:, at] * stays[:, at]
        errors[:, at] = (weight[:, at] - left) / factor[at, at]
        weight[:, at:] -= errors[:, at, None] * factor[at, at:]
        weight[:, at] = left
    return weight, stays, errors
