"""Laws of the table of backends: each says what it cannot run, and one of them runs every model that writes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llmstudio.core.generation import generate
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder
from llmstudio.core.generation.backends.table import BACKENDS, backend_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig

VOCAB = 30
SMALL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
MODELS = {
    "decoder": lambda: build_model("decoder", SMALL, VOCAB, seed=1),
    "large decoder": lambda: build_model("decoder", replace(SMALL, num_layers=2, embed_dim=512), VOCAB, seed=1),
    "decoder with a window": lambda: build_model("decoder", replace(SMALL, attention_window=8), VOCAB, seed=1),
    "decoder in 16 bits": lambda: build_model("decoder", SMALL, VOCAB, seed=1).to(torch.bfloat16),
    "lstm": lambda: build_model("lstm", LSTMConfig(embed_dim=16, hidden_dim=16), VOCAB, seed=1),
}
RUNS = {
    "decoder": {NumpyDecoder, PlainDecoder},
    "large decoder": {SpeculativeDecoder, NumpyDecoder, PlainDecoder},
    "decoder with a window": {PlainDecoder},
    "decoder in 16 bits": {PlainDecoder},
    "lstm": {PlainDecoder},
}


@pytest.mark.parametrize("name", MODELS)
def test_that_the_fastest_that_can_run_a_model_is_taken_and_the_others_say_why_not(name):
    model = MODELS[name]().eval()
    assert {backend for backend in BACKENDS if backend.can_run(model) is None} == RUNS[name]
    fastest = next(backend for backend in BACKENDS if backend in RUNS[name])
    assert type(backend_for(model, [8, 9])) is fastest
    reasons = [str(reason) for backend in BACKENDS if (reason := backend.can_run(model))]
    assert all(reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "decoder in 16 bits"])
def test_that_every_backend_that_can_run_a_model_writes_the_same_text(name, monkeypatch):
    model, texts = MODELS[name]().eval(), []
    config = GenerationConfig(temperature=0.0, max_new_tokens=40)
    for backend in RUNS[name]:
        monkeypatch.setattr(generate, "backend_for", backend)
        texts.append(list(generate.decode(model, [7, 8, 9, 10] * 3, config)))
    assert all(text == texts[0] for text in texts)
    assert len(texts[0]) > 0
