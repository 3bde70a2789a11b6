"""A model's sparse twin: the same model, whose matrices that are mostly zeros are kept and multiplied as sparse ones.

The model itself stays as it is, so that it can learn, be exported and be looked into as ever. A twin is made when it is
first asked for, and again when the model's numbers have changed since.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.crossover import is_sparse_faster
from llmstudio.core.models.weights.sparse.layout import Layout, layout_of
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix
from llmstudio.core.words import Words, words

READING = 256
"""Vectors of a product where a model reads many texts at once."""
_ENOUGH_ZEROS, _LOOKED_AT = 0.5, 4096
_WORTH_IT = 500_000  # weights; with fewer a token costs more in calls than in products


@dataclass(frozen=True, eq=False)
class Sparse:
    """What of a model is sparse.

    Attributes:
        layouts: The nonzeros of each matrix, and table, that is mostly zeros.
    """

    layouts: dict[Weight, Layout]

    def is_faster(self, vectors: int) -> bool:
        """Whether its sparse products are faster here than dense ones. Measures if that is not known of these shapes."""
        matrices = [_numbers(weight) for weight in self.layouts]
        return is_sparse_faster(matrices, list(self.layouts.values()), vectors)


_found: WeakKeyDictionary[LanguageModel, tuple[int, Sparse]] = WeakKeyDictionary()
_twins: WeakKeyDictionary[Sparse, LanguageModel] = WeakKeyDictionary()
_guard = threading.Lock()
_told: set[str] = set()


def sparse_parts(model: LanguageModel) -> Sparse:
    """What of a model is sparse; nothing where its numbers do not lie in the processor's memory in 32 bits."""
    weights = [part for part in model.modules() if isinstance(part, Matrix | Table) and _is_mostly_zeros(part)]
    if not weights:
        return Sparse({})
    with _guard:
        mark = sum(int(_numbers(weight).view(np.int32).sum(dtype=np.int64)) for weight in weights)
        kept = _found.get(model)
        if kept is None or kept[0] != mark or list(kept[1].layouts) != weights:
            kept = _found[model] = mark, Sparse({weight: layout_of(_numbers(weight)) for weight in weights})
    return kept[1]


def why_dense(model: LanguageModel, vectors: int = 1) -> Words | None:
    """None if sparse products are possible with a model and faster; otherwise why it is to be computed with densely."""
    sparse = sparse_parts(model)
    if not sparse.layouts:
        return words("Too few of its weights are zero for sparse products.")
    if not _is_large(sparse):
        return words("The model is small: sparse products would cost more in calls than they save.")
    if reason := KERNELS.why_not():
        return reason
    if not sparse.is_faster(vectors):
        return words("Dense products are faster for a model of this size and sparsity on this computer.")
    return None


def remark(model: LanguageModel) -> Words | None:
    """Why a model that is sparse is computed with densely, if that is for want of kernels: once while the program runs."""
    sparse = sparse_parts(model)
    reason = KERNELS.why_not() if _is_large(sparse) else None
    if reason is None or str(reason) in _told:
        return None
    _told.add(str(reason))
    return words("Computed densely, so no faster for its zeros: {reason}", reason=reason)


def sparse_twin(model: LanguageModel) -> LanguageModel:
    """The model with sparse matrices; its other weights are shared. To read with, not to learn."""
    sparse = sparse_parts(model)
    if sparse not in _twins:
        _twins[sparse] = cast(LanguageModel, _twin(model, sparse.layouts, {}))
    return _twins[sparse]


def _twin(module: nn.Module, layouts: dict[Weight, Layout], made: dict[nn.Module, nn.Module]) -> nn.Module:
    if module not in made:
        if isinstance(module, Matrix) and module in layouts:
            made[module] = SparseMatrix(layouts[module], module.bias)
        else:
            other = made[module] = copy.copy(module)
            other._modules = {}
            for name, part in module._modules.items():
                other._modules[name] = None if part is None else _twin(part, layouts, made)
    return made[module]


def _is_large(sparse: Sparse) -> bool:
    return sum(layout.rows * layout.width for layout in sparse.layouts.values()) >= _WORTH_IT


def _numbers(weight: Weight) -> NDArray[np.float32]:
    return np.ascontiguousarray(weight.weight.detach().numpy())


def _is_mostly_zeros(weight: Weight) -> bool:
    """By a look at some thousand of its numbers."""
    numbers = weight.weight.detach()
    if numbers.device.type != "cpu" or numbers.dtype != torch.float32 or not numbers.numel():
        return False
    some = numbers.flatten()[:: max(1, numbers.numel() // _LOOKED_AT)]
    return bool(torch.count_nonzero(some) <= (1 - _ENOUGH_ZEROS) * some.numel())
