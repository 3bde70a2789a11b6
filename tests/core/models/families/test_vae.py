"""Laws of the text VAE: exact counts, causal writing, reading that padding does not change, KL by two ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.vae import TextVAE, draw, kl_by_unit
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.settings import change
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN

V = 50
TINY = VAEConfig(latent_dim=4, embed_dim=16, hidden_dim=24, context_length=12)


def made(config: VAEConfig = TINY, seed: int = 0) -> TextVAE:
    model = build_model("vae", config, V, seed).eval()
    assert isinstance(model, TextVAE)
    return model


def rows(*lengths: int) -> Batch:
    ids = torch.full((len(lengths), max(lengths) + 1), PAD)
    ids[:, 0] = END
    for i, length in enumerate(lengths):
        ids[i, 1 : length + 1] = torch.randint(7, V, (length,), generator=torch.Generator().manual_seed(i))
    return Batch(ids)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("latent", [1, 5, 32])
@pytest.mark.parametrize(("embed", "hidden"), [(8, 8), (16, 40), (48, 16)])
def test_that_parameters_are_counted_to_the_last_one(tied: bool, latent: int, embed: int, hidden: int) -> None:
    config = replace(TINY, tie_embeddings=tied, latent_dim=latent, embed_dim=embed, hidden_dim=hidden)
    model = made(config)
    assert config.num_parameters(V) == sum(p.numel() for p in model.parameters())
    tables = [p for name, p in model.named_parameters() if name in ("embed.weight", "unembed.weight")]
    assert config.table_parameters(V) == sum(p.numel() for p in tables)


@pytest.mark.parametrize("number_format", ["fp32", "bf16"])
@pytest.mark.parametrize("changes", [{}, {"tie_embeddings": False}, {"dropout": 0.0}, {"embed_dim": 16, "hidden_dim": 128}])
def test_that_activations_take_the_foretold_bytes(changes: dict[str, object], number_format: str) -> None:
    config = replace(VAEConfig(embed_dim=64, hidden_dim=96), **changes)
    model = build_model("vae", config, V, 0).train()
    batch = rows(*[15] * 16)
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t),
        torch.autocast("cpu", torch.bfloat16, enabled=number_format == "bf16"),
    ):
        hidden = model(batch).hidden
        if config.tie_embeddings:
            model.out(hidden)
    copies = sum(p.numel() for p in model.parameters()) * 2 if number_format == "bf16" else 0  # of weights, in 16 bits
    measured = sum(size for place, size in kept.items() if place not in weights) - copies
    told = config.activation_bytes(tokens=batch.ids.numel(), context=16, number_format=number_format)
    assert 0.6 < told / measured < 1.6, (told, measured)


def test_that_a_later_token_changes_nothing_written_before_it() -> None:
    model, batch = made(), rows(8)
    z = torch.randn(1, 4, generator=torch.Generator().manual_seed(0))
    before = model.write(batch.ids, model.state_of(z)).hidden
    changed = batch.ids.clone()
    changed[0, 5] = 8 if changed[0, 5] == 7 else 7
    after = model.write(changed, model.state_of(z)).hidden
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])


def test_that_the_reader_sees_the_whole_sentence_and_both_ways_round() -> None:
    model = made()
    sentence = torch.tensor([[7, 8, 9, 10]])
    mean, _ = model.encode(sentence)
    for other in ([8, 8, 9, 10], [7, 8, 9, 11], [10, 9, 8, 7]):
        assert not torch.allclose(mean, model.encode(torch.tensor([other]))[0], atol=1e-6)


def test_that_padding_changes_neither_where_a_sentence_lies_nor_what_is_written() -> None:
    model, batch = made(), rows(3, 9, 1)
    together = model(batch)
    for i, length in enumerate((3, 9, 1)):
        alone = model(Batch(batch.ids[i : i + 1, : length + 1]))
        assert torch.allclose(together.parts["mean"][i], alone.parts["mean"][0], atol=1e-6)
        assert torch.allclose(together.parts["log_variance"][i], alone.parts["log_variance"][0], atol=1e-6)
        assert torch.allclose(together.hidden[i, : length + 1], alone.hidden[0], atol=1e-6)


def test_that_writing_token_by_token_equals_writing_at_once() -> None:
    model, batch = made(), rows(7)
    z = torch.randn(1, 4, generator=torch.Generator().manual_seed(1))
    at_once = model.write(batch.ids, model.state_of(z)).hidden
    state, pieces = model.state_of(z), []
    for token in batch.ids.split(1, dim=1):
        output = model(Batch(token), state)
        state = output.state
        pieces.append(output.hidden)
    assert torch.allclose(at_once, torch.cat(pieces, dim=1), atol=1e-6)


def test_that_what_is_written_depends_on_the_place() -> None:
    model, batch = made(), rows(4)
    near, far = (model.write(batch.ids, model.state_of(torch.full((1, 4), value))).hidden for value in (0.0, 1.0))
    assert not torch.allclose(near, far, atol=1e-3)


def test_that_kl_is_the_textbooks_and_a_thousand_draws_agree() -> None:
    mean = torch.tensor([[0.0, 1.5, -0.3], [2.0, 0.1, 0.0]])
    log_variance = torch.tensor([[0.0, -1.0, 0.7], [0.2, -3.0, 0.0]])
    exact = kl_by_unit(mean, log_variance)
    posterior = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    assert torch.allclose(exact, torch.distributions.kl_divergence(posterior, prior), atol=1e-6)
    assert exact[0, 0] == 0
    assert exact[1, 2] == 0
    many, generator = 200_000, torch.Generator().manual_seed(0)
    z = draw(mean.expand(many, -1, -1), log_variance.expand(many, -1, -1), generator)
    estimate = (posterior.log_prob(z) - prior.log_prob(z)).mean(0)
    assert torch.allclose(exact, estimate, atol=0.02)


def test_that_noise_passes_gradients_to_mean_and_variance() -> None:
    mean, log_variance = torch.zeros(2, 3, requires_grad=True), torch.zeros(2, 3, requires_grad=True)
    draw(mean, log_variance, torch.Generator().manual_seed(0)).sum().backward()
    assert torch.equal(mean.grad, torch.ones(2, 3))
    assert bool((log_variance.grad != 0).all())


def test_that_all_words_but_the_beginning_can_be_hidden_from_the_writer_and_none_when_it_is_not_learning() -> None:
    model, batch = made(replace(TINY, word_dropout=1.0, dropout=0.0)), rows(6, 3)
    state = model.state_of(torch.zeros(2, 4))
    hidden = batch.ids.clone()
    hidden[:, 1:][hidden[:, 1:] != PAD] = UNKNOWN
    blind = model.write(hidden, state).hidden
    assert torch.equal(model._hidden_words(batch.ids), batch.ids)
    model.train()
    assert torch.equal(model.write(model._hidden_words(batch.ids), state).hidden, blind)


def test_that_a_new_writer_leaves_reader_and_table_as_they_are() -> None:
    model = made()
    before = {name: p.clone() for name, p in model.named_parameters()}
    model.reset_decoder(torch.Generator().manual_seed(9))
    same = {name for name, p in model.named_parameters() if torch.equal(p, before[name])}
    assert all(name in same for name in before if name.startswith(("embed", "reads", "to_latent")))
    assert not any(name in same for name in before if name in ("writes.weight_hh_l0", "first_state.weight", "out.weight"))


def test_that_a_single_token_and_even_none_can_be_read_and_written() -> None:
    model = made()
    for batch in (rows(1), Batch(torch.tensor([[END]]))):
        output = model(batch)
        assert output.hidden.shape == (1, batch.ids.shape[1], 24)
        assert bool(torch.isfinite(output.hidden).all())
        assert bool(torch.isfinite(output.parts["mean"]).all())


def test_that_a_sentence_longer_than_the_longest_is_refused() -> None:
    with pytest.raises(StudioError, match="up to 12 tokens, but 14"):
        made()(rows(13))


def test_that_it_can_be_led_from_the_middle_of_its_space() -> None:
    model = made()
    state = model.init_state(2, 8)
    assert torch.equal(state.z, torch.zeros(2, 4))
    output = model(Batch(torch.tensor([[END, 9], [END, 12]])), state)
    assert model.head(output.hidden).shape == (2, 2, V)


def test_that_an_odd_hidden_width_is_refused_with_the_nearest() -> None:
    with pytest.raises(StudioError, match="24 and 26") as refused:
        VAEConfig(hidden_dim=25)
    (remedy,) = refused.value.remedies
    assert change(VAEConfig(), remedy.target.removeprefix("model."), remedy.value).hidden_dim == 26
