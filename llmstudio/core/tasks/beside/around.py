"""A task around another: in everything that a subclass does not say otherwise it is that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Batches
from llmstudio.core.events import Noted
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded
from llmstudio.core.tasks.base import Task
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.words import Words


class Around(Task):
    """A task, and another beside it whose state is kept with its own.

    Attributes:
        own: The task.
        beside: The other one.
    """

    _BESIDE = "beside:"  # before the names of the other's tensors

    def __init__(self, own: Task, beside: Task) -> None:
        self.own, self.beside = own, beside
        self.train_rows, self.val_rows, self.whole_documents = own.train_rows, own.val_rows, own.whole_documents
        self.dataset, self.tokenizer, self.training = own.dataset, own.tokenizer, own.training
        self.config, self.settings, self.chance_loss = own.config, own.settings, own.chance_loss
        self.few_answers = own.few_answers
        self._parts: dict[str, float] = {}

    def changes(self, before: Sequence[Recorded]) -> Sequence[Recorded]:
        """See `Task`."""
        return self.own.changes(before)

    def batches(self) -> Batches:
        """See `Task`."""
        return self.own.batches()

    def begin_step(self, model: LanguageModel, step: int, max_steps: int) -> None:
        """See `Task`."""
        self.own.begin_step(model, step, max_steps)
        self._parts = {}

    def is_settled(self, step: int, max_steps: int) -> bool:
        """See `Task`."""
        return self.own.is_settled(step, max_steps)

    def weight(self, batch: Batch) -> float:
        """See `Task`."""
        return self.own.weight(batch)

    @property
    def weighs_answers(self) -> bool:
        """See `Task`."""
        return self.own.weighs_answers

    @property
    def measures_answers(self) -> bool:
        """See `Task`."""
        return self.own.measures_answers

    def parts(self) -> Mapping[str, float]:
        """Those of the task itself, and what was noted of the last step."""
        return {**self.own.parts(), **self._parts}

    def note_part(self, name: str, loss: Tensor) -> Tensor:
        """Add to a part of the last step's loss; returns `loss`."""
        self._parts[name] = self._parts.get(name, 0.0) + loss.item()
        return loss

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """See `Task`."""
        return self.own.evaluate(model, computing, max_tokens)

    def settle(self, model: LanguageModel, score: Score) -> None:
        """See `Task`."""
        self.own.settle(model, score)

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """See `Task`."""
        return self.own.notes(figures)

    def idle(self) -> dict[str, Words]:
        """See `Task`."""
        return self.own.idle()

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """See `Task`."""
        return self.own.sample(model)

    def state(self) -> Mapping[str, Tensor]:
        """What both carry along."""
        return {**self.own.state(), **{self._BESIDE + name: value for name, value in self.beside.state().items()}}

    def load_state(self, tensors: Mapping[str, Any]) -> None:
        """Inverse of `state`."""
        mark = self._BESIDE
        self.own.load_state({name: value for name, value in tensors.items() if not name.startswith(mark)})
        self.beside.load_state({name.removeprefix(mark): value for name, value in tensors.items() if name.startswith(mark)})
