"""Laws of the decoder: cached equals uncached, the future is invisible, counts are exact, attention is a softmax."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.parts.attention import Attention, Pass, explicit_attention, padding_of
from llmstudio.core.models.parts.norms import LayerNorm, RMSNorm
from llmstudio.core.models.parts.positions import rotary_tables, rotate, sinusoids
from llmstudio.core.models.remarks import without_effect
from llmstudio.core.tokenizer.config import PAD

VOCAB = 40
SMALL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=32)
SHAPES = [
    SMALL,
    replace(SMALL, num_kv_heads=2, tie_embeddings=False),
    replace(SMALL, activation="relu2", convolution_width=3, value_embeddings=True),
    replace(SMALL, activation="gelu", qk_norm=False, num_kv_heads=1, hidden_dim=48),
    replace(SMALL, positions="learned", norm="layer"),
    replace(SMALL, positions="sinusoidal", norm_place="after", attention_window=5),
    replace(SMALL, positions="none", norm="layer", norm_place="after", convolution_width=3),
    replace(SMALL, attention_window=3, num_kv_heads=2),
    replace(SMALL, num_heads=6, num_kv_heads=3, head_width=10, value_embeddings=True),
]


def _model(config: DecoderConfig):
    return build_model("decoder", config, VOCAB, seed=3).eval()


def _ids(rows: int, length: int) -> torch.Tensor:
    return torch.randint(0, VOCAB, (rows, length), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("config", SHAPES)
def test_that_the_predicted_parameter_count_is_exact(config):
    assert sum(p.numel() for p in _model(config).parameters()) == config.num_parameters(VOCAB)


@pytest.mark.parametrize("config", SHAPES)
def test_that_cached_decoding_equals_one_pass_however_the_text_is_cut(config):
    model, ids = _model(config), _ids(2, 20)
    with torch.inference_mode():
        whole = model.head(model(Batch(ids)).hidden)
        state = model.init_state(2, 32)
        pieces = [ids[:, :6], ids[:, 6:7], ids[:, 7:12], *ids[:, 12:].split(1, dim=1)]
        parts = [model.head(model(Batch(piece), state).hidden) for piece in pieces]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("config", SHAPES)
@pytest.mark.parametrize("learning", [False, True])
def test_that_a_later_token_leaves_earlier_logits_bit_equal(config, learning):
    model, ids = _model(config), _ids(2, 20)
    other = ids.clone()
    other[:, 12] = (other[:, 12] + 1) % VOCAB
    with torch.set_grad_enabled(learning):
        before, after = (model.head(model(Batch(x)).hidden) for x in (ids, other))
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.equal(before[:, 12:], after[:, 12:])


@pytest.mark.parametrize("kv_heads", [4, 2])
def test_that_explicit_and_fused_attention_and_a_written_out_softmax_agree(kv_heads):
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(2, 4, 9, 8, generator=generator)
    k, v = (torch.randn(2, kv_heads, 9, 8, generator=generator) for _ in range(2))
    fused = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=kv_heads != 4)
    torch.testing.assert_close(explicit_attention(q, k, v), fused, atol=1e-6, rtol=1e-5)
    for head in range(4):
        shared = head // (4 // kv_heads)
        for t in range(9):
            weights = torch.softmax(q[0, head, t] @ k[0, shared, : t + 1].T / 8**0.5, dim=0)
            torch.testing.assert_close(fused[0, head, t], weights @ v[0, shared, : t + 1], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("learning", [False, True])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("window", [0, 3])
@pytest.mark.parametrize("positions", ["rotary", "none"])
@pytest.mark.parametrize("kv_heads", [4, 2, 1])
@pytest.mark.parametrize("qk_norm", [True, False])
def test_that_the_attention_layer_is_a_softmax_over_what_may_be_seen(qk_norm, kv_heads, positions, window, causal, learning):
    config = replace(SMALL, qk_norm=qk_norm, num_kv_heads=kv_heads, positions=positions, attention_window=window)
    layer, x, ids = Attention(config, causal=causal), _drawn(2, 9, 32), torch.ones(2, 9, dtype=torch.long)
    extra = _drawn(2, 9, kv_heads * 8, seed=1)
    _draw_weights(layer)
    if not causal:
        ids[1, 5:] = PAD
    cos, sin = rotary_tables(8, 9, config.rope_base)
    with torch.set_grad_enabled(learning):
        written = layer(x, 0, Pass(cos, sin, padding=padding_of(ids)), extra).detach()
    weights = layer.qkv.weight.detach().split((32, kv_heads * 8, kv_heads * 8))
    for row in range(2):
        q, k, v = (x[row] @ weight.T for weight in weights)
        v = v + extra[row]
        for place in range(9):
            seen = [at for at in range(9) if ids[row, at] != PAD]
            if causal:
                seen = [at for at in seen if at <= place and (not window or at > place - window)]
            mixed = []
            for head in range(4):
                own = slice(8 * head, 8 * head + 8)
                shared = slice(8 * (head * kv_heads // 4), 8 * (head * kv_heads // 4) + 8)
                query = _placed(q[place, own], layer.q_norm, place, config)
                keys = torch.stack([_placed(k[at, shared], layer.k_norm, at, config) for at in seen])
                mixed.append(torch.softmax(keys @ query / 8**0.5, dim=0) @ v[seen, shared])
            expected = layer.out.weight.detach() @ torch.cat(mixed)
            torch.testing.assert_close(written[row, place], expected, atol=2e-5, rtol=1e-4)


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _draw_weights(layer: torch.nn.Module) -> None:
    """Gains of norms as well, so that none of them is 1."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / weight.shape[-1] ** 0.5)


def _placed(head: torch.Tensor, norm: torch.nn.Module, place: int, config: DecoderConfig) -> torch.Tensor:
    """A query or key (K,): brought to length 1 and scaled by the norm's gain, then turned, pair by pair, in the plane."""
    if config.qk_norm:
        head = head / (head.square().mean() + 1e-6).sqrt() * norm.weight.detach()
    if config.positions != "rotary":
        return head
    angles = [place * config.rope_base ** (-2 * pair / len(head)) for pair in range(len(head) // 2)]
    pairs = torch.complex(*head.chunk(2)) * torch.polar(torch.ones(len(angles)), torch.tensor(angles))
    return torch.cat((pairs.real, pairs.imag))


def test_that_rotary_scores_depend_on_distance_alone():
    cos, sin = rotary_tables(8, 30, 10_000.0)
    q, k = (
        torch.randn(8, generator=torch.Generator().manual_seed(0)),
        torch.randn(8, generator=torch.Generator().manual_seed(1)),
    )
    turned_q, turned_k = rotate(q.expand(30, 8), cos, sin), rotate(k.expand(30, 8), cos, sin)
    scores = turned_q @ turned_k.T
    for distance in (0, 1, 7):
        along = scores.diagonal(-distance)
        torch.testing.assert_close(along, along[0].expand_as(along), atol=1e-4, rtol=1e-4)


def test_that_rms_norm_equals_its_formula():
    x = torch.randn(3, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(RMSNorm(16)(x), x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt())


def test_that_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, again, other = (build_model("decoder", SMALL, VOCAB, seed=s) for s in (5, 5, 6))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not torch.equal(first.embed.weight, other.embed.weight)


def test_that_a_text_beyond_the_context_is_refused_with_both_numbers():
    with pytest.raises(StudioError, match=r"32 tokens.* 33 were given"):
        _model(SMALL)(Batch(_ids(1, 33)))


def test_that_a_width_which_does_not_divide_into_heads_names_the_nearest_that_do():
    with pytest.raises(StudioError, match="nearest that do are 96 and 104") as refused:
        DecoderConfig(embed_dim=100, num_heads=4)
    assert refused.value.remedies[0].value == "96"


def test_that_key_value_heads_must_divide_the_heads():
    with pytest.raises(StudioError, match="cannot share"):
        DecoderConfig(num_heads=4, num_kv_heads=3)


def test_that_an_unknown_kind_names_those_there_are():
    with pytest.raises(StudioError, match="decoder"):
        build_model("perceptron", SMALL, VOCAB)


def test_that_every_weight_gets_a_gradient():
    model = _model(replace(SMALL, convolution_width=3, value_embeddings=True))
    model.head(model(Batch(_ids(2, 16))).hidden).square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_that_a_window_hides_what_lies_further_back_in_one_layer():
    model = _model(replace(SMALL, num_layers=1, attention_window=4))
    ids = _ids(1, 20)
    other = ids.clone()
    other[:, 5] = (other[:, 5] + 1) % VOCAB
    for learning in (False, True):
        with torch.set_grad_enabled(learning):
            before, after = (model(Batch(x)).hidden for x in (ids, other))
        changed = [t for t in range(20) if not torch.equal(before[:, t], after[:, t])]
        assert changed == [5, 6, 7, 8]


def test_that_without_positions_the_first_token_does_not_know_its_place_and_with_them_order_counts():
    for positions in ("none", "rotary", "learned", "sinusoidal"):
        model = _model(replace(SMALL, num_layers=1, positions=positions))
        ids = torch.tensor([[3, 7, 9, 11]])
        swapped = torch.tensor([[7, 3, 9, 11]])
        with torch.inference_mode():
            last, other = (model(Batch(x)).hidden[0, -1] for x in (ids, swapped))
        # One layer that only adds up what it sees cannot tell the order of two tokens before the last.
        assert torch.allclose(last, other, atol=1e-5) == (positions == "none"), positions


def test_that_layer_norm_equals_its_formula_and_sinusoids_are_as_loud_as_embeddings():
    x = torch.randn(3, 16, generator=torch.Generator().manual_seed(0))
    expected = (x - x.mean(-1, keepdim=True)) / (x.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(LayerNorm(16)(x), expected)
    assert sinusoids(64, 16).square().mean().sqrt().item() == pytest.approx(0.02, rel=1e-4)


def test_that_settings_which_change_nothing_say_so_and_do_change_nothing():
    for config in (
        replace(SMALL, positions="learned", rope_base=500.0),
        replace(SMALL, attention_window=32),
        replace(SMALL, num_kv_heads=4),
        replace(SMALL, convolution_width=1),
    ):
        assert len(without_effect(config)) == 1
        plain = replace(config, rope_base=10_000.0, attention_window=0, num_kv_heads=0, convolution_width=0)
        assert without_effect(plain) == []
        with torch.inference_mode():
            assert torch.equal(*(_model(c)(Batch(_ids(1, 20))).hidden for c in (config, plain)))
    assert without_effect(SMALL) == []
