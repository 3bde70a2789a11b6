"""A packed row gives every document the same forecasts, losses and gradients as a row of its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, Documents
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import EXPLICIT_ATTENTION, DecoderConfig
from llmstudio.core.tasks.loss import flattened, token_losses

VOCAB, CONTEXT = 40, 32
SMALL = {"num_layers": 2, "embed_dim": 16, "num_heads": 2, "context_length": CONTEXT}
SHAPES = {
    "rotary": DecoderConfig(**SMALL),
    "learned": DecoderConfig(**SMALL, positions="learned"),
    "sinusoidal": DecoderConfig(**SMALL, positions="sinusoidal"),
    "convolution": DecoderConfig(**SMALL, convolution_width=4),
    "window": DecoderConfig(**SMALL, attention_window=5),
    "grouped": DecoderConfig(**SMALL, num_kv_heads=1),
    "value embeddings": DecoderConfig(**SMALL, value_embeddings=True),
}


def _rows(lengths: list[int]) -> Rows:
    random, total = np.random.default_rng(3), sum(lengths)
    ids = random.integers(7, VOCAB, total).astype(np.uint16)
    counts = np.array(lengths)
    answers = (random.random(total) < 0.4).astype(np.uint8)
    return Rows(ids, np.concatenate([[0], np.cumsum(counts)]), answers, counts, np.zeros(len(counts), np.int64))


def _model(config: DecoderConfig) -> LanguageModel:
    model = build_model("decoder", config, VOCAB, seed=2)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():  # also what begins at zero, so that every part is seen
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return model


def _losses(model: LanguageModel, batch: Batch) -> torch.Tensor:
    """Weighted loss of each target, by target and its place among those of the same token."""
    assert batch.targets is not None
    assert batch.weights is not None
    hidden, targets, weights = flattened(model(batch).hidden, batch.targets, batch.weights)
    losses = token_losses(model, hidden, targets) * weights
    return losses[targets != IGNORED]


def _batch(rows: Rows, *, packed: bool) -> Batch:
    dealt = Documents(rows, context=CONTEXT, batch_size=1000, seed=0, context_weight=0.1, packed=packed)
    return dealt.batch(0)


@pytest.mark.parametrize("name", SHAPES)
def test_that_packed_rows_have_the_losses_and_gradients_of_rows_alone(name):
    rows, model = _rows([9, 3, 14, 33, 2, 8, 21, 5, 7]), _model(SHAPES[name])
    found = {}
    for packed in (False, True):
        model.zero_grad()
        batch = _batch(rows, packed=packed)
        losses = _losses(model, batch)
        losses.sum().backward()
        gradients = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
        found[packed] = losses.detach().sort().values, gradients
    assert len(_batch(rows, packed=True).ids) < len(_batch(rows, packed=False).ids)
    torch.testing.assert_close(found[True], found[False], atol=2e-5, rtol=1e-4)


def test_that_the_fused_kernel_keeps_documents_apart_too():
    """Where nothing is learned, and beyond `EXPLICIT_ATTENTION`, attention goes another way."""
    rows, model = _rows([9, 3, 14, 33, 2, 8, 21, 5, 7]), _model(SHAPES["rotary"])
    with torch.no_grad():
        packed, alone = (_losses(model, _batch(rows, packed=packed)).sort().values for packed in (True, False))
    torch.testing.assert_close(packed, alone, atol=2e-5, rtol=1e-4)
    assert CONTEXT <= EXPLICIT_ATTENTION


@pytest.mark.parametrize("name", SHAPES)
def test_that_another_document_in_a_row_changes_no_forecast(name):
    model = _model(SHAPES[name])
    ids = torch.randint(7, VOCAB, (1, 20), generator=torch.Generator().manual_seed(1))
    documents = torch.tensor([[0] * 6 + [1] * 9 + [2] * 5])
    changed = ids.clone()
    changed[0, 6:15] = torch.randint(7, VOCAB, (9,), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        before, after = (model(Batch(given, documents=documents)).hidden for given in (ids, changed))
    assert torch.equal(before[:, :6], after[:, :6])
    torch.testing.assert_close(before[:, 15:], after[:, 15:], atol=0, rtol=0)
    assert not torch.allclose(before[:, 6:15], after[:, 6:15])


def test_that_tokens_that_are_not_learned_have_a_loss_and_a_gradient_of_zero():
    rows, model = _rows([9, 3, 14]), _model(SHAPES["convolution"])
    batch = Documents(rows, context=CONTEXT, batch_size=8, seed=0, context_weight=0.0, packed=True).batch(0)
    assert batch.targets is not None
    assert batch.weights is not None
    hidden, targets, weights = flattened(model(batch).hidden, batch.targets, batch.weights)
    hidden.retain_grad()
    losses = token_losses(model, hidden, targets) * weights
    losses.sum().backward()
    is_learned = weights > 0
    assert int(is_learned.sum()) == int(sum(rows.answer_mask[s + 1 : e].sum() for s, e in zip(*_spans(rows), strict=True)))
    assert losses[~is_learned].tolist() == [0.0] * int((~is_learned).sum())
    assert hidden.grad is not None
    assert float(hidden.grad[~is_learned].abs().max()) == 0.0


def _spans(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    return rows.offsets[:-1], rows.offsets[1:]
