"""Laws of the encoder: it sees the future, padding changes nothing, attention is a softmax, counts are exact."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.parts.attention import attend, padding_of
from llmstudio.core.models.parts.convolution import ShortConvolution
from llmstudio.core.models.remarks import without_effect
from llmstudio.core.tokenizer.config import PAD
from tests.core.models.families.shapes import VOCAB, drawn_ids, varied

SMALL = EncoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=24)
VARIED = varied(SMALL)


def _model(config=SMALL):
    return build_model("encoder", config, VOCAB, seed=3).eval()


def _logits(model, ids):
    return model.head(model(Batch(ids)).hidden)


@pytest.mark.parametrize(
    ("layers", "width", "heads", "hidden", "activation", "tied", "near"),
    list(itertools.product((0, 1, 3), (16, 48), (1, 4), (0, 20), ("swiglu", "relu2", "gelu"), (True, False), (0, 3))),
)
def test_that_the_predicted_parameter_count_is_exact(layers, width, heads, hidden, activation, tied, near):
    config = EncoderConfig(
        num_layers=layers,
        embed_dim=width,
        num_heads=heads,
        hidden_dim=hidden,
        activation=activation,
        tie_embeddings=tied,
        convolution_width=near,
        context_length=8,
    )
    assert sum(p.numel() for p in _model(config).parameters()) == config.num_parameters(VOCAB)
    assert config.table_parameters(VOCAB) == VOCAB * width * (1 if tied else 2)


@pytest.mark.parametrize("config", VARIED)
def test_that_the_predicted_parameter_count_of_positions_and_norms_is_exact(config):
    assert sum(p.numel() for p in _model(config).parameters()) == config.num_parameters(VOCAB)


@pytest.mark.parametrize("place", ["before", "after"])
def test_that_without_layers_a_vector_knows_nothing_of_its_neighbours(place):
    config = replace(SMALL, num_layers=0, norm_place=place)
    model, ids = _model(config), drawn_ids(2, 12)
    assert sum(p.numel() for p in model.parameters()) == config.num_parameters(VOCAB)
    other = ids.clone()
    other[:, 9] = (other[:, 9] - 6) % 33 + 7
    before, after = model(Batch(ids)).hidden, model(Batch(other)).hidden
    assert torch.equal(before[:, :9], after[:, :9])
    assert torch.equal(before[:, 10:], after[:, 10:])
    assert not torch.equal(before[:, 9], after[:, 9])


def test_that_only_without_positions_the_order_of_the_text_is_not_seen():
    ids = drawn_ids(1, 12)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    for config in VARIED:
        model = _model(config)
        # Fresh places are as quiet as fresh embeddings, so that what they change is small.
        same = torch.allclose(_logits(model, ids)[:, order], _logits(model, ids[:, order]), atol=1e-5)
        assert same == (config.positions == "none"), config.positions


@pytest.mark.parametrize("config", VARIED)
@pytest.mark.parametrize("learning", [False, True])
def test_that_a_later_token_changes_every_earlier_place(learning, config):
    model, ids = _model(config), drawn_ids(2, 12)
    other = ids.clone()
    other[:, 9] = (other[:, 9] - 6) % 33 + 7
    with torch.set_grad_enabled(learning):
        before, after = _logits(model, ids), _logits(model, other)
    assert bool((before != after).any(-1).all())


@pytest.mark.parametrize("learning", [False, True])
@pytest.mark.parametrize("config", [*VARIED, *(replace(SMALL, convolution_width=near) for near in (3, 4, 5))])
def test_that_padding_changes_nothing(learning, config):
    model = _model(config)
    short, long = drawn_ids(1, 7), drawn_ids(1, 16, seed=2)
    padded = torch.cat((short, torch.full((1, 9), PAD)), dim=1)
    with torch.set_grad_enabled(learning):
        alone, beside = _logits(model, short), _logits(model, torch.cat((padded, long)))
        whole = _logits(model, long)
    torch.testing.assert_close(beside[0, :7], alone[0], atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(beside[1], whole[0], atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("learning", [False, True])
@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("keys", [9, 14])
def test_that_attention_equals_a_written_out_softmax_over_what_is_no_padding(learning, kv_heads, keys):
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(2, 4, 9, 8, generator=generator)
    k, v = (torch.randn(2, kv_heads, keys, 8, generator=generator) for _ in range(2))
    ids = torch.ones(2, keys, dtype=torch.long)
    ids[1, 5:] = PAD
    with torch.set_grad_enabled(learning):
        mixed = attend(q, k, v, padding_of(ids), causal=False)
    for row, seen in ((0, keys), (1, 5)):
        for head in range(4):
            shared = head // (4 // kv_heads)
            weights = torch.softmax(q[row, head] @ k[row, shared, :seen].T / 8**0.5, dim=-1)
            torch.testing.assert_close(mixed[row, head], weights @ v[row, shared, :seen], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("width", "offsets"), [(3, (0, -1, 1)), (4, (0, -1, 1, -2)), (5, (0, -1, 1, -2, 2))])
def test_that_a_short_convolution_mixes_the_neighbours_on_both_sides(width, offsets):
    mixing = ShortConvolution(width, 6, causal=False)
    x = torch.randn(2, 9, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        mixing.weight.copy_(torch.randn(width, 6, generator=torch.Generator().manual_seed(1)))
        mixed = mixing(x, None)
    for place in range(9):
        seen = [(j, place + offset) for j, offset in enumerate(offsets) if 0 <= place + offset < 9]
        expected = sum(x[:, at] * mixing.weight[j] for j, at in seen).detach()
        torch.testing.assert_close(mixed[:, place], expected)


def test_that_a_row_of_padding_alone_still_gives_numbers():
    ids = torch.cat((drawn_ids(1, 6), torch.full((1, 6), PAD)))
    assert bool(_logits(_model(), ids).isfinite().all())


def test_that_reading_gives_a_vector_a_token_and_the_mean_of_those_that_stand():
    model, ids = _model(), drawn_ids(2, 10)
    ids[1, 4:] = PAD
    with torch.inference_mode():
        hidden, pooled = model.read(ids)
    assert (hidden.shape, pooled.shape) == ((2, 10, 32), (2, 32))
    torch.testing.assert_close(pooled[0], hidden[0].mean(0))
    torch.testing.assert_close(pooled[1], hidden[1, :4].mean(0))


def test_that_a_convolution_over_one_token_says_that_it_changes_nothing_and_changes_nothing():
    alone, none = replace(SMALL, convolution_width=1), replace(SMALL, convolution_width=0)
    assert len(without_effect(alone)) == 1
    assert without_effect(none) == []
    ids = drawn_ids(2, 9)
    assert torch.equal(_logits(_model(alone), ids), _logits(_model(none), ids))


def test_that_one_token_is_read():
    assert _logits(_model(), drawn_ids(1, 1)).shape == (1, 1, VOCAB)


@pytest.mark.parametrize("config", VARIED)
def test_that_every_weight_gets_a_gradient(config):
    model = _model(replace(config, tie_embeddings=False)).train()
    _logits(model, drawn_ids(2, 12)).square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_that_dropout_silences_only_while_learning():
    model, ids = _model(replace(SMALL, dropout=0.5)), drawn_ids(1, 12)
    assert torch.equal(_logits(model, ids), _logits(model, ids))
    model.train()
    assert not torch.equal(_logits(model, ids), _logits(model, ids))


def test_that_a_text_beyond_the_context_is_refused_with_both_numbers():
    with pytest.raises(StudioError, match=r"24 tokens.* 25 were given"):
        _logits(_model(), drawn_ids(1, 25))


def test_that_a_width_which_does_not_divide_into_heads_names_the_nearest_that_do():
    with pytest.raises(StudioError, match="nearest that do are 96 and 104") as refused:
        EncoderConfig(embed_dim=100, num_heads=4)
    assert (refused.value.remedies[0].target, refused.value.remedies[0].value) == ("model.embed_dim", "96")


def test_that_writing_on_is_refused_in_words():
    with pytest.raises(StudioError, match="fills their gaps"):
        _model().init_state(1, 8)
