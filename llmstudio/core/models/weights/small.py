"""A model that takes little memory to write with: quantised matrices as integers, a quarter of the bytes, and of those that
are mostly zeros the nonzeros alone.

Recurrent cells are a library's and multiply with 32-bit numbers, and tables are read row by row: both stay dense.
"""

from __future__ import annotations

import copy
from typing import cast

from torch import Tensor, nn

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint.grids import Grid, recognised
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.weights.dense import Matrix
from llmstudio.core.models.weights.quantized.matrix import QuantizedMatrix
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix
from llmstudio.core.models.weights.sparse.twin import sparse_parts, why_dense

_WORTH_IT = 500_000  # numbers; with fewer a token costs more in calls than in products
_MOSTLY_ZEROS = 0.3  # share of what is left below which products are sparse


def as_written_with(model: LanguageModel) -> LanguageModel:
    """The model with its quantised matrices as integers, and those that are mostly zeros as nonzeros if so they are sooner
    multiplied with; its other weights are shared. The same where there are too few of both. To read with, not to learn.
    """
    found = ((part, recognised(part.weight.detach())) for part in model.modules() if type(part) is Matrix)
    grids: dict[nn.Module, Grid] = {part: grid for part, grid in found if grid is not None and _is_full(grid.integers)}
    if sum(grid.integers.numel() for grid in grids.values()) < _WORTH_IT:
        grids = {}
    small: dict[nn.Module, nn.Module] = {
        part: QuantizedMatrix(grid, cast(Matrix, part).bias) for part, grid in grids.items()
    }
    small = _nonzeros(model) | small
    return cast(LanguageModel, _standing_in(model, small, {})) if small else model


def memory_bytes(model: nn.Module) -> int:
    """Bytes that a model's weights and buffers take in memory."""
    tensors = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    small = sum(part.num_bytes for part in model.modules() if isinstance(part, QuantizedMatrix | SparseMatrix))
    return small + sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _nonzeros(model: LanguageModel) -> dict[nn.Module, nn.Module]:
    """What stands in for the matrices that are mostly zeros."""
    if isinstance(model, Recurrent) or why_dense(model) is not None:
        return {}
    sparse = sparse_parts(model)
    layouts = {part: sparse.layout(part.weight) for part in model.modules() if type(part) is Matrix}
    return {part: SparseMatrix(layout, part.bias) for part, layout in layouts.items() if layout is not None}


def _is_full(integers: Tensor) -> bool:
    return bool(integers.count_nonzero() >= _MOSTLY_ZEROS * integers.numel())


def _standing_in(module: nn.Module, small: dict[nn.Module, nn.Module], made: dict[nn.Module, nn.Module]) -> nn.Module:
    if module not in made:
        if module in small:
            made[module] = small[module]
        else:
            other = made[module] = copy.copy(module)
            other._modules = {
                name: None if part is None else _standing_in(part, small, made) for name, part in module._modules.items()
            }
    return made[module]
