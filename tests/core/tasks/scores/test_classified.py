"""All figures of a classifier on random cases are scikit-learn's, with one class a text and with any number of them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    multilabel_confusion_matrix,
    precision_recall_fscore_support,
)

from llmstudio.core.tasks.scores.classes import intervals
from llmstudio.core.tasks.scores.classified import Classified

NAMES = ("a", "b", "c", "d")


def case(seed: int, *, several: bool) -> Classified:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(80, 4)) * 2
    if several:
        chances = 1 / (1 + np.exp(-logits))
        return Classified(NAMES, random.random((80, 4)) < chances, chances >= 0.5, chances, True)
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([random.choice(4, p=row) for row in chances])
    return Classified(NAMES, np.eye(4, dtype=bool)[truth], np.eye(4, dtype=bool)[chances.argmax(1)], chances, False)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_that_precision_recall_and_f1_are_those_of_scikit_learn(seed: int, several: bool) -> None:
    found = case(seed, several=several)
    expected = precision_recall_fscore_support(found.truth, found.told, zero_division=0)
    own = [(each.precision, each.recall, each.f1, each.real) for each in found.by_class]
    assert np.allclose(np.array(own).T, np.array(expected, float))
    accuracy, macro = found.intervals
    assert accuracy.value == pytest.approx(accuracy_score(found.truth, found.told))
    assert macro.value == pytest.approx(f1_score(found.truth, found.told, average="macro", zero_division=0))
    assert accuracy.low <= accuracy.value <= accuracy.high
    assert macro.low <= macro.high
    assert (found.by_label == multilabel_confusion_matrix(found.truth, found.told)).all()
    if not several:
        assert (found.matrix == confusion_matrix(found.truth.argmax(1), found.told.argmax(1), labels=range(4))).all()


@pytest.mark.parametrize("several", [False, True])
def test_that_curves_and_calibration_are_those_of_scikit_learn(several: bool) -> None:
    found = case(9, several=several)
    for number in range(4):
        expected = average_precision_score(found.truth[:, number], found.chances[:, number])
        assert found.curve(number).average_precision == pytest.approx(expected)
    if several:
        sure, right = np.maximum(found.chances, 1 - found.chances).ravel(), (found.truth == found.told).ravel()
    else:
        sure, right = found.chances.max(1), (found.truth & found.told).any(1)
    accuracy, confidence = calibration_curve(right, sure, n_bins=15)
    filled = found.calibration.counts > 0
    assert np.allclose(found.calibration.accuracy[filled], accuracy)
    assert np.allclose(found.calibration.confidence[filled], confidence)


def test_that_intervals_over_labels_are_those_over_classes_where_each_row_has_one() -> None:
    found = case(3, several=False)
    labelled = Classified(found.names, found.truth, found.told, found.chances, True)
    for one, other in zip(intervals(found.matrix), labelled.intervals, strict=True):
        assert one.value == pytest.approx(other.value)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=0.03)


def test_that_nothing_told_has_no_range() -> None:
    empty = np.zeros((0, 4), bool)
    found = Classified(NAMES, empty, empty, np.zeros((0, 4)), True)
    assert [(each.low, each.value, each.high) for each in found.intervals] == [(0.0, 0.0, 0.0)] * 2
