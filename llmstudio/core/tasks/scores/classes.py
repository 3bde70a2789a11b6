"""How well texts are sorted into classes: each into one, or each into any number of them.

Truth and guesses are numbers of classes, (N,), or for several labels at once yes or no, (N, C). All figures of the first
kind follow from the confusion matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.agreement import Agreement

_RESAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A figure, and the range that other test texts of the same kind would probably give.

    Attributes:
        value: The figure on all rows.
        low: Lower bound of the range.
        high: Upper bound.
    """

    value: float
    low: float
    high: float


def confusion_matrix(truth: ArrayLike, guesses: ArrayLike, num_classes: int) -> NDArray[np.int64]:
    """How often each class (row) was taken for each class (column), (C, C).

    Raises:
        StudioError: There are not as many guesses as truths.
        ValueError: A class is below 0 or not below `num_classes`.
    """
    true, guessed = np.asarray(truth, dtype=np.int64).ravel(), np.asarray(guesses, dtype=np.int64).ravel()
    check_sizes(len(true), len(guessed))
    for classes in (true, guessed):
        if len(classes) and not 0 <= classes.min() <= classes.max() < num_classes:
            raise ValueError(f"classes from {classes.min()} to {classes.max()}, but there are {num_classes}")
    counts = np.bincount(true * num_classes + guessed, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes).astype(np.int64)


def accuracy(matrix: NDArray[Any]) -> float:
    """Share of rows that are right, 0 to 1; 0 without rows. matrix (C, C)."""
    return float(np.trace(matrix) / matrix.sum()) if matrix.sum() else 0.0


def by_class(matrix: NDArray[Any]) -> tuple[Agreement, ...]:
    """Precision, recall and F1 of each class. matrix (C, C), true classes in rows."""
    counts = zip(np.diag(matrix).tolist(), matrix.sum(0).tolist(), matrix.sum(1).tolist(), strict=True)
    return tuple(Agreement(right, guessed, real) for right, guessed, real in counts)


def by_label(truth: ArrayLike, guesses: ArrayLike) -> tuple[Agreement, ...]:
    """Precision, recall and F1 of each label where a row has any number of them. Both (N, C), yes or no.

    Their micro-average is `together`'s.
    """
    true, guessed = np.asarray(truth, dtype=bool), np.asarray(guesses, dtype=bool)
    check_sizes(len(true), len(guessed))
    counts = ((true & guessed).sum(0).tolist(), guessed.sum(0).tolist(), true.sum(0).tolist())
    return tuple(Agreement(right, found, real) for right, found, real in zip(*counts, strict=True))


def exact_rows(truth: ArrayLike, guesses: ArrayLike) -> float:
    """Share of rows whose labels are all right, none missing and none too many. Both (N, C), yes or no."""
    true, guessed = np.asarray(truth, dtype=bool), np.asarray(guesses, dtype=bool)
    check_sizes(len(true), len(guessed))
    return float((true == guessed).all(1).mean()) if len(true) else 0.0


def intervals(
    matrix: NDArray[Any], *, seed: int = 0, share: float = 0.95, resamples: int = _RESAMPLES
) -> tuple[Interval, Interval]:
    """Accuracy and macro-F1 with the range that so many other rows would give, by the bootstrap's percentiles.

    Rows are drawn anew with replacement. All that counts of a row is its cell, so the cells' counts are drawn at once, from
    a multinomial distribution. A class that isn't drawn is left out of that draw's macro-F1, as in `macro_f1`.

    Args:
        matrix: (C, C), true classes in rows.
        seed: Of the draws.
        share: Of the draws that lie inside the range.
        resamples: How many draws.

    Source: Efron 1979, doi:10.1214/aos/1176344552.
    """
    total, size = int(matrix.sum()), len(matrix)
    if not total:
        return Interval(0.0, 0.0, 0.0), Interval(0.0, 0.0, 0.0)
    random = np.random.default_rng(seed)
    rows, columns = np.nonzero(matrix)
    chances = matrix[rows, columns] / total
    hits = rows == columns
    drawn = np.empty((2, resamples))
    for at in range(resamples):
        counts = random.multinomial(total, chances)
        right = np.bincount(rows[hits], counts[hits], minlength=size)
        either = np.bincount(rows, counts, minlength=size) + np.bincount(columns, counts, minlength=size)
        occurs = either > 0
        drawn[:, at] = right.sum() / total, (2 * right[occurs] / either[occurs]).mean()
    low, high = np.quantile(drawn, ((1 - share) / 2, (1 + share) / 2), axis=1)
    right, either = np.diag(matrix), matrix.sum(0) + matrix.sum(1)
    values = accuracy(matrix), float((2 * right[either > 0] / either[either > 0]).mean())
    first, second = (Interval(v, float(a), float(b)) for v, a, b in zip(values, low, high, strict=True))
    return first, second


def label_intervals(
    truth: ArrayLike, guesses: ArrayLike, *, seed: int = 0, share: float = 0.95, resamples: int = _RESAMPLES
) -> tuple[Interval, Interval]:
    """As `intervals`, where a row may have any number of labels: the share of rows whose labels are all right, and macro-F1.

    Both (N, C), yes or no.
    """
    true, guessed = np.asarray(truth, dtype=bool), np.asarray(guesses, dtype=bool)
    check_sizes(len(true), len(guessed))
    if not len(true):
        return Interval(0.0, 0.0, 0.0), Interval(0.0, 0.0, 0.0)
    # What counts of a row: whether all is right, and of each label a hit, and how often it is true or guessed.
    counted = np.hstack([(true == guessed).all(1)[:, None], true & guessed, true * 1 + guessed]).astype(np.float64)
    even = np.full(len(true), 1 / len(true))
    drawn = np.random.default_rng(seed).multinomial(len(true), even, size=resamples) @ counted
    low, high = np.quantile(_exact_and_macro(drawn, len(true)), ((1 - share) / 2, (1 + share) / 2), axis=1)
    values = _exact_and_macro(counted.sum(0)[None], len(true))[:, 0]
    first, second = (Interval(float(v), float(a), float(b)) for v, a, b in zip(values, low, high, strict=True))
    return first, second


def _exact_and_macro(counted: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """(2, R) share of exact rows and macro-F1 of sums (R, 1 + 2 C) as `label_intervals` counts them."""
    size = (counted.shape[1] - 1) // 2
    hits, either = counted[:, 1 : 1 + size], counted[:, 1 + size :]
    f1 = np.where(either > 0, 2 * hits / np.maximum(either, 1), 0.0).sum(1)
    return np.stack([counted[:, 0] / rows, f1 / np.maximum((either > 0).sum(1), 1)])


def check_sizes(truths: int, guesses: int) -> None:
    """Raise StudioError unless there are as many guesses as truths."""
    if truths != guesses:
        raise StudioError(
            "{guesses|guess was|guesses were} to be compared with {truths|row|rows}: give one guess for each row.",
            guesses=guesses,
            truths=truths,
        )
