"""Thresholds found on validation texts are the best there are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from llmstudio.core.tasks.scores.thresholds import best_thresholds, best_weights


def f1(truth: np.ndarray, guesses: np.ndarray) -> float:
    return float(metrics.f1_score(truth, guesses, zero_division=0))


@pytest.mark.parametrize("seed", range(10))
def test_that_no_threshold_gives_a_label_a_better_f1(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((40, 3)) < (0.1, 0.4, 0.8)
    given = np.clip(np.round(0.3 * truth + 0.7 * random.random(truth.shape), 2), 0, 1)
    found = best_thresholds(truth, given)
    for at, threshold in enumerate(found):
        tried = [f1(truth[:, at], given[:, at] >= other) for other in np.unique(given[:, at])]
        assert f1(truth[:, at], given[:, at] >= threshold) == pytest.approx(max(tried))
        assert threshold not in given[:, at]


def test_that_of_equal_thresholds_the_nearest_to_a_half_is_taken_and_without_examples_a_half() -> None:
    assert best_thresholds([[1, 0], [0, 0]], [[0.9, 0.3], [0.2, 0.8]]) == pytest.approx([0.55, 0.5])


def macro(truth: np.ndarray, given: np.ndarray) -> float:
    return float(metrics.f1_score(truth, given.argmax(1), average="macro", zero_division=0))


@pytest.mark.parametrize("seed", range(10))
def test_that_with_two_classes_weights_reach_the_best_threshold(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = (random.random(60) < 0.2).astype(int)
    truth[:2] = 0, 1
    rare = np.clip(0.3 * truth + 0.6 * random.random(60), 0.01, 0.99)
    given = np.stack([1 - rare, rare], axis=1)
    lines = np.append(np.unique(rare), 1)
    tried = [metrics.f1_score(truth, rare >= line, average="macro", zero_division=0) for line in lines]
    found = best_weights(truth, given)
    assert macro(truth, given * found) == pytest.approx(max(tried))


@pytest.mark.parametrize("seed", range(5))
def test_that_weights_never_lose_and_no_single_one_could_be_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.choice(4, 80, p=[0.5, 0.3, 0.15, 0.05])
    given = random.dirichlet(np.ones(4), 80) + 0.4 * np.array([3, 2, 1, 0.3]) * np.eye(4)[truth] * random.random((80, 1))
    given[:3, 3] = 0.0
    given /= given.sum(1, keepdims=True)
    found = best_weights(truth, given)
    reached = macro(truth, given * found)
    assert reached >= macro(truth, given)
    for at in range(4):
        for factor in np.geomspace(0.01, 100, 60):
            other = found.copy()
            other[at] *= factor
            assert macro(truth, given * other) <= reached + 1e-9
    assert (found > 0).all()
    assert np.isfinite(found).all()


def test_that_a_class_without_an_example_keeps_its_probability_and_a_right_model_all() -> None:
    given = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    assert best_weights([0, 1], given).tolist() == [1.0, 1.0, 1.0]
    assert best_weights([0, 0], given)[1:].tolist() == [1.0, 1.0]
