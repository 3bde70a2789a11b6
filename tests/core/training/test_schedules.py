"""Laws of the learning rate: up at first, never above its height, down to where its kind ends, gentle in short runs too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.training.schedules import learning_rate_factor
from llmstudio.core.training_config import TrainingConfig

KINDS = ["trapezoid", "cosine", "constant"]
BASE = TrainingConfig(warmup_share=0.1, cooldown_share=0.4)


def _factors(max_steps: int, config: TrainingConfig) -> list[float]:
    return [learning_rate_factor(step, max_steps, config) for step in range(max_steps)]


@pytest.mark.parametrize("kind", KINDS)
@given(max_steps=st.integers(1, 400), warmup=st.floats(0, 0.5), cooldown=st.floats(0.01, 0.9))
def test_that_the_rate_rises_once_and_never_again_after_it_fell(kind, max_steps, warmup, cooldown):
    config = replace(BASE, schedule=kind, warmup_share=warmup, cooldown_share=cooldown)
    factors = _factors(max_steps, config)
    assert all(0 < factor <= 1 for factor in factors)
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)


def test_that_a_trapezoid_is_level_between_its_slopes():
    factors = _factors(1000, replace(BASE, schedule="trapezoid"))
    assert factors[49] == pytest.approx(0.5)
    assert factors[99:601] == [1.0] * 502
    assert factors[800] == pytest.approx(0.5)
    assert factors[999] == pytest.approx(1 / 400)


def test_that_a_cosine_ends_at_a_tenth():
    factors = _factors(1000, replace(BASE, schedule="cosine"))
    assert factors[550] == pytest.approx(0.55)
    assert factors[999] == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize(("max_steps", "steps"), [(1, 1), (12, 3), (80, 20), (500, 50)])
def test_that_short_runs_begin_gently_too(max_steps, steps):
    factors = _factors(max_steps, replace(BASE, schedule="constant"))
    assert factors[0] == pytest.approx(1 / steps)
    assert factors[steps - 1] == 1


def test_that_no_warm_up_can_be_wished_for():
    assert _factors(80, replace(BASE, schedule="constant", warmup_share=0.0))[0] == 1
