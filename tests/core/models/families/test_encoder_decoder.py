"""Laws of the encoder-decoder: the target's future is invisible, the source is seen whole, cached equals uncached."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_decoder import CrossAttention
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.parts.attention import padding_of
from llmstudio.core.tokenizer.config import PAD
from tests.core.models.families.shapes import VOCAB, drawn_ids, varied

SMALL = EncoderDecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=24)
VARIED = varied(SMALL)


def _model(config=SMALL):
    return build_model("encoder_decoder", config, VOCAB, seed=3).eval()


def _other(ids, place):
    changed = ids.clone()
    changed[:, place] = (changed[:, place] - 6) % 33 + 7
    return changed


def _logits(model, source, ids, state=None):
    return model.head(model(Batch(ids, source=source), state).hidden)


@pytest.mark.parametrize(
    ("layers", "width", "heads", "hidden", "activation", "tied"),
    list(itertools.product((1, 3), (16, 48), (1, 4), (0, 20), ("swiglu", "relu2", "gelu"), (True, False))),
)
def test_that_the_predicted_parameter_count_is_exact(layers, width, heads, hidden, activation, tied):
    config = EncoderDecoderConfig(
        num_layers=layers,
        embed_dim=width,
        num_heads=heads,
        hidden_dim=hidden,
        activation=activation,
        tie_embeddings=tied,
        context_length=8,
    )
    assert sum(p.numel() for p in _model(config).parameters()) == config.num_parameters(VOCAB)


@pytest.mark.parametrize("config", VARIED)
def test_that_the_predicted_parameter_count_of_positions_and_norms_is_exact(config):
    assert sum(p.numel() for p in _model(config).parameters()) == config.num_parameters(VOCAB)


@pytest.mark.parametrize("config", VARIED)
@pytest.mark.parametrize("learning", [False, True])
def test_that_a_later_target_token_leaves_earlier_logits_bit_equal(learning, config):
    model, source, ids = _model(config), drawn_ids(2, 9), drawn_ids(2, 14, seed=2)
    with torch.set_grad_enabled(learning):
        before, after = _logits(model, source, ids), _logits(model, source, _other(ids, 8))
    assert torch.equal(before[:, :8], after[:, :8])
    assert not torch.equal(before[:, 8:], after[:, 8:])


@pytest.mark.parametrize("config", VARIED)
@pytest.mark.parametrize("place", [0, 4, 8])
def test_that_any_source_token_changes_every_place_of_the_target(place, config):
    model, source, ids = _model(config), drawn_ids(2, 9), drawn_ids(2, 14, seed=2)
    before, after = _logits(model, source, ids), _logits(model, _other(source, place), ids)
    assert bool((before != after).any(-1).all())


@pytest.mark.parametrize("config", VARIED)
@pytest.mark.parametrize("learning", [False, True])
def test_that_a_padded_source_says_the_same(learning, config):
    model, source, ids = _model(config), drawn_ids(1, 5), drawn_ids(1, 7, seed=2)
    longer = torch.cat((source, torch.full((1, 6), PAD)), dim=1)
    rows = torch.cat((longer, drawn_ids(1, 11, seed=3)))
    with torch.set_grad_enabled(learning):
        alone, beside = _logits(model, source, ids), _logits(model, rows, ids.expand(2, -1))
    torch.testing.assert_close(beside[0], alone[0], atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("learning", [False, True])
def test_that_the_look_at_the_source_is_a_softmax_over_what_is_no_padding(learning):
    layer, generator = CrossAttention(SMALL.blocks), torch.Generator().manual_seed(0)
    x, source = torch.randn(2, 6, 32, generator=generator), torch.randn(2, 9, 32, generator=generator)
    ids = torch.ones(2, 9, dtype=torch.long)
    ids[1, 5:] = PAD
    with torch.no_grad():
        for weight in layer.parameters():  # gains of norms as well, so that none of them is 1
            weight.copy_(torch.randn(weight.shape, generator=generator) / weight.shape[-1] ** 0.5)
    with torch.set_grad_enabled(learning):
        written = layer(x, *layer.keys_and_values(source), padding_of(ids)).detach()
    to_q, (to_k, to_v) = layer.q.weight.detach(), layer.kv.weight.detach().chunk(2)
    for row, seen in ((0, 9), (1, 5)):
        q, k, v = x[row] @ to_q.T, source[row, :seen] @ to_k.T, source[row, :seen] @ to_v.T
        mixed = []
        for head in (slice(start, start + 8) for start in range(0, 32, 8)):
            queries, keys = (
                part / (part.square().mean(-1, keepdim=True) + 1e-6).sqrt() * norm.weight.detach()
                for part, norm in ((q[:, head], layer.q_norm), (k[:, head], layer.k_norm))
            )
            mixed.append(torch.softmax(queries @ keys.T / 8**0.5, dim=-1) @ v[:, head])
        expected = torch.cat(mixed, dim=-1) @ layer.out.weight.detach().T
        torch.testing.assert_close(written[row], expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("config", VARIED)
def test_that_cached_decoding_equals_one_pass_however_the_target_is_cut_and_reads_the_source_once(config):
    model, source, ids = _model(config), drawn_ids(2, 9), drawn_ids(2, 20, seed=2)
    source[1, 6:] = PAD
    with torch.inference_mode():
        whole = _logits(model, source, ids)
        state = model.init_state(2, 24)
        pieces = [ids[:, :6], ids[:, 6:7], ids[:, 7:12], *ids[:, 12:].split(1, dim=1)]
        # What is given as a source after the first piece is not looked at.
        parts = [_logits(model, source if at == 0 else None, piece, state) for at, piece in enumerate(pieces)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=2e-5, rtol=1e-4)


def test_that_rows_taken_from_a_memory_go_on_as_their_own_and_leave_the_old_one_alone():
    model, source, ids = _model(), drawn_ids(3, 9), drawn_ids(3, 8, seed=2)
    rows = torch.tensor([2, 0, 2])
    with torch.inference_mode():
        state = model.init_state(3, 24)
        _logits(model, source, ids[:, :5], state)
        taken = state.take(rows)
        went_on = _logits(model, None, ids[rows, 5:], taken)
        stayed = _logits(model, None, ids[:, 5:], state)
        whole = _logits(model, source, ids)
    torch.testing.assert_close(went_on, whole[rows, 5:], atol=2e-5, rtol=1e-4)
    torch.testing.assert_close(stayed, whole[:, 5:], atol=2e-5, rtol=1e-4)


def test_that_one_token_of_source_and_target_suffices():
    assert _logits(_model(), drawn_ids(1, 1), drawn_ids(1, 1)).shape == (1, 1, VOCAB)


@pytest.mark.parametrize("config", VARIED)
def test_that_every_weight_gets_a_gradient(config):
    model = _model(replace(config, tie_embeddings=False)).train()
    _logits(model, drawn_ids(2, 12), drawn_ids(2, 9, seed=2)).square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


@pytest.mark.parametrize(("source", "target"), [(25, 4), (4, 25)])
def test_that_source_and_target_beyond_the_context_are_refused_with_both_numbers(source, target):
    with pytest.raises(StudioError, match=r"24 tokens.* 25 were given"):
        _logits(_model(), drawn_ids(1, source), drawn_ids(1, target))


def test_that_a_target_without_a_source_is_refused_in_words():
    with pytest.raises(StudioError, match="give it one"):
        _model()(Batch(drawn_ids(1, 4)))


def test_that_a_width_which_does_not_divide_into_heads_names_the_nearest_that_do():
    with pytest.raises(StudioError, match="nearest that do are 96 and 104"):
        EncoderDecoderConfig(embed_dim=100, num_heads=4)
