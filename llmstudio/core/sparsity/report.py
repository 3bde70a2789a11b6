"""What pruning does to a model, in numbers: zeros by layer, weights left, bytes of the file before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.storage import entries, file_bytes, nonzeros


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
        file_bytes_before: The weights' file without the masks.
        file_bytes: The weights' file with them.
        layers: Every matrix in the model's order.
    """

    parameters: int
    prunable: int
    zeros: int
    nonzeros_before: int
    nonzeros: int
    file_bytes_before: int
    file_bytes: int
    layers: tuple[LayerZeros, ...]


def report(model: nn.Module, masks: Mapping[str, Tensor], *, keep_embeddings: bool) -> PruningReport:
    """Count what `masks` would leave of `model`, without touching it."""
    may_go = prunable(model, keep_embeddings=keep_embeddings)
    tensors = {name: p.detach() for name, p in model.named_parameters()}
    now = {name: nonzeros(tensor) for name, tensor in tensors.items()}
    left = {name: nonzeros(tensor, masks[name]) if name in masks else now[name] for name, tensor in tensors.items()}
    matrices = prunable(model, keep_embeddings=False)
    layers = tuple(LayerZeros(n, tensors[n].numel(), tensors[n].numel() - left[n], n in may_go) for n in matrices)
    return PruningReport(
        parameters=sum(t.numel() for t in tensors.values()),
        prunable=sum(p.numel() for p in may_go.values()),
        zeros=sum(layer.zeros for layer in layers if layer.is_prunable),
        nonzeros_before=sum(now.values()),
        nonzeros=sum(left.values()),
        file_bytes_before=_bytes(tensors, now),
        file_bytes=_bytes(tensors, left),
        layers=layers,
    )


def _bytes(tensors: Mapping[str, Tensor], counts: Mapping[str, int]) -> int:
    return file_bytes(entry for name, t in tensors.items() for entry in entries(name, tuple(t.shape), counts[name]))
