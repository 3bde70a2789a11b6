"""Magnitude: a small weight changes its sum little. Source: Han et al. 2015, arXiv:1506.02626."""

from __future__ import annotations

from torch import Tensor

from llmstudio.core.sparsity.methods.layer import Layer


def scores(layer: Layer) -> Tensor:
    """(O, D), |w|."""
    return layer.weight.abs()
