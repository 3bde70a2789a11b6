"""Bounds on what a sentence costs: the more draws the tighter, and never below what it really costs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.vae import TextVAE, draw, kl_by_unit
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.tasks.latent.score import LatentScore, importance_weighted, row_nats, score_sentences, sentence_batch
from llmstudio.core.tokenizer.config import END
from llmstudio.core.training.machine.setup import Setup

V = 20
CONFIG = VAEConfig(latent_dim=1, embed_dim=8, hidden_dim=8, context_length=10)
SETUP = Setup("cpu", "fp32", 1)


@pytest.fixture(scope="module")
def model() -> TextVAE:
    """Random, but with a writer that listens to z and a reader that says something of the sentence."""
    made = build_model("vae", CONFIG, V, 0).eval()
    assert isinstance(made, TextVAE)
    with torch.no_grad():
        made.first_state.weight.mul_(3)
        made.out.weight.mul_(3)
        made.embed.weight.mul_(5)
        made.to_latent.weight.mul_(2)
    return made


def rows(*lengths: int) -> Rows:
    random = np.random.default_rng(0)
    ids = [np.concatenate([[END], random.integers(7, V, length), [END]]) for length in lengths]
    sizes = np.array(lengths)
    return Rows(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), None, sizes, np.zeros(len(lengths), np.int64))


def exact_nats(model: TextVAE, held: Rows) -> torch.Tensor:
    """-log of the integral over the one unit of p(x | z) p(z), by a fine grid."""
    batch = sentence_batch(held, np.arange(held.num_rows))
    grid = torch.linspace(-7, 7, 1401)
    with torch.inference_mode():
        nats = torch.stack([row_nats(model, batch, z.expand(held.num_rows, 1)) for z in grid]).double()
    prior = -0.5 * grid.double() ** 2 - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(prior[:, None] - nats + math.log(14 / 1400), dim=0)


def bounds(model: TextVAE, held: Rows, samples: int, repeats: int) -> torch.Tensor:
    """(repeats, rows) of independent bounds."""
    batch = sentence_batch(held, np.tile(np.arange(held.num_rows), repeats))
    found = importance_weighted(model, batch, SETUP, samples=samples, generator=torch.Generator().manual_seed(samples))
    return found.view(repeats, held.num_rows)


def test_that_more_draws_tighten_the_bound_and_it_never_falls_below_the_truth(model) -> None:
    held = rows(3, 5, 4, 6)
    truth = exact_nats(model, held)
    means = [bounds(model, held, draws, 500).mean(0) for draws in (1, 4, 16, 64)]
    for looser, tighter in itertools.pairwise(means):
        assert bool((tighter <= looser + 0.03).all()), (looser, tighter)
    assert bool((means[-1] >= truth - 0.03).all()), (means[-1], truth)
    assert bool((means[-1] <= truth + 0.05).all()), (means[-1], truth)
    assert float((means[0] - means[-1]).mean()) > 0.1  # there was something to tighten


def test_that_one_draw_is_the_elbo_on_average(model) -> None:
    held = rows(4, 2, 6)
    found = bounds(model, held, 1, 4000)
    batch = sentence_batch(held, np.tile(np.arange(3), 4000))
    with torch.inference_mode():
        mean, log_variance = model.encode(batch.ids[:, 1:])
        kl = kl_by_unit(mean, log_variance).sum(1)
        nats = row_nats(model, batch, draw(mean, log_variance, torch.Generator().manual_seed(9)))
    elbo = (nats + kl).view(4000, 3).double()
    error = 4 * ((found.var(0) + elbo.var(0)) / 4000).sqrt()
    assert bool(((found.mean(0) - elbo.mean(0)).abs() < error).all()), (found.mean(0), elbo.mean(0), error)


def test_that_scores_do_not_depend_on_what_stands_beside_a_sentence(model) -> None:
    held = rows(6, 2, 4)
    z = torch.tensor([[0.3], [-1.0], [2.0]])
    with torch.inference_mode():
        alone = [row_nats(model, sentence_batch(held, np.array([i])), z[i : i + 1]) for i in range(3)]
        together = row_nats(model, sentence_batch(held, np.arange(3)), z)
    assert torch.cat(alone).tolist() == pytest.approx(together.tolist(), abs=1e-4)


def test_that_a_look_at_a_part_takes_sentences_from_all_over_and_every_look_draws_the_same_noise(model) -> None:
    held = rows(*([3, 5] * 50))
    *_, part = score_sentences(model, held, SETUP, max_tokens=held.num_tokens // 4)
    assert part.sentences == 25
    *_, whole = score_sentences(model, held, SETUP, iw_samples=3, iw_sentences=10)
    assert (whole.sentences, whole.iw_sentences) == (100, 10)
    *_, again = score_sentences(model, held, SETUP, iw_samples=3, iw_sentences=10)
    assert whole.figures() == again.figures()
    assert model.training is False


@pytest.mark.parametrize("some", [7, 13, 19])
def test_that_the_sentences_of_the_tighter_bound_are_no_shorter_than_all(model, some) -> None:
    held = rows(*([2] * 10 + [8] * 10))
    *_, score = score_sentences(model, held, SETUP, iw_samples=30, iw_sentences=some)
    *_, whole = score_sentences(model, held, SETUP, iw_samples=30, iw_sentences=20)
    assert score.iw_sentences == some
    assert score.figures()["iw_nll"] == pytest.approx(whole.figures()["iw_nll"], rel=0.1)


def test_that_mutual_information_is_the_log_of_the_sentences_where_each_has_a_place_of_its_own_and_else_nothing() -> None:
    random = np.random.default_rng(0)
    apart = LatentScore(
        means=[random.normal(size=(200, 4)).astype(np.float32)], log_variances=[np.full((200, 4), -18, np.float32)]
    )
    assert apart.mutual_information() == pytest.approx(math.log(200), abs=1e-3)
    same = LatentScore(means=[np.zeros((200, 4), np.float32)], log_variances=[np.zeros((200, 4), np.float32)])
    assert same.mutual_information() == pytest.approx(0, abs=1e-5)


def test_that_a_unit_is_active_if_its_mean_varies() -> None:
    means = np.zeros((100, 3), np.float32)
    means[::2, 0], means[::2, 1] = 1.0, 0.15  # variances 0.25 and 0.0056
    score = LatentScore(means=[means], log_variances=[np.zeros_like(means)])
    assert score.figures()["active_units"] == 1
