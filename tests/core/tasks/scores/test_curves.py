"""Curves over thresholds are scikit-learn's, and calibration is what its definition says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from llmstudio.core.tasks.scores.curves import calibration, precision_recall


@pytest.mark.parametrize("seed", range(20))
def test_that_precision_against_recall_is_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = int(random.integers(2, 50))
    real = random.random(rows) < 0.4
    real[0] = True
    scores = np.round(random.random(rows), int(random.integers(1, 4)))  # few digits: many rows share a score
    found = precision_recall(real, scores)
    expected = metrics.precision_recall_curve(real, scores)
    for own, other in zip((found.precision, found.recall, found.thresholds), expected, strict=True):
        assert np.allclose(own, other), (own, other)
    assert found.average_precision == pytest.approx(metrics.average_precision_score(real, scores))


def test_that_a_class_without_a_row_has_no_average_precision() -> None:
    assert math.isnan(precision_recall([False, False], [0.2, 0.7]).average_precision)
    assert precision_recall([], []).precision.tolist() == [1.0]


@pytest.mark.parametrize("seed", range(10))
def test_that_bins_and_calibration_error_are_those_of_the_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, classes, bins = int(random.integers(1, 80)), int(random.integers(2, 6)), int(random.integers(1, 20))
    given = random.dirichlet(np.full(classes, 0.5), rows)
    truth = random.integers(0, classes, rows)
    found = calibration(truth, given, bins=bins)
    sure, is_right = given.max(1), given.argmax(1) == truth
    error = 0.0
    for at in range(bins):
        inside = (sure > at / bins) & (sure <= (at + 1) / bins)
        assert found.counts[at] == inside.sum()
        if inside.any():
            assert found.confidence[at] == pytest.approx(sure[inside].mean())
            assert found.accuracy[at] == pytest.approx(is_right[inside].mean())
            error += inside.mean() * abs(sure[inside].mean() - is_right[inside].mean())
        else:
            assert math.isnan(found.confidence[at])
    assert found.error == pytest.approx(error)
    right, confidence = calibration_curve(is_right, sure, n_bins=bins)
    assert np.allclose(found.accuracy[found.counts > 0], right)
    assert np.allclose(found.confidence[found.counts > 0], confidence)


def test_that_answers_as_often_right_as_they_say_have_no_error() -> None:
    given = np.tile([0.75, 0.25], (8, 1))
    assert calibration([0] * 6 + [1] * 2, given).error == pytest.approx(0.0)
    assert calibration([1] * 8, given).error == pytest.approx(0.75)
    assert calibration([], np.zeros((0, 2))).error == 0.0
