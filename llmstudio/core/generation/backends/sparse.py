"""Decoding with sparse products: the other backends, for models most of whose weights are zero."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.generation.backends.base import Backend
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder, NumpyProduct
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.base import Weight
from llmstudio.core.models.weights.sparse.products import Product
from llmstudio.core.models.weights.sparse.twin import sparse_parts, sparse_twin, why_dense
from llmstudio.core.words import Words


class _Sparse(Backend):
    @classmethod
    def can_run(cls, model: LanguageModel) -> Words | None:
        """What the backend that it builds on can run, if most of its weights are zero and sparse products are faster."""
        return super().can_run(model) or why_dense(model)


class SparseDecoder(_Sparse, NumpyDecoder):
    """The decoder in numpy, whose matrices that are mostly zeros are multiplied by the kernels."""

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        self._sparse = sparse_parts(model)
        super().__init__(model, prompt_ids)

    def _product(self, weight: Weight) -> NumpyProduct:
        layout = self._sparse.layout(weight.weight)
        return super()._product(weight) if layout is None else Product(layout)


class SparseSpeculativeDecoder(SparseDecoder, SpeculativeDecoder):
    """The same, reading guesses along."""


class SparsePlainDecoder(_Sparse, PlainDecoder):
    """The model's sparse twin, whatever family it is of."""

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        super().__init__(sparse_twin(model), prompt_ids)
