"""How well a model sorts texts that it has not learned from, by every figure that a classifier has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llmstudio.app.classes.baseline import baseline
from llmstudio.app.classes.examples import Examples, by_examples, refuse_without_writing
from llmstudio.app.classes.telling import Sorter, config_of, refuse_other_task
from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import corpus_of
from llmstudio.app.items.loaded import load
from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.agreement import macro_f1
from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, WasStopped, check
from llmstudio.store.project import Project

MOST = 4_000
"""Texts that the model is asked: of more held-out ones, evenly spread ones."""
MOST_BY_EXAMPLES = 200
"""The same where examples stand before each text, which are read again with every label."""


@dataclass(frozen=True)
class Scored:
    """A model beside the baseline on held-out texts.

    Attributes:
        model: Its name.
        part: Of its corpus, which was measured on: `test` or `val`.
        own: What the model told.
        counted: What a bag of words told of the same texts; None if it could learn from nothing.
        moved: As of `telling.Sorter`.
        is_all: Whether these are all texts of the part.
        said: What is to be said of the examples that stood before each text, and of a baseline that is not there.
    """

    model: str
    part: str
    own: Classified
    counted: Classified | None
    moved: tuple[float, ...] = ()
    is_all: bool = True
    said: tuple[Words, ...] = ()

    @property
    def guess(self) -> float:
        """Share that would be right if the commonest class, or with several labels the commonest set, were told of each."""
        return float(np.unique(self.own.truth, axis=0, return_counts=True)[1].max() / self.own.num_texts)


def scored(project: Project, model: str, examples: Examples | None = None, *, stop: Stop | None = None) -> Scored:
    """Measure a model and the baseline on the test part of its corpus, or where there is none on the validation part.

    With `examples`, these stand before each text, and it is their corpus: the model need not have been taught classes.

    Raises:
        StudioError: No such model, it tells no classes, its corpus is gone, or no text with a label was held out.
    """
    about = project.about("model", model)
    (refuse_without_writing if examples else refuse_other_task)(about)
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import labels_of, spread_over

    corpus = Corpus((project.about("corpus", examples.corpus) if examples else corpus_of(project, about)).path)
    for _ in load_engine():
        check(stop)
    loaded = load(project, model)
    reader, said = by_examples(project, loaded, examples) if examples else (None, ())
    sorter = Sorter(loaded, config_of(project, about)[0], reader)
    for part in ("test", "val"):
        records = (record for record in corpus.records(part) if "label" in record)
        asked, is_all = spread_over(records, MOST_BY_EXAMPLES if examples else MOST)
        rows = []
        for result in sorter.results(((str(record["text"]), tuple(labels_of(record))) for record in asked), stop):
            check(stop)
            if result.told is None or result.labels is None or not set(sorter.names) >= set(result.labels):
                continue
            shares = dict(result.told.chances)
            rows.append([(name in result.labels, name in result.told.names, shares[name]) for name in sorter.names])
        if rows:
            table = np.array(rows)
            own = Classified(sorter.names, table[..., 0] > 0, table[..., 1] > 0, table[..., 2], sorter.several)
            try:
                counted = baseline(corpus.records("train"), asked, sorter.names, several=sorter.several, stop=stop)
            except WasStopped:
                raise
            except StudioError as error:  # the model's own figures stand without it
                counted, said = None, (*said, error.words)
            return Scored(model, part, own, counted, sorter.moved, is_all, said)
    raise StudioError("No text with a label was held out, so there is nothing to measure on. Classify a file with labels.")


def plain_figures(own: Classified, counted: Classified | None) -> dict[str, Any]:
    """The figures as plain values: accuracy_low and _high, macro_f1_low and _high (95 % of bootstrap samples),
    calibration_error, baseline_accuracy, baseline_macro_f1, and `by_class`: name, texts, precision, recall, f1 of each.
    """
    accuracy, macro = own.intervals
    found: dict[str, Any] = {
        "accuracy_low": accuracy.low,
        "accuracy_high": accuracy.high,
        "macro_f1_low": macro.low,
        "macro_f1_high": macro.high,
        "calibration_error": own.calibration.error,
    }
    if counted is not None:
        found |= {
            "baseline_accuracy": float((counted.truth == counted.told).all(1).mean()),
            "baseline_macro_f1": macro_f1(counted.by_class),
        }
    found["by_class"] = [
        {"name": name, "texts": each.real, "precision": each.precision, "recall": each.recall, "f1": each.f1}
        for name, each in zip(own.names, own.by_class, strict=True)
    ]
    return found


def table(result: Mapping[str, Any]) -> str:
    """Lines of a table: each class with its texts, precision, recall and F1."""
    entries = result["by_class"]
    wide = max((len(entry["name"]) for entry in entries), default=0)
    heads = [str(words("texts")), str(words("precision")), str(words("recall")), str(words("F1"))]
    lines = [" " * wide + "  " + "  ".join(head.rjust(9) for head in heads)]
    for entry in entries:
        shares = "  ".join(f"{entry[key]:9.3f}" for key in ("precision", "recall", "f1"))
        lines.append(f"{entry['name']:{wide}}  {entry['texts']:9,}  {shares}")
    return "\n".join(lines)
