"""Sparse decoding writes the same text as dense decoding, whatever family the model is of, and as reading the text anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.generation import generate
from llmstudio.core.generation.backends import sparse
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.sparse import SparseDecoder, SparsePlainDecoder, SparseSpeculativeDecoder
from llmstudio.core.generation.backends.table import BACKENDS
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.greedy import greedy_rows
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.weights.sparse import twin
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.twin import Sparse
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model

VOCAB = 30
BASE = DecoderConfig(num_layers=1, embed_dim=256, num_heads=4, context_length=32)
CONFIGS = {
    "decoder": BASE,
    "large decoder": replace(BASE, num_layers=6),
    "decoder with all that numpy knows": replace(
        BASE, num_kv_heads=2, convolution_width=3, value_embeddings=True, activation="relu2", tie_embeddings=False
    ),
    "decoder with a window": replace(BASE, attention_window=8),
}
RECURRENT = {
    "rnn": RNNConfig(embed_dim=64, hidden_dim=96, num_layers=2),
    "gru": GRUConfig(embed_dim=64, hidden_dim=96, num_layers=2),
    "lstm": LSTMConfig(embed_dim=64, hidden_dim=96, num_layers=2),
}
RUNS = {
    "decoder": {SparseDecoder, SparsePlainDecoder},
    "large decoder": {SparseSpeculativeDecoder, SparseDecoder, SparsePlainDecoder},
    "decoder with all that numpy knows": {SparseDecoder, SparsePlainDecoder},
    "decoder with a window": {SparsePlainDecoder},
    **{name: {SparsePlainDecoder} for name in RECURRENT},
}


@pytest.fixture(autouse=True)
def _kernels_that_pay(monkeypatch):
    """Kernels that are built, and faster however busy the computer is."""
    reason = KERNELS.why_not(600)
    assert reason is None, str(reason)
    monkeypatch.setattr(Sparse, "is_faster", lambda *_: True)
    monkeypatch.setattr(twin, "_WORTH_IT_IN_CELLS", 20_000)


def pruned(name: str, *, tables: bool = True):
    kind = name if name in RECURRENT else "decoder"
    model = build_model(kind, (CONFIGS | RECURRENT)[name], VOCAB, seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:  # some begin with zeros
                parameter.normal_(0, 0.1, generator=torch.Generator().manual_seed(2))
    prune_model(model, PruningConfig(sparsity=0.8, scope="layer", keep_embeddings=not tables))
    return model


@pytest.mark.parametrize("name", RUNS)
def test_that_every_sparse_backend_writes_the_greedy_tokens_of_the_dense_model(name, monkeypatch):
    model = pruned(name)
    config = GenerationConfig(temperature=0.0, max_new_tokens=45)  # beyond the context
    monkeypatch.setattr(generate, "backend_for", PlainDecoder)
    dense = list(generate.decode(model, [7, 8, 9, 10] * 3, config))
    runs = {backend for backend in BACKENDS if backend.__module__ == sparse.__name__ and backend.can_run(model) is None}
    assert runs == RUNS[name]
    for backend in runs:
        monkeypatch.setattr(generate, "backend_for", backend)
        assert list(generate.decode(model, [7, 8, 9, 10] * 3, config)) == dense, backend


def test_that_a_token_read_after_others_has_the_logits_of_the_text_read_at_once():
    wide, ids = pruned("decoder with all that numpy knows"), [7, 8, 9, 10, 8, 7, 9, 11]
    for backend, model in ((SparseDecoder, wide), (SparsePlainDecoder, wide), (SparsePlainDecoder, pruned("lstm"))):
        decoder = backend(model, ids[:3])
        for end in range(3, len(ids)):
            decoder.push(ids[end])
            with torch.inference_mode():
                whole = model.head(model(Batch(torch.tensor([ids[: end + 1]]))).hidden[0, -1])
            torch.testing.assert_close(decoder.logits, whole, rtol=1e-4, atol=1e-4)


def test_that_the_first_in_the_table_is_sparse_only_where_it_is_faster(monkeypatch):
    model = pruned("decoder")
    assert type(generate.backend_for(model, [8, 9])) is SparseDecoder
    monkeypatch.setattr(Sparse, "is_faster", lambda *_: False)
    assert not isinstance(generate.backend_for(model, [8, 9]), SparseDecoder | SparsePlainDecoder)
    assert str(SparseDecoder.can_run(model)).startswith("Dense products are faster")


@pytest.mark.parametrize("name", ["decoder", "lstm"])
def test_that_many_texts_side_by_side_are_the_same_with_sparse_products(name, monkeypatch):
    model, prompts = pruned(name), torch.arange(8, 20).view(3, 4)
    sparse_rows = greedy_rows(model, prompts, max_new_tokens=12, stop_ids=(1,))
    monkeypatch.setattr(Sparse, "is_faster", lambda *_: False)
    assert sparse_rows == greedy_rows(model, prompts, max_new_tokens=12, stop_ids=(1,))
