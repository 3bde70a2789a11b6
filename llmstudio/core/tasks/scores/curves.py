"""What probabilities are worth: precision against recall at every threshold, and whether "80 %" is right 80 times in 100."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llmstudio.core.tasks.scores.classes import check_sizes

Floats = NDArray[np.float64]
_BINS = 15


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision and recall of one class at every threshold that changes them, the lowest threshold first.

    Attributes:
        precision: (P + 1,); the last is 1 by convention, where nothing is guessed any more.
        recall: (P + 1,), falling; the last is 0.
        thresholds: (P,); a row is taken for the class from this probability on.
        average_precision: Precision averaged over the recall won; not a number if no row is of the class.
    """

    precision: Floats
    recall: Floats
    thresholds: Floats
    average_precision: float


@dataclass(frozen=True)
class Calibration:
    """How sure a model was beside how often it was right, in bins of the probability that it gave its answer.

    Attributes:
        edges: (M + 1,) borders of the bins, 0 to 1; the upper one belongs to a bin.
        counts: (M,) rows in each bin.
        confidence: (M,) mean probability of the answers in it; not a number in an empty bin.
        accuracy: (M,) share of them that are right; likewise.
        error: Expected calibration error: how far the two are apart, averaged over the rows.
    """

    edges: Floats
    counts: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats
    error: float


def precision_recall(is_real: ArrayLike, probabilities: ArrayLike) -> PrecisionRecall:
    """Precision against recall for one class. is_real (N,), yes or no; probabilities (N,) of the class."""
    real, scores = np.asarray(is_real, dtype=bool).ravel(), np.asarray(probabilities, dtype=np.float64).ravel()
    check_sizes(len(real), len(scores))
    order = np.argsort(-scores, kind="stable")
    real, scores = real[order], scores[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1) if len(scores) else np.zeros(0, dtype=np.int64)
    right = np.cumsum(real)[ends]  # rows with one probability are taken together
    precision = right / (ends + 1)
    total = int(real.sum())
    recall = right / total if total else np.ones(len(ends))
    average = float(np.sum(np.diff(recall, prepend=0.0) * precision)) if total else float("nan")
    return PrecisionRecall(np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), scores[ends][::-1], average)


def calibration(truth: ArrayLike, probabilities: ArrayLike, *, bins: int = _BINS) -> Calibration:
    """Whether answers are as often right as their probability says. truth (N,), probabilities (N, C).

    Source: Guo et al. 2017, arXiv:1706.04599.
    """
    true, given = np.asarray(truth, dtype=np.int64).ravel(), np.asarray(probabilities, dtype=np.float64)
    check_sizes(len(true), len(given))
    edges = np.linspace(0.0, 1.0, bins + 1)
    if not len(true):
        empty = np.full(bins, np.nan)
        return Calibration(edges, np.zeros(bins, dtype=np.int64), empty, empty, 0.0)
    sure, is_right = given.max(1), given.argmax(1) == true
    place = np.searchsorted(edges[1:-1], sure, side="left")
    counts = np.bincount(place, minlength=bins)
    filled = np.where(counts, counts, np.nan)
    confidence, accuracy = (np.bincount(place, each, minlength=bins) / filled for each in (sure, is_right))
    error = float(np.nansum(counts * np.abs(confidence - accuracy)) / len(true))
    return Calibration(edges, counts.astype(np.int64), confidence, accuracy, error)
