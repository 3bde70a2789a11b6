"""Wanda: a weight matters as far as it is large and what it multiplies is. Source: Sun et al. 2023, arXiv:2306.11695."""

from __future__ import annotations

from torch import Tensor

from llmstudio.core.sparsity.methods.layer import Layer


def scores(layer: Layer) -> Tensor:
    """(O, D), |w_ij| times the root mean square of input j."""
    gram, _ = layer.read
    return layer.weight.abs() * gram.diagonal().sqrt()
