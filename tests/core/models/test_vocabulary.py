"""A model with rows for more tokens says of old ones what it said before, in every family."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.vocabulary import token_rows, with_new_tokens

SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 50}
SHAPES = [(kind, {"tie_embeddings": tied}) for kind in MODELS for tied in (True, False)]
SHAPES += [("decoder", {"value_embeddings": True}), ("decoder", {"positions": "learned"})]
PIECES = [(11, 12), (), (30,)]


def model_of(kind: str, changes: dict[str, Any], vocab_size: int = 50) -> LanguageModel:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    shape = replace(made, **{name: value for name, value in (SMALL | changes).items() if name in known})
    return build_model(kind, shape, vocab_size, seed=3).eval()


def logits(model: LanguageModel) -> torch.Tensor:
    ids = torch.randint(10, 50, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        out: torch.Tensor = model.head(model(Batch(ids, source=ids.flip(1))).hidden)
    return out


@pytest.mark.parametrize(("kind", "changes"), SHAPES)
def test_that_old_tokens_keep_their_rows_and_their_logits_and_new_ones_begin_as_means(kind: str, changes) -> None:
    model = model_of(kind, changes)
    for parameter in model.parameters():  # offsets begin as zeros, which would hide a mistake
        parameter.data += torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)) * 0.02
    larger = with_new_tokens(model, kind, PIECES).eval()
    assert larger.vocab_size == 53
    assert sum(p.numel() for p in larger.parameters()) == model.config.num_parameters(53)
    shapes = {name: p.shape for name, p in model.named_parameters()}
    rows = {name for name, p in larger.named_parameters() if p.shape != shapes[name]}
    assert rows == token_rows(larger) == token_rows(model) != set()
    held = model.state_dict()
    for name, parameter in larger.state_dict().items():
        assert torch.equal(parameter[:50] if name in rows else parameter, held[name])
        if name in rows:
            means = torch.stack([held[name][[11, 12]].mean(0), held[name].mean(0), held[name][30]])
            torch.testing.assert_close(parameter[50:], means)
    torch.testing.assert_close(logits(larger)[..., :50], logits(model), rtol=0, atol=1e-6)
