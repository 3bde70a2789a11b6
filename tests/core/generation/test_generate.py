"""Laws of speaking: the fast way equals the model's own, a seed repeats itself, a stop comes within one token."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Piece, Stopped
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.table import backend_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints
from llmstudio.core.generation.generate import answer_greedily, decode, generate
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.tokenizer.config import END, SPECIALS
from llmstudio.core.tokenizer.kinds import char_backend
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

VOCAB = len(SPECIALS) + 26
SMALL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=24)
SHAPES = [
    SMALL,
    replace(SMALL, num_kv_heads=2, tie_embeddings=False, qk_norm=False),
    replace(SMALL, activation="relu2", convolution_width=3, value_embeddings=True),
    replace(SMALL, activation="gelu", num_kv_heads=1),
]
GREEDY = GenerationConfig(temperature=0, max_new_tokens=12)


@pytest.fixture
def tokenizer():
    return Tokenizer(char_backend(list("abcdefghijklmnopqrstuvwxyz")))


def _model(config: DecoderConfig):
    return build_model("decoder", config, VOCAB, seed=2).eval()


@pytest.mark.parametrize("config", SHAPES)
def test_that_the_fast_backend_says_what_the_model_says(config):
    model = _model(config)
    fast, plain = backend_for(model, [9, 8, 7]), PlainDecoder(model, [9, 8, 7])
    assert isinstance(fast, NumpyDecoder)
    for token in (12, 30, 7, 7, 19, 11, 8):
        np.testing.assert_allclose(fast.logits.numpy(), plain.logits.numpy(), atol=3e-6)
        fast.push(token)
        plain.push(token)


@pytest.mark.parametrize("config", SHAPES)
def test_that_cached_greedy_text_equals_reading_everything_again_for_each_token(config):
    model, ids = _model(config), [9, 8, 7]
    from llmstudio.core.batch import Batch

    for token in decode(model, [9, 8, 7], GREEDY):
        with torch.inference_mode():
            logits = model.head(model(Batch(torch.tensor([ids]))).hidden[0, -1])
        assert token == int(Constraints(GREEDY).apply(logits).argmax())
        ids.append(token)


def test_that_many_prompts_at_once_get_the_answers_of_each_alone():
    model = _model(SMALL)
    prompts = [[9, 8, 7], [10, 11], [12, 13, 14], [20] * 20]
    together = dict(answer_greedily(model, prompts, max_new_tokens=4, stop_ids=()))
    for index, prompt in enumerate(prompts):
        assert together[index] == list(decode(model, prompt, replace(GREEDY, max_new_tokens=4)))


def test_that_a_seed_repeats_itself_and_the_global_random_state_is_untouched():
    model, config = _model(SMALL), GenerationConfig(temperature=1.0, max_new_tokens=15, seed=4)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second = (list(decode(model, [9, 8], config)) for _ in range(2))
    other = list(decode(model, [9, 8], replace(config, seed=5)))
    assert first == second != other
    assert torch.equal(before, torch.get_rng_state())


def test_that_a_text_longer_than_the_context_goes_on():
    tokens = list(decode(_model(SMALL), list(range(7, 30)), GenerationConfig(temperature=0, max_new_tokens=60)))
    assert len(tokens) == 60


def test_that_pieces_join_to_the_text_and_figures_are_given(tokenizer):
    *pieces, last = generate(_model(SMALL), tokenizer, [9, 8], GREEDY, stop=Stop(), stop_ids=())
    assert isinstance(last, Finished)
    assert "".join(p.text for p in pieces if isinstance(p, Piece)) == last.result["text"]
    assert last.result["tokens"] == 12
    assert last.result["stop_reason"] == "length"
    assert last.result["first_token_seconds"] > 0


def test_that_a_stop_comes_within_one_token(tokenizer):
    stop, seen = Stop(), []
    for event in generate(_model(SMALL), tokenizer, [9, 8], replace(GREEDY, max_new_tokens=1000), stop=stop, stop_ids=()):
        seen.append(event)
        if isinstance(event, Piece) and event.step == 3:
            stop.request()
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].result["tokens"] == 3


def test_that_an_end_token_ends_the_text_and_is_not_shown(tokenizer):
    model = _model(SMALL)
    with torch.no_grad():
        model.embed.weight[END] = 50 * model.norm.weight * model.embed.weight.mean(0).sign()
    first = next(iter(decode(model, [9, 8], GREEDY)))
    *_, last = generate(model, tokenizer, [9, 8], GREEDY, stop=Stop(), stop_ids=(first,))
    assert last.result == last.result | {"text": "", "tokens": 0, "stop_reason": "end"}


def test_that_an_empty_prompt_is_refused_in_words(tokenizer):
    with pytest.raises(StudioError, match="nothing to write on from"):
        list(generate(_model(SMALL), tokenizer, [], GREEDY, stop=Stop()))
