"""ADMM: the best weights and the best places are found apart, and drawn together ever more strongly.

The weights are what comes closest to the target and to what is placed; what is placed is what a pattern leaves of the
weights and of how far the two have been apart so far. Once the places are settled, the weights in them are made best.

Source: Meng et al. 2024, arXiv:2406.07831 (ALPS); Boyd et al. 2011, doi:10.1561/2200000016.
"""

from __future__ import annotations

import torch
from torch import Tensor

from llmstudio.core.sparsity.methods.gram import damped, solved_on
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.methods.sparsegpt import scores
from llmstudio.core.sparsity.patterns import Pattern

__all__ = ["fit", "scores"]

_FIRST, _MOST = 0.1, 300  # how strongly the two are drawn together at first, and for how many steps at most
_TURNS = 3  # steps until they are drawn together more strongly: the faster, the more the places still change


def fit(layer: Layer, pattern: Pattern) -> tuple[Tensor, Tensor]:
    """(O, D) with weights gone by `pattern` and the others moved; and where they are left."""
    gram, target = layer.read
    strong = damped(gram)
    placed, kept = _placed(layer, target, strong, pattern)
    return solved_on(target, strong, kept, placed), kept


def _placed(layer: Layer, target: Tensor, gram: Tensor, pattern: Pattern) -> tuple[Tensor, Tensor]:
    """Weights (O, D) that have come to rest, and where they are."""
    wide = gram.diagonal().sqrt()
    values, vectors = torch.linalg.eigh(gram / wide[:, None] / wide)  # inputs brought to one size
    scale, values, vectors = wide.to(target.dtype), values.clamp_min(0).to(target.dtype), vectors.to(target.dtype)
    wanted = target * scale
    pulled = (wanted @ vectors) * values
    rho, placed, apart = _FIRST, wanted, torch.zeros_like(wanted)
    before = torch.ones_like(wanted, dtype=torch.bool)
    for step in range(1, _MOST + 1):
        layer.check()
        weight = ((pulled + (rho * placed - apart) @ vectors) / (values + rho)) @ vectors.T
        meant = weight + apart / rho
        kept = layer.kept(pattern, meant.square())
        placed = meant * kept
        apart = apart + rho * (weight - placed)
        if step % _TURNS == 0:
            changed = float((kept ^ before).sum()) / max(1, int(kept.sum()))
            if changed == 0 and step > _TURNS:
                break
            before = kept
            rho *= 1.3 if changed > 0.1 else 1.2 if changed > 0.005 else 1.1
    return placed / scale, kept
