from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.sampling import choose, probabilities

logit_lists = st.lists(st.integers(-40, 40).map(lambda n: n / 4), min_size=1, max_size=12)
configs = st.builds(
    GenerationConfig,
    temperature=st.sampled_from([0.0, 0.3, 1.0, 2.5]),
    top_k=st.integers(0, 14),
    top_p=st.sampled_from([0.05, 0.5, 0.9, 1.0]),
)


def by_hand(logits: list[float], config: GenerationConfig) -> np.ndarray:
    """The same distribution, written token by token: rank, cut at k, scale, cut at p, scale."""
    result = np.zeros(len(logits))
    rank = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if config.temperature == 0:
        result[rank[0]] = 1
        return result
    rank = rank[: config.top_k or None]
    powers = [math.exp((logits[i] - logits[rank[0]]) / config.temperature) for i in rank]
    shares = [p / sum(powers) for p in powers]
    held = 0.0
    for i, share in zip(rank, shares, strict=True):
        if held >= config.top_p and config.top_p < 1:
            break
        result[i] = share
        held += share
    return result / result.sum()


@settings(deadline=None, max_examples=200)
@given(logits=logit_lists, config=configs)
def test_that_the_distribution_is_the_one_computed_by_hand(logits, config):
    ours = probabilities(torch.tensor(logits), config).numpy()
    np.testing.assert_allclose(ours, by_hand(logits, config), atol=1e-9)


@pytest.mark.parametrize("config", [GenerationConfig(1.0), GenerationConfig(0.7, top_k=4), GenerationConfig(1.3, top_p=0.8)])
def test_that_draws_fall_as_often_as_the_distribution_says(config):
    logits = torch.tensor([2.0, 1.0, 1.0, 0.0, -1.0, 0.5])
    generator, num_draws = torch.Generator().manual_seed(0), 6000
    counts = np.bincount([choose(logits, config, generator) for _ in range(num_draws)], minlength=6)
    expected = by_hand(logits.tolist(), config) * num_draws
    assert not counts[expected == 0].any()
    open_ = expected > 0
    chi_square = float((((counts - expected) ** 2)[open_] / expected[open_]).sum())
    assert chi_square < 20.5  # the 99.9th percentile for five degrees of freedom


@settings(deadline=None, max_examples=80)
@given(logits=logit_lists, config=configs, seed=st.integers(0, 2**31))
def test_that_a_seed_draws_the_same_tokens_and_leaves_the_global_generator_alone(logits, config, seed):
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    rows = [
        [choose(torch.tensor(logits), config, generator) for _ in range(8)]
        for generator in (torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed))
    ]
    assert rows[0] == rows[1]
    assert torch.equal(torch.rand(2), expected)


def test_that_temperature_zero_takes_the_first_of_the_likeliest_and_draws_nothing():
    generator = torch.Generator().manual_seed(3)
    before = generator.get_state()
    assert choose(torch.tensor([1.0, 4.0, 4.0]), GenerationConfig(0.0), generator) == 1
    assert torch.equal(generator.get_state(), before)


def test_that_a_forbidden_token_is_never_drawn_at_any_temperature():
    logits = torch.tensor([-math.inf, 0.0, -math.inf, 1.0])
    generator = torch.Generator().manual_seed(0)
    drawn = {choose(logits, GenerationConfig(t), generator) for t in (0.0, 1e-6, 1.0, 5.0) for _ in range(200)}
    assert drawn == {1, 3}


def test_that_the_smallest_top_p_leaves_one_token():
    logits = torch.tensor([0.0, 0.1, 0.0])
    assert probabilities(logits, GenerationConfig(1.0, top_p=0.01)).tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_that_logits_which_are_not_numbers_are_refused_in_a_sentence(temperature):
    with pytest.raises(StudioError, match="diverged"):
        choose(torch.tensor([0.0, math.nan]), GenerationConfig(temperature), torch.Generator())
