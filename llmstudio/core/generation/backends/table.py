"""The table of decoding backends, the fastest first, and which of them decodes with a model."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.generation.backends.base import Backend
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.sparse import SparseDecoder, SparsePlainDecoder, SparseSpeculativeDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder
from llmstudio.core.models.base import LanguageModel

BACKENDS: tuple[type[Backend], ...] = (
    SparseSpeculativeDecoder,
    SparseDecoder,
    SpeculativeDecoder,
    NumpyDecoder,
    SparsePlainDecoder,
    PlainDecoder,
)


def backend_for(model: LanguageModel, prompt_ids: Sequence[int]) -> Backend:
    """The fastest backend there is for this model here, with the prompt read."""
    fastest = next(backend for backend in BACKENDS if backend.can_run(model) is None)
    return fastest(model, prompt_ids)
