"""Made-up texts: how many of which class, which of those that were written are kept, and the rows that they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.dataset.writing import NO_MARK
from llmstudio.core.tasks.classes.bag_of_words import learn_bag_of_words
from llmstudio.core.tokenizer.config import END
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

MADE_UP = ("language_model", "latent_gan")
"""The remedies for rare classes that make up texts, as `ClassifySettings.imbalance` names them."""
MOST = 1_000
"""Texts that are made up in all, so that writing them takes no longer than learning to."""
_FEW = 0.5  # of an even share


@dataclass(frozen=True)
class Learned:
    """The texts that a model learns from, each of one class.

    Attributes:
        rows: Ids of each, without an end; of a long text only the beginning.
        classes: (N,) the class of each.
        names: The classes.
    """

    rows: list[list[int]]
    classes: NDArray[np.int64]
    names: Sequence[str]


def wanted_texts(counts: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """How many texts are made up of each class, (C,): what a class with less than half of an even share of the texts lacks
    to that half, and at most `times` its own texts, for more would only repeat them; in all at most `MOST`.

    counts (C,) texts of each class; of a class without any nothing can be made up.
    """
    even = counts.sum() / max(1, int((counts > 0).sum()))
    lacking = np.maximum(0, np.floor(_FEW * even).astype(np.int64) - counts)
    wanted: NDArray[np.int64] = np.minimum(lacking, times * counts)
    each: NDArray[np.int64] = np.minimum(wanted, max(1, MOST // max(1, int((wanted > 0).sum()))))
    return each


def kept_texts(
    written: Mapping[int, Sequence[str]],
    learned: Sequence[str],
    classes: NDArray[np.int64],
    wanted: NDArray[np.int64],
    stop: Stop | None = None,
) -> list[tuple[str, int]]:
    """Of written texts those that are learned along, with their class: never an empty one, one that is there already, or one
    twice; of the others those that a bag of words finds most like their class.

    Raises:
        WasStopped: Somebody has asked to stop.

    Source: Anaby-Tavor et al. 2020, arXiv:1911.03118, for the choice by a classifier.
    """
    seen = {_plain(text) for text in learned}
    judge = learn_bag_of_words(learned, classes, len(wanted), stop)
    kept: list[tuple[str, int]] = []
    for number, texts in written.items():
        new = []
        for text in texts:
            if (plain := _plain(text)) and plain not in seen:
                seen.add(plain)
                new.append(text)
        fits = judge.probabilities(new)[:, number] if new else np.zeros(0)
        order = np.argsort(-fits, kind="stable")
        kept += [(new[at], number) for at in order[: int(wanted[number])]]
    return kept


def rows_of(texts: Iterable[tuple[str, int]], tokenizer: Tokenizer) -> Rows:
    """Texts with their marks as rows like those of a dataset."""
    given = list(texts)
    encoded = tokenizer.encode_batch([text for text, _ in given])
    ids = [np.array([*row, END], np.int64) for row in encoded]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.int64)
    marks = np.full(offsets[-1], NO_MARK, np.int32)
    marks[offsets[1:] - 1] = [mark for _, mark in given]
    sizes = np.array([len(text.encode()) for text, _ in given], np.int64)
    flat = np.concatenate(ids) if ids else np.zeros(0, np.int64)
    return Rows(flat, offsets, None, sizes, np.zeros_like(sizes), marks)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
