"""Where to draw the line between classes, found on validation texts so that rare classes get their due."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llmstudio.core.tasks.scores.agreement import macro_f1
from llmstudio.core.tasks.scores.classes import by_class, check_sizes, confusion_matrix
from llmstudio.core.tasks.scores.curves import Floats, precision_recall

_EVEN = 0.5
_ROUNDS = 10
_LARGEST = 1e6  # factor: what a row needs more for has hardly a probability at all


def best_thresholds(truth: ArrayLike, probabilities: ArrayLike) -> Floats:
    """The probability from which on each label is given, so that its F1 is best, (C,). For any number of labels a row.

    A threshold lies midway between the rows it parts; of equally good ones the nearest to a half is taken, and a half for a
    label without an example.

    Args:
        truth: (N, C), yes or no.
        probabilities: (N, C).
    """
    real, given = np.asarray(truth, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    check_sizes(len(real), len(given))
    return np.array([_best_threshold(real[:, at], given[:, at]) for at in range(given.shape[1])])


def best_weights(truth: ArrayLike, probabilities: ArrayLike) -> Floats:
    """Factors for the classes' probabilities with which the largest one gives the best macro-F1, (C,). For one class a row.

    Class by class, the best factor is looked for among all that change an answer while the others stay, until none gets
    better. With two classes this moves the threshold. A factor stays 1 where nothing is gained, and for a class without an
    example.

    Args:
        truth: (N,) classes.
        probabilities: (N, C).
    """
    true, given = np.asarray(truth, dtype=np.int64).ravel(), np.asarray(probabilities, dtype=np.float64)
    check_sizes(len(true), len(given))
    weights = np.ones(given.shape[1])
    best = _macro_f1(true, given * weights)
    for _ in range(_ROUNDS):
        before = best
        for at in np.unique(true):
            weight, reached = _best_weight(true, given * weights, at)
            if reached > best + 1e-12:
                weights[at] *= weight
                best = reached
        if best == before:
            break
    return weights


def best_offsets(truth: ArrayLike, probabilities: ArrayLike, *, several: bool) -> Floats:
    """What logits are moved by, (C,), so that the largest one, or of `several` labels each above 0, is told. Both (N, C)."""
    given = np.asarray(probabilities, dtype=np.float64)
    if not several:
        weights: Floats = np.log(best_weights(np.asarray(truth).argmax(1), given))
        return weights
    line = np.clip(best_thresholds(truth, given), 1 / _LARGEST, 1 - 1 / _LARGEST)
    offsets: Floats = np.log(1 - line) - np.log(line)
    return offsets


def _best_threshold(real: NDArray[np.bool_], scores: Floats) -> float:
    if not real.any():
        return _EVEN
    curve = precision_recall(real, scores)
    precision, recall = curve.precision[:-1], curve.recall[:-1]
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    lines = (curve.thresholds + np.concatenate([[0.0], curve.thresholds[:-1]])) / 2
    good = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(lines[good[np.argmin(np.abs(lines[good] - _EVEN))]])


def _best_weight(true: NDArray[np.int64], given: Floats, at: int) -> tuple[float, float]:
    """The factor for column `at` with the best macro-F1, and that F1."""
    others = given.copy()
    others[:, at] = -1.0
    second = others.argmax(1)
    own = np.maximum(given[:, at], np.finfo(float).tiny)
    needed = others.max(1) / own  # a larger factor makes a row one of class `at`
    order = np.argsort(needed, kind="stable")
    needed, real, second = needed[order], true[order], second[order]
    # Going up, one row after the other leaves its second-best class for this one.
    size = given.shape[1]
    matrix = confusion_matrix(real, second, size)
    counts = matrix.sum(1).astype(np.float64)
    right, guessed = np.diag(matrix).astype(np.float64), matrix.sum(0).astype(np.float64)
    f1 = np.array([_f1(right[c], guessed[c], counts[c]) for c in range(size)])
    occurs = counts + guessed > 0
    best, found = -1.0, 1.0
    for i in range(len(needed)):
        left = second[i]
        guessed[left] -= 1
        guessed[at] += 1
        right[left] -= real[i] == left
        right[at] += real[i] == at
        for c in (left, at):
            f1[c], occurs[c] = _f1(right[c], guessed[c], counts[c]), counts[c] + guessed[c] > 0
        after = needed[i + 1] if i + 1 < len(needed) else np.inf
        if needed[i] > _LARGEST:
            break
        reached = f1.sum() / occurs.sum()
        if after > needed[i] and reached > best + 1e-12:  # rows that need the same factor come together
            best, found = reached, float(max(needed[i] + min(after, 2 * needed[i]), 2 / _LARGEST) / 2)
    return found, float(best)


def _f1(right: float, guessed: float, real: float) -> float:
    return 2 * right / (guessed + real) if guessed + real else 0.0


def _macro_f1(true: NDArray[np.int64], given: NDArray[Any]) -> float:
    return macro_f1(by_class(confusion_matrix(true, given.argmax(1), given.shape[1])))
