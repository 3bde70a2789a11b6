"""What a weight is: a module that multiplies, gives its numbers, encodes itself for a file and counts its bytes."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from llmstudio.core.models.checkpoint.codecs import encode


class Weight(nn.Module):
    """A matrix (rows, width), kept as `weight` under that name in the model's state. Here all of its numbers are there."""

    weight: Tensor

    def name_in(self, prefix: str) -> str:
        """Its name in the state of a model that has it under `prefix`."""
        return f"{prefix}.weight"

    def multiply(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., width) -> (..., rows)."""
        return F.linear(x, self.weight, bias)

    def dense(self) -> Tensor:
        """Its numbers, (rows, width)."""
        return self.weight.detach()

    def encode(self, name: str, *, sparse: bool) -> tuple[str, dict[str, Tensor]]:
        """Its codec, and its tensors by their names in a file."""
        return encode(name, self.dense().to("cpu", torch.float32).contiguous(), sparse=sparse)

    @property
    def num_bytes(self) -> int:
        """Bytes that it takes in memory."""
        return self.weight.numel() * self.weight.element_size()

    @property
    def num_gone(self) -> int:
        """Numbers that it does not keep, since they are zero for good."""
        return 0


def num_parameters(model: nn.Module) -> int:
    """Numbers of a model, those that its weights do not keep among them."""
    return sum(p.numel() for p in model.parameters()) + sum(weight.num_gone for weight in weights_of(model).values())


def weights_of(model: nn.Module) -> dict[str, Weight]:
    """A model's weights by their names in its state; recurrent cells, which are a library's, are none."""
    return {module.name_in(prefix): module for prefix, module in model.named_modules() if isinstance(module, Weight)}


def encoded(model: nn.Module, *, sparse: bool, without: Collection[str] = ()) -> tuple[dict[str, Tensor], dict[str, str]]:
    """A model's tensors by their names in a file, and the codec of each weight and vector by its name in the model; none of
    those whose names in the model are in `without`.
    """
    weights = weights_of(model)
    tensors: dict[str, Tensor] = {}
    codecs: dict[str, str] = {}
    for name, tensor in model.state_dict().items():
        if name in without:
            continue
        if name in weights:
            codecs[name], parts = weights[name].encode(name, sparse=sparse)
        else:
            codecs[name], parts = encode(name, tensor.detach().to("cpu", torch.float32).contiguous(), sparse=sparse)
        tensors |= parts
    return tensors, codecs


def dense_tensors(model: nn.Module) -> dict[str, Tensor]:
    """All numbers of a model by name, in 32 bits on the processor, however they are kept."""
    dense = {name: weight.dense() for name, weight in weights_of(model).items()}
    return {name: dense.get(name, tensor).detach().to("cpu", torch.float32) for name, tensor in model.state_dict().items()}
