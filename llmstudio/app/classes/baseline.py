"""What counting words would have told of the same texts: the yardstick beside a model's figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.corpus.records import Record, labels_of, spread_over
from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.classes.bag_of_words import learn_bag_of_words
from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.core.work import Stop, check

MOST = 10_000
"""Texts that the words are counted of: of more, evenly spread ones."""
_MOST_CLASSES = 1000  # every step of the regression scores each text for each class


def baseline(
    learned: Iterable[Record], asked: Iterable[Record], names: Sequence[str], *, several: bool, stop: Stop | None = None
) -> Classified | None:
    """What a bag of words with logistic regression tells of texts; None where there is nothing to learn from or to ask.

    Args:
        learned: The records that the model learned from.
        asked: Those that it was measured on, cleaned as these.
        names: The classes that it knows; texts of others are left out.
        several: Whether a text may have any number of them.
        stop: Looked at in between.

    Raises:
        StudioError: There are too many classes for it.
        WasStopped: Somebody asked to stop.
    """
    if len(names) > _MOST_CLASSES:
        raise StudioError(
            "What counting words would tell is not measured beside the model: {n|class|classes} are too many for it, it"
            " takes up to {most:,}.",
            n=len(names),
            most=_MOST_CLASSES,
        )
    chosen, _ = spread_over((record for record in learned if "label" in record), MOST)
    known, answers = _texts(chosen, names)
    texts, truth = _texts((record for record in asked if "label" in record), names)
    check(stop)
    if not known or not texts:
        return None
    judge = learn_bag_of_words(known, answers if several else answers.argmax(1), len(names), stop)
    check(stop)
    chances = judge.probabilities(texts)
    told = chances >= 0.5 if several else np.arange(len(names)) == chances.argmax(1)[:, None]
    return Classified(tuple(names), truth, told, chances, several)


def _texts(records: Iterable[Record], names: Sequence[str]) -> tuple[list[str], NDArray[np.bool_]]:
    """Texts with labels that are known, and their classes (N, C)."""
    texts, rows = [], []
    for record in records:
        labels = set(labels_of(record))
        if labels <= set(names):
            texts.append(str(record["text"]))
            rows.append([name in labels for name in names])
    return texts, np.array(rows, dtype=bool).reshape(len(texts), len(names))
