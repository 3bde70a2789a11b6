"""A model's sparse twin: the same model, whose matrices that are mostly zeros are kept and multiplied as sparse ones.

The model itself stays as it is, so that it can learn, be exported and be looked into as ever. A twin is made when it is
first asked for, and again when the model's numbers have changed since.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.cells import SparseCells
from llmstudio.core.models.weights.sparse.crossover import is_sparse_faster
from llmstudio.core.models.weights.sparse.layout import Layout, layout_of
from llmstudio.core.models.weights.sparse.matrix import SparseMatrix
from llmstudio.core.words import Words, words

READING = 256
"""Vectors of a product where a model reads many texts at once."""
_ENOUGH_ZEROS, _LOOKED_AT = 0.5, 4096
_WORTH_IT = 500_000  # weights; with fewer a token costs more in calls than in products
_WORTH_IT_IN_CELLS = 4_000_000  # torch's own cells cost fewer calls than ours


@dataclass(frozen=True, eq=False)
class Sparse:
    """What of a model is sparse.

    Attributes:
        parts: Each matrix, or table, that is mostly zeros, with its nonzeros.
    """

    parts: tuple[tuple[Tensor, Layout], ...]

    def layout(self, weight: Tensor) -> Layout | None:
        """The nonzeros of one of the model's parameters; None if it is not sparse."""
        return next((layout for part, layout in self.parts if part is weight), None)

    def is_faster(self, vectors: int) -> bool:
        """Whether its sparse products are faster here than dense ones. Measures if that is not known of these shapes."""
        matrices = [_numbers(weight) for weight, _ in self.parts]
        return is_sparse_faster(matrices, [layout for _, layout in self.parts], vectors)


_found: WeakKeyDictionary[LanguageModel, tuple[int, Sparse]] = WeakKeyDictionary()
_twins: WeakKeyDictionary[Sparse, LanguageModel] = WeakKeyDictionary()
_guard = threading.Lock()
_told: set[str] = set()


def sparse_parts(model: LanguageModel) -> Sparse:
    """What of a model is sparse; nothing where its numbers do not lie in the processor's memory in 32 bits."""
    weights = [weight for weight in _matrices(model) if _is_mostly_zeros(weight)]
    if not weights:
        return Sparse(())
    with _guard:
        mark = sum(int(_numbers(weight).view(np.int32).sum(dtype=np.int64)) for weight in weights)
        kept = _found.get(model)
        is_same = kept is not None and [id(weight) for weight, _ in kept[1].parts] == [id(weight) for weight in weights]
        if kept is None or kept[0] != mark or not is_same:
            kept = _found[model] = mark, Sparse(tuple((weight, layout_of(_numbers(weight))) for weight in weights))
    return kept[1]


def why_dense(model: LanguageModel, vectors: int = 1) -> Words | None:
    """None if sparse products are possible with a model and faster; otherwise why it is to be computed with densely.

    Args:
        model: Any model.
        vectors: How many are multiplied at once: texts that it writes side by side, or `READING`.
    """
    sparse = sparse_parts(model)
    if not sparse.parts:
        return words("Too few of its weights are zero for sparse products.")
    if not _is_large(model, sparse):
        return words("The model is small: sparse products would cost more in calls than they save.")
    if isinstance(model, Recurrent) and vectors > 1:
        return words("Recurrent cells read many texts faster as torch's own.")
    if reason := KERNELS.why_not():
        return reason
    if not sparse.is_faster(vectors):
        return words("Dense products are faster for a model of this size and sparsity on this computer.")
    return None


def remark(model: LanguageModel) -> Words | None:
    """Why a model that is sparse is computed with densely, if that is for want of kernels: once while the program runs."""
    reason = KERNELS.why_not() if _is_large(model, sparse_parts(model)) else None
    if reason is None or str(reason) in _told:
        return None
    _told.add(str(reason))
    return words("Computed densely, so no faster for its zeros: {reason}", reason=reason)


def as_read(model: LanguageModel, vectors: int = READING) -> LanguageModel:
    """The faster of a model and its sparse twin for reading so many texts, or tokens, at once."""
    return model if why_dense(model, vectors) else sparse_twin(model)


def sparse_twin(model: LanguageModel) -> LanguageModel:
    """The model with sparse matrices; its other weights are shared. To read with, not to learn."""
    sparse = sparse_parts(model)
    if sparse not in _twins:
        _twins[sparse] = cast(LanguageModel, _twin(model, sparse, {}))
    return _twins[sparse]


def _twin(module: nn.Module, sparse: Sparse, made: dict[nn.Module, nn.Module]) -> nn.Module:
    if module not in made:
        layout = sparse.layout(module.weight) if isinstance(module, Matrix) else None
        if isinstance(module, Matrix) and layout is not None:
            made[module] = SparseMatrix(layout, module.bias)
        elif isinstance(module, nn.RNNBase) and any(sparse.layout(weight) for weight in module.parameters()):
            layouts = {name: found for name, weight in module.named_parameters() if (found := sparse.layout(weight))}
            made[module] = SparseCells(module, layouts)
        else:
            other = made[module] = copy.copy(module)
            other._modules = {}
            for name, part in module._modules.items():
                other._modules[name] = None if part is None else _twin(part, sparse, made)
    return made[module]


def _matrices(model: LanguageModel) -> Iterator[Tensor]:
    """The matrices and tables that may be multiplied sparsely."""
    for part in model.modules():
        if isinstance(part, Matrix | Table):
            yield part.weight
        elif isinstance(model, Recurrent) and type(part) in (nn.RNN, nn.GRU, nn.LSTM):
            yield from (weight for weight in part.parameters() if weight.dim() == 2)


def _is_large(model: LanguageModel, sparse: Sparse) -> bool:
    weights = sum(layout.rows * layout.width for _, layout in sparse.parts)
    return weights >= (_WORTH_IT_IN_CELLS if isinstance(model, Recurrent) else _WORTH_IT)


def _numbers(weight: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(weight.detach().numpy())


def _is_mostly_zeros(weight: Tensor) -> bool:
    """By a look at some thousand of its numbers."""
    if weight.device.type != "cpu" or weight.dtype != torch.float32 or not weight.numel():
        return False
    some = weight.detach().flatten()[:: max(1, weight.numel() // _LOOKED_AT)]
    return bool(torch.count_nonzero(some) <= (1 - _ENOUGH_ZEROS) * some.numel())
