"""Sorting texts by examples that stand before the question, with a model that only ever learned to write.

    the plot is thin : bad
    a joy from start to end : good
    I laughed all the way :        -> which label is likeliest here?

No weight changes. A label's score is its log-likelihood behind the question, less that behind an empty one: what is likely
anyway says nothing of the text.

Source: Brown et al. 2020, arXiv:2005.14165; Holtzman et al. 2021, arXiv:2104.08315 (the difference).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.classes import Told
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.tokenizer.config import PAD
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop, check

_SIDE_BY_SIDE = 32  # rows
_EXAMPLES_SHARE = 0.75  # of the context, at most
_MOST_TOKENS = 4096  # of a model without a limit


class FewShot:
    """A model in evaluation mode that writes, its tokenizer, and examples.

    Attributes:
        names: The labels.
        several: Whether a text may have several: never.
        num_shown: Examples that fit into the context, the first ones.
        limit: Tokens of a text that are read at most.

    Raises:
        StudioError: Labels that the model cannot tell from one another, or no room for a text.
    """

    def __init__(
        self, model: LanguageModel, tokenizer: Tokenizer, examples: Sequence[tuple[str, str]], names: Sequence[str]
    ) -> None:
        self.model, self.tokenizer, self.names, self.several = model, tokenizer, list(names), False
        self._labels = [self._behind(f": {name}", ":") for name in names]
        self._refuse_alike()
        looks_back = model.config.looks_back or _MOST_TOKENS
        self._read: list[int] = []
        self.num_shown = 0
        for text, label in examples:
            line = tokenizer.encode(f"{_on_one_line(text)} : {label}\n")
            if len(self._read) + len(line) > _EXAMPLES_SHARE * looks_back:
                break
            self._read += line
            self.num_shown += 1
        self.limit = looks_back - len(self._read) - max(map(len, self._labels)) - len(tokenizer.encode(" :"))
        if self.limit < 1:
            raise StudioError(
                "The context of this model, {n|token|tokens}, has no room for a text beside its label: take a model with a"
                " longer one.",
                n=looks_back,
            )
        self._anyway = self._scores([self._question("")])[0]

    def read(self, texts: Sequence[str], stop: Stop | None = None) -> Iterator[Told]:
        """The label of each text, in order; a stop is looked at between groups of texts."""
        at_once = max(1, _SIDE_BY_SIDE // len(self.names))
        for at in range(0, len(texts), at_once):
            check(stop)
            group = texts[at : at + at_once]
            scores = self._scores([self._question(text) for text in group]) - self._anyway
            shares = np.exp(scores - scores.max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
            for text, row in zip(group, shares.tolist(), strict=True):
                ranked = sorted(zip(self.names, row, strict=True), key=lambda pair: -pair[1])
                unread = len(self.tokenizer.encode(_on_one_line(text))) - self.limit
                yield Told((ranked[0][0],), tuple(ranked), max(0, unread))

    def _question(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(_on_one_line(text))[: self.limit]
        return [*self._read, *ids, *self._behind("x :", "x")]

    def _behind(self, text: str, before: str) -> list[int]:
        """The tokens of a text that follow those of its beginning."""
        return self.tokenizer.encode(text)[len(self.tokenizer.encode(before)) :]

    def _scores(self, questions: Sequence[list[int]]) -> NDArray[np.float64]:
        """(N, C) log-likelihood of every label behind every question, in nats."""
        rows = [(question, label) for question in questions for label in self._labels]
        found: list[float] = []
        for at in range(0, len(rows), _SIDE_BY_SIDE):
            found += self._likelihoods(rows[at : at + _SIDE_BY_SIDE])
        return np.array(found).reshape(len(questions), len(self._labels))

    def _likelihoods(self, rows: Sequence[tuple[list[int], list[int]]]) -> list[float]:
        width = max(len(question) + len(label) for question, label in rows)
        ids = np.full((len(rows), width), PAD, np.int64)
        for number, (question, label) in enumerate(rows):
            ids[number, : len(question) + len(label)] = [*question, *label]
        with torch.inference_mode():
            hidden = self.model(Batch(torch.from_numpy(ids).to(self.model.device))).hidden  # padding stands behind
            found = []
            for number, (question, label) in enumerate(rows):
                logits = self.model.head(hidden[number, len(question) - 1 : len(question) - 1 + len(label)]).float()
                said = torch.tensor(label, device=logits.device)
                found.append(float(logits.log_softmax(-1).gather(1, said[:, None]).sum()))
        return found

    def _refuse_alike(self) -> None:
        seen: dict[tuple[int, ...], str] = {}
        for name, ids in zip(self.names, self._labels, strict=True):
            if not ids or tuple(ids) in seen:
                raise StudioError(
                    "The tokenizer of this model spells the label {name} as it spells {other}, so nothing tells them apart:"
                    " rename the labels to words that it knows.",
                    name=name,
                    other=seen.get(tuple(ids), "nothing"),
                )
            seen[tuple(ids)] = name


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
