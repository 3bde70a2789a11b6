"""Laws of beam search: a beam of one is greedy, a full beam finds the best text there is, scores are what they say."""

from __future__ import annotations

import itertools

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Started, Stopped
from llmstudio.core.generation.beam import answer_sources, beam_search, beam_searches, beam_steps, length_penalty, rewrite
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import answer_greedily
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.tokenizer.config import ASSISTANT, END, SPECIALS, TokenizerConfig
from llmstudio.core.tokenizer.kinds import blank
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

CONFIG = EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16)


def _model(vocab_size=12, seed=0, loud=4.0):
    """Random weights, but with opinions: louder tables give probabilities far from even ones."""
    model = build_model("encoder_decoder", CONFIG, vocab_size, seed=seed).eval()
    with torch.no_grad():
        model.embed.weight.mul_(loud / 0.02 / 4)
    return model


def _log_probability(model, source, ids):
    """Summed log probability of a target, END included, in one pass."""
    with torch.inference_mode():
        batch = Batch(torch.tensor([[ASSISTANT, *ids]]), source=torch.tensor([list(source)]))
        shares = model.head(model(batch).hidden).log_softmax(-1)[0]
    return sum(float(shares[at, token]) for at, token in enumerate((*ids, END)))


@pytest.mark.parametrize("seed", range(6))
def test_that_a_beam_of_one_is_greedy(seed):
    model, source = _model(seed=seed), [8, 9, 10]
    (_, greedy), *_ = answer_sources(model, [source], max_new_tokens=10)
    found = beam_search(model, source=source, beam_width=1, max_new_tokens=10)
    assert [list(hypothesis.ids) for hypothesis in found] == [greedy]


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_that_a_beam_as_wide_as_all_texts_finds_the_best_of_them(strength):
    model, source, most = _model(seed=3), [8, 9], 3
    texts = [text for n in range(most) for text in itertools.product(range(len(SPECIALS), 12), repeat=n)]
    scores = {text: _log_probability(model, source, text) / length_penalty(len(text) + 1, strength) for text in texts}
    found = beam_search(model, source=source, beam_width=12**3, max_new_tokens=most, strength=strength)
    best = next(hypothesis for hypothesis in found if hypothesis.is_whole)
    assert best.ids == max(scores, key=scores.__getitem__)
    assert best.score == pytest.approx(scores[best.ids], abs=1e-4)


def test_that_a_wider_beam_is_sorted_by_score_and_never_scores_less_than_it_promises():
    model, source = _model(seed=1), [8, 9, 10, 11]
    found = beam_search(model, source=source, beam_width=5, max_new_tokens=8)
    assert len(found) == 5
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len({h.ids for h in found if h.is_whole}) == sum(h.is_whole for h in found)
    for hypothesis in found:
        if hypothesis.is_whole:
            assert hypothesis.log_probability == pytest.approx(_log_probability(model, source, hypothesis.ids), abs=1e-4)


def test_that_the_length_penalty_is_one_without_strength_and_grows_with_the_text():
    assert length_penalty(40, 0.0) == 1.0
    assert length_penalty(1, 1.0) == 1.0
    assert length_penalty(13, 1.0) == 3.0


def test_that_many_sources_are_answered_as_each_alone():
    model = _model(seed=2)
    sources = [[8, 9], [10, 11, 8, 9, 10], [9], [7, 7, 8]]
    together = dict(answer_sources(model, sources, max_new_tokens=9))
    alone = {at: next(iter(answer_sources(model, [source], max_new_tokens=9)))[1] for at, source in enumerate(sources)}
    assert together == alone


@pytest.mark.parametrize("width", [1, 3, 5])
def test_that_many_sources_are_searched_as_each_alone(width):
    model = _model(seed=4, loud=1)
    sources = [[8, 9], [10, 11, 8, 9, 10], [9], [7, 7, 8], [11, 10]]
    together = beam_searches(model, sources, beam_width=width, max_new_tokens=9)
    alone = [beam_search(model, source=source, beam_width=width, max_new_tokens=9) for source in sources]
    assert [[one.ids for one in found] for found in together] == [[one.ids for one in found] for found in alone]
    assert len({len(one.ids) for found in alone for one in found}) > 1  # some end sooner than others
    for ours, theirs in zip(together, alone, strict=True):
        assert [one.score for one in ours] == pytest.approx([one.score for one in theirs], abs=1e-4)


def test_that_a_decoder_is_searched_from_its_prompt():
    config = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=24)
    model = build_model("decoder", config, 12, seed=1).eval()
    prompt = [8, 9, 10]
    found = beam_search(model, prompt=prompt, beam_width=1, max_new_tokens=6)
    assert list(found[0].ids) == dict(answer_greedily(model, [prompt], max_new_tokens=6))[0]
    wide = beam_search(model, prompt=prompt, beam_width=4, max_new_tokens=6, strength=0.0)
    assert wide[0].log_probability >= found[0].log_probability - 1e-5


def _bytes_model():
    tokenizer = Tokenizer(blank(TokenizerConfig(kind="byte")))
    return build_model("encoder_decoder", CONFIG, tokenizer.vocab_size, seed=0).eval(), tokenizer


def test_that_rewriting_ends_with_its_best_version_and_all_scores():
    model, tokenizer = _bytes_model()
    config = GenerationConfig(beam_width=3, max_new_tokens=5)
    events = list(rewrite(model, tokenizer, tokenizer.encode("a cat"), config, stop=Stop()))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    result = events[-1].result
    assert result["text"] == result["hypotheses"][0][0]
    assert len(result["hypotheses"]) == 3
    assert result["tokens"] <= 5


def test_that_of_a_text_beyond_the_context_the_beginning_is_read_and_that_is_said():
    model, tokenizer = _bytes_model()
    config = GenerationConfig(max_new_tokens=4)
    long = list(rewrite(model, tokenizer, tokenizer.encode("x" * 40), config, stop=Stop()))
    short = list(rewrite(model, tokenizer, tokenizer.encode("x" * 16), config, stop=Stop()))
    assert [str(event.message) for event in long if isinstance(event, Noted)] == [
        "The text has 40 tokens; only the first 16 were read."
    ]
    assert long[-1].result["text"] == short[-1].result["text"]
    assert not [event for event in short if isinstance(event, Noted)]


def test_that_an_empty_text_is_refused_in_words():
    model, tokenizer = _bytes_model()
    with pytest.raises(StudioError, match="type a text"):
        list(rewrite(model, tokenizer, [], GenerationConfig(), stop=Stop()))


def test_that_a_stop_ends_the_search_with_what_there_is():
    model, tokenizer = _bytes_model()
    stop = Stop()
    stop.request()
    *_, end = rewrite(model, tokenizer, [40, 41], GenerationConfig(), stop=stop)
    assert isinstance(end, Stopped)
    assert end.result["tokens"] == 0


@pytest.mark.parametrize("width", [1, 3])
def test_that_a_search_seen_step_by_step_finds_what_it_finds_at_once(width):
    model, source = _model(seed=1), [8, 9, 10, 11]
    steps, seen = beam_steps(model, source=source, beam_width=width, max_new_tokens=9), []
    while True:
        assert not torch.is_inference_mode_enabled()
        try:
            seen.append(next(steps))
        except StopIteration as end:
            found = end.value
            break
    assert found == beam_search(model, source=source, beam_width=width, max_new_tokens=9)
    assert [len(text) for text in seen] == list(range(1, len(seen) + 1))
    if width == 1:  # what was written stays
        assert all(longer[: len(text)] == text for text, longer in itertools.pairwise([*seen, found[0].ids]))
