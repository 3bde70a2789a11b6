"""Rehearsal: a model that is taught something goes on reading what it had learned from, so that it forgets less of it.

Each step learns from its own rows, and beside them from rows of the text that the model's parent had learned from, by the
parent's own task. Looks measure both: `parent_loss` says what is forgotten. Source: Robins 1995.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Self

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Batches
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.tasks.base import Task
from llmstudio.core.tasks.beside.around import Around
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score

PARENT_LOSS = "parent_loss"


@dataclass(frozen=True, kw_only=True)
class TwoBatches(Batch):
    """A step's own rows, of which it is a batch itself, and the rows beside them.

    Attributes:
        own: Its own rows, as their task dealt them.
        beside: Rows of the parent's text; None in a part of a step that has none.
        beside_weight: What all rows beside weigh in the whole step.
    """

    own: Batch
    beside: Batch | None = None
    beside_weight: float = 0.0

    @property
    def num_tokens(self) -> int:
        """See `Batch`: of both."""
        return self.own.num_tokens + (self.beside.num_tokens if self.beside is not None else 0)

    def split(self, n: int) -> list[Self]:
        """See `Batch`; both are cut."""
        sides = self.beside.split(n) if self.beside is not None else []
        parts = zip_longest(self.own.split(n), sides[:n])
        return [replace(self, ids=own.ids, own=own, beside=beside) for own, beside in parts if own is not None]

    def to(self, device: torch.device | str) -> TwoBatches:
        """See `Batch`."""
        own = self.own.to(device)
        return replace(self, ids=own.ids, own=own, beside=None if self.beside is None else self.beside.to(device))


class TwoTexts:
    """Batches of a task, and beside each one of another's."""

    def __init__(self, own: Batches, parent: Task) -> None:
        self.own, self.parent, self.beside = own, parent, parent.batches()
        self.longest, self.most_rows = max(own.longest, self.beside.longest), own.most_rows

    def batch(self, step: int) -> Batch:
        """See `Batches`."""
        own, beside = self.own.batch(step), self.beside.batch(step)
        return TwoBatches(ids=own.ids, own=own, beside=beside, beside_weight=max(self.parent.weight(beside), 1e-9))


@dataclass
class TwoScores(Score):
    """A score on the run's own validation part, and the parent's loss on its own."""

    own: Score | None = None
    parent: Score | None = None

    def figures(self) -> dict[str, float]:
        """The run's own figures and `parent_loss`, nats a token."""
        own = self.own.figures() if self.own is not None else {}
        return own | ({PARENT_LOSS: self.parent.figures()["loss"]} if self.parent is not None else {})


class Rehearsal(Around):
    """A task beside which that of the parent goes on.

    Attributes:
        parent: What the parent had learned, with the parent's text.
        share: How much of each step's loss, and of its rows, is the parent's; 0 if only looks ask for it.
    """

    _BESIDE = "parent:"

    def __init__(self, own: Task, parent: Task, share: float) -> None:
        super().__init__(own, parent)
        self.parent, self.share = parent, share

    def batches(self) -> Batches:
        """The training batches; the rows beside them are dealt by the same steps."""
        own = self.own.batches()
        return TwoTexts(own, self.parent) if self.share else own

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The share of both losses, each by its share."""
        if not isinstance(batch, TwoBatches):
            return self.own.loss(model, batch, total_weight)
        loss = (1 - self.share) * self.note_part("own", self.own.loss(model, batch.own, total_weight))
        if batch.beside is not None:
            theirs = self.parent.loss(model, batch.beside, batch.beside_weight)
            loss = loss + self.share * self.note_part("parent", theirs)
        return loss

    def weight(self, batch: Batch) -> float:
        """See `Task`."""
        return self.own.weight(batch.own if isinstance(batch, TwoBatches) else batch)

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part; the last has the parent's loss on its own validation part.

        Of the parent's it is the same part at every look, whatever of the run's own text is read: what has been forgotten
        is the difference of two looks.
        """
        own = None
        for own in self.own.evaluate(model, computing, max_tokens):
            yield own
        if own is None:
            return
        for parent in self.parent.evaluate(model, computing, self.training.eval_tokens):
            yield TwoScores(tokens=own.tokens + parent.tokens, own=own, parent=parent)

    def settle(self, model: LanguageModel, score: Score) -> None:
        """See `Task`."""
        self.own.settle(model, score.own if isinstance(score, TwoScores) and score.own is not None else score)
