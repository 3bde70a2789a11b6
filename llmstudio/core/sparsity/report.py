"""What pruning does to a model, in numbers: zeros by layer, weights left, bytes of the file before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.models.checkpoint.tensors import Entry
from llmstudio.core.sparsity.masks import count, prunable
from llmstudio.core.sparsity.rounding import WIDTHS, widths_of
from llmstudio.core.sparsity.storage import file_bytes, stored


@dataclass(frozen=True)
class LayerZeros:
    """One matrix: its name, how many weights it has, how many of them are zero, and whether pruning may touch it."""

    name: str
    weights: int
    zeros: int
    is_prunable: bool


@dataclass(frozen=True)
class PruningReport:
    """The figures of a model under masks.

    Attributes:
        parameters: All weights, tied ones once.
        prunable: Those that pruning may take.
        zeros: Those that are zero under the masks.
        nonzeros_before: Weights that are not zero without the masks, in the whole model.
        nonzeros: Weights left with them.
        file_bytes_before: The weights' file with every number in it.
        file_bytes: The weights' file under the masks, as it would be written.
        file_bytes_bound: Bytes of the numbers that are left and of where they are, below which no file can be (Shannon).
        layers: Every matrix in the model's order.
    """

    parameters: int
    prunable: int
    zeros: int
    nonzeros_before: int
    nonzeros: int
    file_bytes_before: int
    file_bytes: int
    file_bytes_bound: int
    layers: tuple[LayerZeros, ...]


def report(model: nn.Module, masks: Mapping[str, Tensor], *, keep_embeddings: bool, values: str = "fp32") -> PruningReport:
    """Count what `masks` would leave of `model`, its numbers rounded to `values`, without touching it."""
    may_go = prunable(model, keep_embeddings=keep_embeddings)
    tensors = {name: p.detach() for name, p in model.named_parameters()}
    widths = widths_of(model, WIDTHS[values], keep_embeddings=keep_embeddings)
    left = {name: stored(name, tensor, masks.get(name), width=widths[name]) for name, tensor in tensors.items()}
    zeros = {name: tensor.numel() - left[name].num_nonzeros for name, tensor in tensors.items()}
    matrices = prunable(model, keep_embeddings=False)
    layers = tuple(LayerZeros(n, tensors[n].numel(), zeros[n], n in may_go) for n in matrices)
    return PruningReport(
        parameters=sum(t.numel() for t in tensors.values()),
        prunable=sum(p.numel() for p in may_go.values()),
        zeros=sum(layer.zeros for layer in layers if layer.is_prunable),
        nonzeros_before=count(model).nonzeros,
        nonzeros=sum(one.num_nonzeros for one in left.values()),
        file_bytes_before=file_bytes(Entry(name, torch.float32, tuple(t.shape)) for name, t in tensors.items()),
        file_bytes=file_bytes(entry for one in left.values() for entry in one.entries),
        file_bytes_bound=math.ceil(sum(one.bound_bits for one in left.values()) / 8),
        layers=layers,
    )
