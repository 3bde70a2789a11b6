"""Laws of guessing ahead: the same text as without, several tokens read at once equal each alone, any can be taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llmstudio.core.generation import generate
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder, continuation
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig

SMALL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=64)
SHAPES = [
    SMALL,
    replace(SMALL, num_kv_heads=2, tie_embeddings=False, qk_norm=False),
    replace(SMALL, num_heads=6, num_kv_heads=3, head_width=10),
    replace(SMALL, activation="relu2", convolution_width=3, value_embeddings=True),
    replace(SMALL, activation="gelu", num_kv_heads=1, convolution_width=4),
]
SONG = [7, 8, 9, 10, 11, 12] * 3


def _model(config: DecoderConfig):
    return build_model("decoder", config, 30, seed=2).eval()


@pytest.mark.parametrize("config", SHAPES)
@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0])
def test_that_guessing_changes_no_text(config, temperature, monkeypatch):
    model, drawn = _model(config), GenerationConfig(temperature=temperature, max_new_tokens=150)
    backends: list[SpeculativeDecoder] = []

    def guessing(*arguments):
        backends.append(SpeculativeDecoder(*arguments))
        return backends[-1]

    monkeypatch.setattr(generate, "backend_for", NumpyDecoder)
    plain = list(generate.decode(model, SONG, drawn))
    monkeypatch.setattr(generate, "backend_for", guessing)
    assert list(generate.decode(model, SONG, drawn)) == plain
    assert len(backends) > 1, "the context was filled more than once"
    if temperature == 0:
        assert sum(backend.hits for backend in backends) > 0


@pytest.mark.parametrize("config", SHAPES)
def test_that_several_tokens_at_once_equal_one_by_one_and_can_be_taken_back(config):
    model = _model(config)
    together, alone = NumpyDecoder(model, [9, 8, 7]), NumpyDecoder(model, [9, 8, 7])
    for tokens, wrong in (([12, 21, 7], [3]), ([7], [5, 5, 5, 5]), ([19, 11], [])):
        rows = together.read([*tokens, *wrong])
        together.take_back(len(wrong))
        for token, row in zip(tokens, rows, strict=False):
            alone.push(token)
            np.testing.assert_allclose(row, alone.logits.numpy(), atol=3e-6)


def test_that_a_wrong_guess_is_forgotten():
    model = _model(SMALL)
    guessing, plain = SpeculativeDecoder(model, SONG), NumpyDecoder(model, SONG)
    for token in (7, 8, 20, 9, 10, 11, 12, 7, 8, 25):
        guessing.push(token)
        plain.push(token)
        np.testing.assert_allclose(guessing.logits.numpy(), plain.logits.numpy(), atol=3e-6)
    assert guessing.guesses > guessing.hits > 0


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("", ""),
        ("abcd", ""),
        ("abcdefgh", ""),
        ("abcdXYabcd", "XYab"),
        ("zabcdXYzabcd", "XYzab"),
        ("abcdX abcdY abcd", "Y abc"),
        ("aaaaaa", "aaaaa"),
        ("abababab", "ababab"),
    ],
)
def test_what_is_expected_to_follow(seen, expected):
    assert continuation(seen) == [ord(letter) for letter in expected]


def test_that_large_decoders_guess_and_small_ones_do_not():
    large = build_model("decoder", replace(SMALL, embed_dim=512, num_heads=4), 30, seed=0).eval()
    assert isinstance(generate.backend_for(large, [8]), SpeculativeDecoder)
    assert type(generate.backend_for(_model(SMALL), [8])) is NumpyDecoder
