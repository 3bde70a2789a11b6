"""What pruning does to a model, in numbers: zeros by layer, weights left, bytes of the file before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.storage import nonzeros, stored_bytes


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
        nonzeros: Weights left, in the whole model.
        file_bytes_before: The weights' file without the masks.
        file_bytes: The weights' file with them.
        layers: Every matrix in the model's order.
    """

    parameters: int
    prunable: int
    zeros: int
    nonzeros: int
    file_bytes_before: int
    file_bytes: int
    layers: tuple[LayerZeros, ...]


def report(model: nn.Module, masks: Mapping[str, Tensor], *, keep_embeddings: bool) -> PruningReport:
    """Count what `masks` would leave of `model`, without touching it."""
    may_go = prunable(model, keep_embeddings=keep_embeddings)
    tensors = {name: p.detach() for name, p in model.named_parameters()}
    left = {name: nonzeros(tensor, masks.get(name)) for name, tensor in tensors.items()}
    layers = tuple(
        LayerZeros(name, t.numel(), t.numel() - left[name], name in may_go) for name, t in tensors.items() if t.ndim >= 2
    )
    return PruningReport(
        parameters=sum(t.numel() for t in tensors.values()),
        prunable=sum(p.numel() for p in may_go.values()),
        zeros=sum(layer.zeros for layer in layers if layer.is_prunable),
        nonzeros=sum(left.values()),
        file_bytes_before=stored_bytes(tensors),
        file_bytes=stored_bytes(tensors, masks),
        layers=layers,
    )
