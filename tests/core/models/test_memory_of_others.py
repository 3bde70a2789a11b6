"""What every family says of a memory that is not its own, and of the least there is to read."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig

VOCAB = 30
HEADS = {"num_layers": 2, "embed_dim": 16, "num_heads": 2, "context_length": 12}
CELLS = {"num_layers": 2, "embed_dim": 10, "hidden_dim": 14, "context_length": 12}
# Each family with another shape of it.
SHAPES = {
    "rnn": (RNNConfig(**CELLS), {"hidden_dim": 16}),
    "lstm": (LSTMConfig(**CELLS), {"num_layers": 1}),
    "gru": (GRUConfig(**CELLS), {"hidden_dim": 16}),
    "decoder": (DecoderConfig(**HEADS), {"num_layers": 1}),
    "encoder": (EncoderConfig(**HEADS), {}),
    "encoder_decoder": (EncoderDecoderConfig(**HEADS), {"embed_dim": 32}),
    "vae": (VAEConfig(latent_dim=4, embed_dim=10, hidden_dim=14, context_length=12), {"latent_dim": 6}),
}
REMEMBERING = [kind for kind in SHAPES if kind != "encoder"]


def _batch(rows: int, length: int) -> Batch:
    ids = torch.full((rows, length), 9)
    return Batch(ids, source=ids)


@pytest.mark.parametrize("kind", REMEMBERING)
def test_that_a_memory_of_another_shape_or_family_is_refused_in_words(kind):
    config, change = SHAPES[kind]
    model = build_model(kind, config, VOCAB).eval()
    other = "lstm" if kind not in ("rnn", "lstm", "gru") else "vae"
    strangers = [build_model(kind, replace(config, **change), VOCAB), build_model(other, SHAPES[other][0], VOCAB)]
    for stranger in strangers:
        with pytest.raises(StudioError, match=r"^This memory is (not of this|of another) model.*begin anew\.$"):
            model(_batch(2, 1), stranger.init_state(2, 8))


@pytest.mark.parametrize("kind", REMEMBERING)
def test_that_a_memory_of_fewer_rows_is_refused_with_both_numbers(kind):
    model = build_model(kind, SHAPES[kind][0], VOCAB).eval()
    with pytest.raises(StudioError, match=r"of 3 rows of text, but 2 are to be read on"):
        model(_batch(2, 1), model.init_state(3, 8))
    with torch.inference_mode():
        assert model(_batch(2, 1), model.init_state(2, 8)).hidden.shape[:2] == (2, 1)


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_batch_of_one_token_gives_numbers_to_learn_from(kind):
    model = build_model(kind, SHAPES[kind][0], VOCAB).train()
    output = model(_batch(1, 1))
    loss = model.head(output.hidden).float().logsumexp(-1).sum()
    loss.backward()
    assert output.hidden.shape[:2] == (1, 1)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
