"""A model whose quantised matrices lie in memory as integers: a quarter of the bytes, and sooner read.

Recurrent cells are a library's and multiply with 32-bit numbers, and tables are read row by row: both stay dense. So does
what is mostly zeros, for which there are sparse products.
"""

from __future__ import annotations

import copy
from typing import cast

from torch import Tensor, nn

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint.grids import Grid, recognised
from llmstudio.core.models.weights.dense import Matrix
from llmstudio.core.models.weights.quantized.matrix import QuantizedMatrix

_WORTH_IT = 500_000  # numbers; with fewer a token costs more in calls than in products
_MOSTLY_ZEROS = 0.3  # share of what is left below which products are sparse


def as_written_with(model: LanguageModel) -> LanguageModel:
    """The model with its quantised matrices as integers, its other weights shared; the same where there are too few. To
    read with, not to learn.
    """
    found = ((part, recognised(part.weight.detach())) for part in model.modules() if type(part) is Matrix)
    grids: dict[nn.Module, Grid] = {part: grid for part, grid in found if grid is not None and _is_full(grid.integers)}
    if sum(grid.integers.numel() for grid in grids.values()) < _WORTH_IT:
        return model
    return cast(LanguageModel, _standing_in(model, grids, {}))


def memory_bytes(model: nn.Module) -> int:
    """Bytes that a model's weights and buffers take in memory."""
    tensors = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    integers = sum(part.num_bytes for part in model.modules() if isinstance(part, QuantizedMatrix))
    return integers + sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _is_full(integers: Tensor) -> bool:
    return bool(integers.count_nonzero() >= _MOSTLY_ZEROS * integers.numel())


def _standing_in(module: nn.Module, grids: dict[nn.Module, Grid], made: dict[nn.Module, nn.Module]) -> nn.Module:
    if module not in made:
        if module in grids:
            made[module] = QuantizedMatrix(grids[module], cast(Matrix, module).bias)
        else:
            other = made[module] = copy.copy(module)
            other._modules = {
                name: None if part is None else _standing_in(part, grids, made) for name, part in module._modules.items()
            }
    return made[module]
