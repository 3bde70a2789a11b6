"""Which class a model takes for which: held-out texts with their true class and the one that it tells, counted and kept.

The model is asked as it stands in its newest checkpoint, so this can be looked at while it learns.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.classes.telling import Sorter, config_of, refuse_other_task
from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import corpus_of
from llmstudio.app.items.loaded import load
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

MOST = 4_000
"""Texts that the model is asked: of more held-out ones, evenly spread ones."""
_KEPT, _CHARACTERS = 100, 400  # texts of a cell that can be looked at, and characters of each

Counts = NDArray[np.int64]
Cell = tuple[int, int]


@dataclass(frozen=True)
class Confusion:
    """What a model told of held-out texts.

    Attributes:
        model: Its name.
        step: The step of the weights that were asked.
        names: The classes.
        matrix: (C, C) texts by true class (row) and the class told (column).
        cells: By row and column, the first of the texts that are counted there.
        num_texts: How many were asked.
        is_all: Whether these are all held-out texts.
        remark: Why there is no table; None if there is one.
    """

    model: str
    step: int = 0
    names: tuple[str, ...] = ()
    matrix: Counts = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    cells: dict[Cell, tuple[str, ...]] = field(default_factory=dict)
    num_texts: int = 0
    is_all: bool = True
    remark: Words | None = None


def confusion(project: Project, model: str, *, which: str = "last", stop: Stop | None = None) -> Confusion:
    """Ask a model for the classes of the texts that were held out of its corpus.

    Raises:
        StudioError: No such model, it tells no classes, it has no checkpoint yet, or its corpus is gone.
    """
    about = project.about("model", model)
    refuse_other_task(about)
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import labels_of, spread_over

    corpus = Corpus(corpus_of(project, about).path)
    for _ in load_engine():
        check(stop)
    loaded = load(project, model, which)
    config, _ = config_of(project, about)
    sorter = Sorter(loaded, config, tag=tagger_left(project, config.cleaning)[0])
    if sorter.several:
        several = words(
            "A text may have several of these classes, so no confusion matrix can be drawn."
            " Scores, in Inspect, counts each class by itself."
        )
        return Confusion(model, loaded.step, sorter.names, remark=several)
    place = {name: at for at, name in enumerate(sorter.names)}
    matrix: Counts = np.zeros((len(place), len(place)), np.int64)
    cells: dict[Cell, list[str]] = {}
    records = (record for record in corpus.records("val") if "label" in record)
    labelled = ((str(record["text"]), tuple(labels_of(record))) for record in records)
    asked, is_all = spread_over(labelled, MOST)
    for result in sorter.results(asked):
        check(stop)
        true = place.get(result.labels[0]) if result.labels else None
        if true is None or result.told is None:
            continue
        cell = true, place[result.told.names[0]]
        matrix[cell] += 1
        kept = cells.setdefault(cell, [])
        if len(kept) < _KEPT:
            kept.append(result.text[:_CHARACTERS] + (" …" if len(result.text) > _CHARACTERS else ""))
    total = int(matrix.sum())
    remark = None if total else words("No text with a label was held out, so no confusion matrix can be drawn.")
    kept_cells = {cell: tuple(texts) for cell, texts in cells.items()}
    return Confusion(model, loaded.step, sorter.names, matrix, kept_cells, total, is_all, remark)
