"""Texts whose classes a model told, and all figures of them: by class, with intervals, by threshold, how sure it was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.tasks.scores.agreement import Agreement
from llmstudio.core.tasks.scores.classes import Interval, by_label, confusion_matrix, intervals, label_intervals
from llmstudio.core.tasks.scores.curves import Calibration, PrecisionRecall, calibration, precision_recall


@dataclass(frozen=True)
class Classified:
    """What is true of N texts and what was told of them.

    Attributes:
        names: The classes.
        truth: (N, C) bool, the classes of each text.
        told: (N, C) bool, those that it was given.
        chances: (N, C) the probability of each class.
        several: Whether a text may have any number of classes.
    """

    names: tuple[str, ...]
    truth: NDArray[np.bool_]
    told: NDArray[np.bool_]
    chances: NDArray[Any]
    several: bool

    @property
    def num_texts(self) -> int:
        """N."""
        return len(self.truth)

    @cached_property
    def by_class(self) -> tuple[Agreement, ...]:
        """Precision, recall and F1 of each class."""
        return by_label(self.truth, self.told)

    @cached_property
    def intervals(self) -> tuple[Interval, Interval]:
        """Accuracy (of several labels: the share of texts with all of them right) and macro-F1."""
        if self.several:
            return label_intervals(self.truth, self.told)
        return intervals(self.matrix)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """(C, C) texts by true class (row) and told class; only where each text has one."""
        return confusion_matrix(self.truth.argmax(1), self.told.argmax(1), len(self.names))

    @cached_property
    def by_label(self) -> NDArray[np.int64]:
        """(C, 2, 2) texts of each class by itself: without it or with it (row), told without it or with it.

        scikit-learn's `multilabel_confusion_matrix`.
        """
        pairs = [confusion_matrix(self.truth[:, at], self.told[:, at], 2) for at in range(len(self.names))]
        return np.stack(pairs)

    @cached_property
    def calibration(self) -> Calibration:
        """Whether answers are as often right as their probability says; of several labels each yes or no is an answer."""
        if not self.several:
            return calibration(self.truth.argmax(1), self.chances)
        yes = np.asarray(self.chances, np.float64).ravel()
        return calibration(self.truth.ravel(), np.stack([1 - yes, yes], 1))

    def curve(self, number: int) -> PrecisionRecall:
        """Precision against recall of one class."""
        return precision_recall(self.truth[:, number], self.chances[:, number])
