"""Laws of what may come next: what is no text is never drawn, penalties follow their definitions, every path obeys alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.generation import generate
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.generation.backends.plain import PlainDecoder
from llmstudio.core.generation.backends.speculative import SpeculativeDecoder
from llmstudio.core.generation.beam import beam_search
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import Constraints
from llmstudio.core.generation.generate import answer_greedily, decode
from llmstudio.core.generation.latent import write
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.tokenizer.config import END, SPECIALS, UNKNOWN

VOCAB = 30
DECODER = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=64)
PLAIN = GenerationConfig(temperature=0.0, max_new_tokens=70)
AGAINST_LOOPS = {
    "repetition": {"repetition_penalty": 1.5},
    "presence": {"presence_penalty": 0.4},
    "frequency": {"frequency_penalty": 0.2, "penalty_window": 0},
    "n-gram": {"no_repeat_ngram_size": 3},
    "min-p": {"temperature": 1.0, "min_p": 0.9, "seed": 3},
    "all": {"temperature": 0.7, "repetition_penalty": 1.2, "no_repeat_ngram_size": 2, "top_k": 9, "top_p": 0.9},
}
ids = st.lists(st.integers(0, VOCAB - 1), max_size=40)


def _model(kind="decoder", config=DECODER):
    return build_model(kind, config, VOCAB, seed=2).eval()


def _loves_specials(model):
    """Its embedding turns every hidden state towards the special tokens."""
    with torch.no_grad():
        table = model.embed.weight
        table[: len(SPECIALS)] = 40 * table[8:].mean(0).sign() * torch.rand(len(SPECIALS), 1, generator=torch.manual_seed(1))
    return model


def _ngrams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@pytest.mark.parametrize("temperature", [0.0, 1.0, 5.0])
def test_that_what_is_no_text_is_never_drawn_whatever_the_model_thinks_of_it(temperature):
    model, config = _loves_specials(_model()), replace(PLAIN, temperature=temperature)
    wished = PlainDecoder(model, [8, 9]).logits
    assert int(wished.argmax()) < len(SPECIALS), "the model does wish for one"
    drawn = list(decode(model, [8, 9], config))
    assert {token for token in drawn if token < len(SPECIALS)} <= {END}
    (_, greedy), *_ = answer_greedily(model, [[8, 9]], max_new_tokens=20, stop_ids=())
    assert greedy == list(decode(model, [8, 9], replace(PLAIN, max_new_tokens=20)))
    for hypothesis in beam_search(model, prompt=[8, 9], beam_width=3, max_new_tokens=6):
        assert all(token >= len(SPECIALS) for token in hypothesis.ids)


@settings(deadline=None, max_examples=60)
@given(said=ids, window=st.integers(0, 12), strength=st.floats(0.5, 3), once=st.floats(-2, 2), each=st.floats(-2, 2))
def test_that_penalties_are_what_their_sources_define(said, window, strength, once, each):
    config = GenerationConfig(
        repetition_penalty=strength, presence_penalty=once, frequency_penalty=each, penalty_window=window
    )
    logits = torch.linspace(-3, 3, VOCAB, dtype=torch.float64)
    found = Constraints(config, said).apply(logits)
    counts = Counter(said[-window:] if window else said)
    for token in range(len(SPECIALS), VOCAB):
        score = float(logits[token])
        if counts[token]:
            score = score / strength if score > 0 else score * strength
            score -= once + each * counts[token]
        assert float(found[token]) == pytest.approx(score)
    assert torch.equal(logits, torch.linspace(-3, 3, VOCAB, dtype=torch.float64)), "the caller's logits stay as they are"
    assert float(found[END]) == pytest.approx(float(logits[END])), "the end of a text is no repetition"


@settings(deadline=None, max_examples=60)
@given(said=ids, n=st.integers(1, 4))
def test_that_exactly_the_tokens_that_would_repeat_an_ngram_are_out(said, n):
    found = Constraints(GenerationConfig(no_repeat_ngram_size=n), said).apply(torch.zeros(VOCAB))
    for token in range(len(SPECIALS), VOCAB):
        known = (*said[len(said) - n + 1 :], token) in _ngrams(said, n) and len(said) >= n - 1
        assert bool(torch.isinf(found[token])) == known, (said, token)


@pytest.mark.parametrize("name", AGAINST_LOOPS)
def test_that_guessing_ahead_and_plain_backends_write_the_same_text_with_every_setting(name, monkeypatch):
    model, config, texts, hits = _model(), replace(PLAIN, **AGAINST_LOOPS[name]), [], []
    for backend in (PlainDecoder, NumpyDecoder, SpeculativeDecoder):
        made = []

        def make(*arguments, kind=backend, made=made):
            made.append(kind(*arguments))
            return made[-1]

        monkeypatch.setattr(generate, "backend_for", make)
        texts.append(list(decode(model, [7, 8, 9, 10, 11, 12] * 3, config)))
        hits += [one.guesses for one in made if isinstance(one, SpeculativeDecoder)]
    assert texts[0] == texts[1] == texts[2]
    assert sum(hits) > 0 or name not in ("repetition", "presence", "frequency"), "nothing was guessed: the law was not tried"


@pytest.mark.parametrize(
    ("kind", "config"), [("decoder", DECODER), ("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=16))]
)
def test_that_no_ngram_comes_twice_in_a_text_longer_than_the_context(kind, config):
    drawn = list(decode(_model(kind, config), [9, 8, 7], replace(PLAIN, no_repeat_ngram_size=3, max_new_tokens=110)))
    assert len(drawn) == 110 or drawn[-1] == END
    counted = {ngram: n for ngram, n in _ngrams([9, 8, 7, *drawn], 3).items() if min(ngram) >= len(SPECIALS)}
    assert counted
    assert max(counted.values()) == 1
    without = _ngrams(list(decode(_model(kind, config), [9, 8, 7], replace(PLAIN, max_new_tokens=110))), 3)
    assert max(without.values()) > 1, "without the setting this model does run in circles"


def test_that_a_text_that_may_say_nothing_more_ends():
    drawn = list(decode(_model(), [9], replace(PLAIN, no_repeat_ngram_size=1, max_new_tokens=100)))
    texts = [token for token in drawn if token != END]
    assert len(set(texts)) == len(texts) <= VOCAB - len(SPECIALS) - 1
    assert END in drawn


def test_that_beams_and_latent_places_obey_as_well():
    pairs = EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32)
    config = GenerationConfig(no_repeat_ngram_size=2)
    model = _model("encoder_decoder", pairs)
    with torch.no_grad():
        model.embed.weight.mul_(50)
    plain = beam_search(model, source=[8, 9], beam_width=2, max_new_tokens=30)
    checked = beam_search(model, source=[8, 9], beam_width=2, max_new_tokens=30, config=config)
    assert max(max(_ngrams(one.ids, 2).values(), default=0) for one in plain) > 1
    assert max(max(_ngrams(one.ids, 2).values(), default=0) for one in checked) == 1
    vae = _model("vae", VAEConfig(embed_dim=16, hidden_dim=16, latent_dim=4, context_length=40))
    places = torch.randn(3, 4, generator=torch.manual_seed(0))
    for text in write(vae, places, replace(config, temperature=0.01)):
        assert UNKNOWN not in text
        assert max(_ngrams(text, 2).values(), default=1) == 1
