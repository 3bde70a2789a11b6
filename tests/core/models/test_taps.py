"""Laws of taps: looking changes nothing, what is put in goes on, and what is seen is what the model did."""

from __future__ import annotations

from collections import defaultdict

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.models.taps import ATTENTION, GATES, Tap
from llmstudio.core.tokenizer.config import PAD

IDS = torch.randint(4, 20, (3, 12), generator=torch.Generator().manual_seed(1))
PADDED = torch.cat((IDS[:, :9], torch.full((3, 3), PAD)), dim=1)
SIZE = {"num_layers": 2, "embed_dim": 16, "num_heads": 2, "context_length": 32}
CONFIGS = {
    "rnn": RNNConfig(num_layers=2, embed_dim=8, hidden_dim=16),
    "lstm": LSTMConfig(num_layers=2, embed_dim=8, hidden_dim=16, dropout=0.1),
    "gru": GRUConfig(num_layers=2, embed_dim=8, hidden_dim=16, layer_norm=True),
    "decoder": DecoderConfig(**SIZE, num_kv_heads=1, value_embeddings=True, convolution_width=3, dropout=0.1),
    "encoder": EncoderConfig(**SIZE),
    "encoder_decoder": EncoderDecoderConfig(**SIZE, norm_place="after"),
    "vae": VAEConfig(),
}
ATTENTIVE = ("decoder", "encoder", "encoder_decoder")
RECURRENT = ("rnn", "lstm", "gru")


def built(kind):
    return build_model(kind, CONFIGS[kind], 20, seed=1)


def batch_of(kind):
    return Batch(PADDED if kind == "encoder" else IDS, source=PADDED if kind in ("encoder_decoder", "vae") else None)


def outcome(model, kind, tap=None):
    """Loss and all gradients of a pass while learning, and what it says when it speaks."""
    model.train().zero_grad()
    torch.manual_seed(5)
    loss = model.head(model(batch_of(kind), tap=tap).hidden).square().mean()
    loss.backward()
    gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    with torch.no_grad():
        return [loss.detach(), *gradients, model.eval()(batch_of(kind), tap=tap).hidden]


def seen_of(model, batch, *asks, state=None):
    found = defaultdict(list)

    def look(name, passing):
        found[name].append(passing)
        return passing

    with torch.no_grad():
        output = model(batch, state, Tap(look, frozenset(asks)))
    return found, output


def replaced(name, by):
    return lambda at, passing: by(passing) if at == name else passing


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_a_tap_that_returns_what_it_gets_changes_no_bit(kind):
    model = built(kind)
    without = outcome(model, kind)
    for asks in (frozenset(), frozenset({ATTENTION})):
        seen = outcome(model, kind, Tap(lambda _, passing: passing, asks))
        assert len(seen) == len(without)
        assert all(torch.equal(a, b) for a, b in zip(seen, without, strict=True))


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_embeddings_layers_and_what_the_head_reads_are_seen_once_each_with_rows_first(kind):
    model = built(kind).eval()
    found, output = seen_of(model, batch_of(kind))
    last = 0 if kind == "vae" else model.config.num_layers - 1
    assert torch.equal(found["embed"][0], model.embed(batch_of(kind).ids))
    assert torch.equal(found["hidden"][0], output.hidden)
    assert found[f"layers.{last}"][0].shape[:2] == IDS.shape
    assert all(len(passed) == 1 for passed in found.values())
    if kind in ATTENTIVE:
        assert torch.equal(
            model.stack.norm(found["layers.1"][0]) if kind == "encoder" else model.norm(found["layers.1"][0]), output.hidden
        )
    if kind in ("encoder_decoder", "vae"):
        assert torch.equal(found["source.embed"][0], model.embed(PADDED))


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_what_a_tap_puts_in_goes_on_in_its_place(kind):
    model = built(kind).eval()
    batch = batch_of(kind)
    with torch.no_grad():
        silenced = model(batch, tap=Tap(replaced("hidden", torch.zeros_like))).hidden
        other = Batch(batch.ids.flip(1), source=batch.source)
        as_other = model(batch, tap=Tap(replaced("embed", lambda _: model.embed(other.ids)))).hidden
        if kind not in ("encoder", "decoder"):  # which look at ids for more than their table: padding, value embeddings
            assert torch.equal(as_other, model(other).hidden)
        assert not torch.equal(as_other, model(batch).hidden)
    assert not silenced.any()


@pytest.mark.parametrize("kind", ATTENTIVE)
def test_that_the_shares_of_attention_are_those_that_mix_the_values(kind):
    model = built(kind).eval()
    found, output = seen_of(model, batch_of(kind), ATTENTION)
    maps = {name: passed[0] for name, passed in found.items() if "attention" in name}
    assert len(maps) == {"decoder": 2, "encoder": 2, "encoder_decoder": 6}[kind]
    for name, shares in maps.items():
        assert torch.allclose(shares.sum(-1), torch.ones(()), atol=1e-6)
        if kind == "decoder" or (name in ("layers.0.attention", "layers.1.attention") and kind == "encoder_decoder"):
            assert not shares.triu(1).any()  # nobody looks ahead
        else:
            assert not shares[..., 9:].any()  # nor at padding
    with torch.no_grad():  # a copy of the shares is mixed in the open, and comes to the same
        copied = model(batch_of(kind), tap=Tap(lambda _, passing: passing.clone(), frozenset({ATTENTION}))).hidden
        evenly = model(batch_of(kind), tap=Tap(replaced("layers.0.attention", _evened), frozenset({ATTENTION}))).hidden
    assert torch.allclose(copied, output.hidden, atol=1e-5)
    assert not torch.allclose(evenly, output.hidden, atol=1e-3)


@pytest.mark.parametrize("window", [0, 4])
def test_that_attention_is_seen_alike_in_one_pass_and_token_by_token(window):
    config = DecoderConfig(**SIZE, attention_window=window)
    model = build_model("decoder", config, 20, seed=1).eval()
    whole, _ = seen_of(model, Batch(IDS), ATTENTION)
    state = model.init_state(3, 12)
    for place in range(12):
        one, _ = seen_of(model, Batch(IDS[:, place : place + 1]), ATTENTION, state=state)
        for name in ("layers.0.attention", "layers.1.attention"):
            shares = one[name][0][:, :, 0]
            assert torch.allclose(shares, whole[name][0][:, :, place, : place + 1], atol=1e-5)
            assert not window or not shares[..., : max(0, place + 1 - window)].any()


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("changes", [{}, {"layer_norm": True}, {"residual": True, "embed_dim": 16}])
def test_that_a_recurrence_with_its_gates_in_the_open_says_and_remembers_the_same(kind, changes):
    config = type(CONFIGS[kind])(**({"num_layers": 3, "embed_dim": 8, "hidden_dim": 16} | changes))
    model = build_model(kind, config, 20, seed=1).eval()
    with torch.no_grad():
        before = model(Batch(IDS), model.init_state(3, 12)).state
        fast = model(Batch(IDS.flip(0)), before)
    found, output = seen_of(model, Batch(IDS.flip(0)), GATES, state=before)
    assert torch.allclose(output.hidden, fast.hidden, atol=1e-5)
    for name, tensor in output.state.tensors().items():
        assert torch.allclose(tensor, fast.state.tensors()[name], atol=1e-5)
    for layer in range(3):
        assert torch.equal(found[f"layers.{layer}.state"][-1], output.state.hidden[layer])
        assert len(found[f"layers.{layer}.state"]) == 12
        if kind == "lstm":
            assert torch.equal(found[f"layers.{layer}.cell"][-1], output.state.cell[layer])


def test_that_a_gate_held_shut_keeps_what_it_guards_from_the_tokens_that_follow():
    model = build_model("lstm", LSTMConfig(num_layers=1, embed_dim=8, hidden_dim=16), 20, seed=1).eval()
    shut = Tap(replaced("layers.0.forget", torch.zeros_like), frozenset({GATES}))
    with torch.no_grad():
        state = model(Batch(IDS), model.init_state(3, 12), shut).state
    found, _ = seen_of(model, Batch(IDS), GATES)
    assert not torch.allclose(state.cell[0], found["layers.0.cell"][-1], atol=1e-3)
    assert state.cell.abs().max() < 1  # nothing adds up: one token's candidate, through one gate


def _evened(shares):
    return torch.full_like(shares, 1 / shares.shape[-1])
