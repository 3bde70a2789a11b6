"""Scores of classes are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.agreement import Agreement, macro_f1, together
from llmstudio.core.tasks.scores.classes import accuracy, by_class, by_label, confusion_matrix, exact_rows, intervals

SEEDS = range(20)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Classes and guesses, some of them never occurring."""
    random = np.random.default_rng(seed)
    classes, rows = int(random.integers(2, 8)), int(random.integers(1, 60))
    truth = random.integers(0, random.integers(1, classes + 1), rows)
    guesses = np.where(random.random(rows) < 0.6, truth, random.integers(0, classes, rows))
    return truth, guesses, classes


@pytest.mark.parametrize("seed", SEEDS)
def test_that_figures_of_single_classes_are_those_of_scikit_learn(seed: int) -> None:
    truth, guesses, classes = drawn(seed)
    matrix = confusion_matrix(truth, guesses, classes)
    assert np.array_equal(matrix, metrics.confusion_matrix(truth, guesses, labels=range(classes)))
    assert accuracy(matrix) == pytest.approx(metrics.accuracy_score(truth, guesses))
    found = by_class(matrix)
    expected = metrics.precision_recall_fscore_support(truth, guesses, labels=range(classes), zero_division=0)
    assert np.allclose([(a.precision, a.recall, a.f1, a.real) for a in found], np.transpose(expected))
    assert macro_f1(found) == pytest.approx(metrics.f1_score(truth, guesses, average="macro", zero_division=0))
    assert together(found).f1 == pytest.approx(accuracy(matrix))


@pytest.mark.parametrize("seed", SEEDS)
def test_that_figures_of_several_labels_are_those_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, labels = int(random.integers(1, 40)), int(random.integers(2, 7))
    truth = random.random((rows, labels)) < random.random(labels) * 0.6
    guesses = truth ^ (random.random((rows, labels)) < 0.2)
    found = by_label(truth, guesses)
    columns = [at for at in range(labels) if found[at].occurs]
    for average in ("micro", None):
        expected = metrics.precision_recall_fscore_support(truth, guesses, average=average, zero_division=0)[:3]
        own = [together(found)] if average == "micro" else found
        assert np.allclose([(a.precision, a.recall, a.f1) for a in own], np.atleast_2d(np.transpose(expected)))
    assert exact_rows(truth, guesses) == pytest.approx(metrics.accuracy_score(truth, guesses))
    if columns:
        expected = metrics.f1_score(truth[:, columns], guesses[:, columns], average="macro", zero_division=0)
        assert macro_f1(found) == pytest.approx(expected)


def test_that_a_class_that_never_occurs_counts_nothing_and_one_that_is_never_right_counts_zero() -> None:
    assert macro_f1(by_class(np.diag([3, 2, 0]))) == 1.0
    assert macro_f1(by_class(np.array([[3, 0], [2, 0]]))) == pytest.approx(0.75 / 2)
    assert macro_f1([]) == accuracy(np.zeros((2, 2))) == Agreement(0, 0, 0).f1 == 0.0


def test_that_guesses_of_another_number_or_outside_the_classes_are_refused() -> None:
    with pytest.raises(StudioError, match="1 guess was to be compared with 2 rows"):
        confusion_matrix([0, 1], [0], 2)
    with pytest.raises(ValueError, match="there are 2"):
        confusion_matrix([0, 2], [0, 1], 2)
    with pytest.raises(ValueError, match="classes from -1"):
        confusion_matrix([0, 1], [0, -1], 2)


def test_that_intervals_are_those_of_rows_drawn_one_by_one() -> None:
    random = np.random.default_rng(3)
    truth = random.choice(4, 200, p=[0.6, 0.2, 0.15, 0.05])
    guesses = np.where(random.random(200) < 0.8, truth, random.integers(0, 4, 200))
    by_rows = np.empty((2000, 2))
    for at in range(2000):
        rows = random.integers(0, 200, 200)
        matrix = confusion_matrix(truth[rows], guesses[rows], 4)
        by_rows[at] = accuracy(matrix), macro_f1(by_class(matrix))
    expected = np.quantile(by_rows, (0.025, 0.975), axis=0).T
    matrix = confusion_matrix(truth, guesses, 4)
    found = intervals(matrix, seed=1, resamples=2000)
    assert np.allclose([(i.low, i.high) for i in found], expected, atol=0.012), (found, expected)
    assert [i.value for i in found] == pytest.approx([accuracy(matrix), macro_f1(by_class(matrix))])
    assert found == intervals(matrix, seed=1, resamples=2000)
    assert found != intervals(matrix, seed=2, resamples=2000)


def test_that_an_interval_holds_the_figure_of_the_source_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    source = np.array([[50, 10], [15, 25]]) / 100
    held = 0
    for seed in range(100):
        matrix = random.multinomial(300, source.ravel()).reshape(2, 2)
        found = intervals(matrix, seed=seed, resamples=300)[0]
        held += found.low <= accuracy(source) <= found.high
    assert 88 <= held <= 100, held


def test_that_without_rows_intervals_are_nothing() -> None:
    assert [(i.value, i.low, i.high) for i in intervals(np.zeros((2, 2), dtype=int))] == [(0, 0, 0)] * 2
