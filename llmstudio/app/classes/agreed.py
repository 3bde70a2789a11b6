"""How far the classes that a model tells agree with the labels that the texts have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from llmstudio.app.classes.telling import Result
from llmstudio.core.corpus.reading.columns.numbers import is_whole
from llmstudio.core.corpus.reading.label_spelling import one_spelling
from llmstudio.core.events import Noted
from llmstudio.core.words import nearest, words

_NAMED = 8  # labels


class Agreed:
    """Texts whose labels and classes are counted against each other. Others are counted by why they are left out.

    Attributes:
        num_texts: Texts that have a known label.
        num_unlabelled: Texts without a label.
        unknown: Labels that the model does not know, by how many texts have them.
    """

    def __init__(self, names: Sequence[str], *, several: bool) -> None:
        """`names` of the classes; if `several`, a label may name some of them with commas between."""
        self._known = list(names)
        self._place = {name: at for at, name in enumerate(names)}
        self._place |= {spelled: at for name, at in self._place.items() if (spelled := _spelled(name)) not in self._place}
        self._several = several
        self._right = self.num_texts = self.num_unlabelled = 0
        self._hits, self._told, self._true = (np.zeros(len(names), np.int64) for _ in range(3))
        self.unknown: Counter[str] = Counter()

    def add(self, result: Result) -> None:
        """The next text; one that is empty counts for nothing."""
        if result.told is None:
            return
        if result.labels is None:
            self.num_unlabelled += 1
            return
        labels = [name for label in result.labels for name in self._names(label)]
        if foreign := [label for label in labels if label not in self._place]:
            self.unknown.update(foreign)
            return
        true = {self._place[label] for label in labels}
        told = {self._place[name] for name in result.told.names}
        self.num_texts += 1
        self._right += true == told
        self._true[list(true)] += 1
        self._told[list(told)] += 1
        self._hits[list(true & told)] += 1

    def figures(self) -> dict[str, float]:
        """Figures accuracy and macro_f1, 0 to 1, and of how many texts; empty if no text has a known label."""
        if not self.num_texts:
            return {}
        from llmstudio.core.tasks.scores.agreement import Agreement, macro_f1

        counts = zip(self._hits.tolist(), self._told.tolist(), self._true.tolist(), strict=True)
        macro = macro_f1(Agreement(*each) for each in counts)
        return {"accuracy": self._right / self.num_texts, "macro_f1": macro, "texts_with_labels": self.num_texts}

    def notes(self, job: str) -> Iterator[Noted]:
        """What is not in the figures, and why."""
        if self.unknown:
            told = ", ".join(f"{label} ({count:,})" for label, count in self.unknown.most_common(_NAMED))
            first = next(iter(self.unknown))
            message = words(
                "The model does not know {n|label|labels} of the file: {labels}. These texts are left out of accuracy"
                " and F1. It knows {names}.",
                n=len(self.unknown),
                labels=told,
                names=nearest(first, self._known, _NAMED),
            )
            yield Noted(job=job, message=message, level="warning", details={"unknown_labels": dict(self.unknown)})
        if self.num_unlabelled and (self.num_texts or self.unknown):
            message = words(
                "{n|text without a label is|texts without a label are} left out of accuracy and F1.", n=self.num_unlabelled
            )
            yield Noted(job=job, message=message)

    def _names(self, label: str) -> list[str]:
        """The classes that a label names: as a whole one, whatever commas it has, or where there may be several, some."""
        if label in self._place or not self._several:
            return [label if label in self._place else _spelled(label)]
        return [_spelled(part) for piece in label.split(",") if (part := piece.strip())]


def _spelled(name: str) -> str:
    """A label as an import spells it now; a model may have learned it from one that did not."""
    return one_spelling(name).removesuffix(".0") if is_whole(name) else one_spelling(name)
