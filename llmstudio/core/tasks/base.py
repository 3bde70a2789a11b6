"""What a task is: the make-up of rows and batches, the loss, the scores, and what the model does with a text afterwards.

The trainer knows only this class. A task overrides only what differs: the defaults suit a task whose steps are all alike,
whose loss has no parts, and which carries no state from step to step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Batches
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.generation.chat import ASSISTANT, Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded
from llmstudio.core.tasks import TaskFacts
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.tasks.settings import TaskSettings
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop


@dataclass(frozen=True)
class Asked:
    """What a model is asked.

    Attributes:
        chat: What was said.
        config: How text is drawn.
        record_kind: Of what the model learned from: text, pairs, labelled, tagged or turns; empty if unknown.
        stop: Looked at while it answers.
    """

    chat: Chat
    config: GenerationConfig
    record_kind: str
    stop: Stop

    @property
    def text(self) -> str:
        """The last message."""
        branch = self.chat.path()
        return branch[-1].text if branch else ""

    @property
    def new_texts(self) -> list[str]:
        """What was said since the model last spoke."""
        new: list[str] = []
        for message in self.chat.path():
            new = [] if message.who == ASSISTANT else [*new, message.text]
        return new


@dataclass(frozen=True)
class Answering:
    """A model at work on what it was asked.

    Attributes:
        events: The job that answers.
        num_read: Tokens that it reads.
        num_dropped: Messages that it does not see.
        remark: What of the last message it does not read; None if it reads all of it.
    """

    events: Iterator[Event]
    num_read: int
    num_dropped: int = 0
    remark: Words | None = None


class Task:
    """What a model is trained for.

    Attributes:
        train_rows: What is learned from.
        val_rows: Held-out rows; None if there are none.
        whole_documents: True if each row stands alone, False for running text.
        few_answers: True if one of a few is chosen. What knows its rows by heart is then sure of wrong ones elsewhere:
            the loss of a look has no bounds, though training is as it should be.
        chance_loss: Loss of a look where nothing is known; 0 if the first step's loss is the same measure and tells it.
    """

    train_rows: Rows
    val_rows: Rows | None
    whole_documents: bool
    chance_loss: float
    few_answers: bool

    def __init__(
        self, dataset: Dataset, tokenizer: Tokenizer, training: TrainingConfig, config: Any, settings: TaskSettings
    ) -> None:
        """Make rows of a dataset; `config` is the model's shape. Raises StudioError if the dataset does not suit it."""
        self.dataset, self.tokenizer, self.training, self.config = dataset, tokenizer, training, config
        self.settings: Any = settings
        self.few_answers, self.chance_loss = False, 0.0
        self.make_rows()

    def make_rows(self) -> None:
        """Set `train_rows`, `val_rows` and `whole_documents`: as `training.rows` says, if the task leaves a choice."""
        self.train_rows, self.val_rows, self.whole_documents = rows_as_set(
            self.dataset, self.tokenizer, self.training, self.config.context_length
        )

    def changes(self, before: Sequence[Recorded]) -> Sequence[Recorded]:
        """What has to be done to a model, to which `before` was done, so that it can learn this task."""
        return ()

    def batches(self) -> Batches:
        """The training batches. Raises StudioError if the text does not suffice."""
        raise AssertionError("every task deals its own batches")

    def begin_step(self, model: LanguageModel, step: int, max_steps: int) -> None:
        """Hear that step `step` (from 0) of `max_steps` begins, torch's generator being set for it; may change `model`."""

    def is_settled(self, step: int, max_steps: int) -> bool:
        """Whether a look after `step` steps may count as the best; False while the loss still changes its meaning."""
        return True

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: its weighted sum over the weight of the whole step."""
        raise AssertionError("every task has a loss of its own")

    def weight(self, batch: Batch) -> float:
        """How much a batch counts in its step."""
        raise AssertionError("every task weighs its own batches")

    @property
    def weighs_answers(self) -> bool:
        """Whether its loss counts answers for more than other tokens, and so is another measure than the loss of a look."""
        return False

    @property
    def measures_answers(self) -> bool:
        """Whether the loss of a look is of answers alone, and not of every token of the held-out rows."""
        return False

    def parts(self) -> Mapping[str, float]:
        """Named parts of the last loss, for the curves; empty if it is of one piece."""
        return {}

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part; nothing if there is none."""
        raise AssertionError("every task scores its own rows")

    def settle(self, model: LanguageModel, score: Score) -> None:
        """Take into a model that learns what is decided on held-out rows; `score` then tells figures by it."""

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """What is worth saying of a look with these figures (empty where there is no validation part), or, at None, at a
        run's beginning. What was said of a look is not said again.
        """
        return []

    def idle(self) -> dict[str, Words]:
        """Settings of a recipe that do nothing with these rows, by path, each with the reason."""
        idle = {}
        if self.train_rows.answer_mask is None or not self.whole_documents:
            idle["training.context_weight"] = words("these rows have no answers")
        else:
            idle["training.context_weight"] = words("answers count no more than other tokens")
        if self.training.rows == "packed" and not self.config.can_pack:
            idle["training.rows"] = words("this family cannot keep the documents of a row apart: each has a row of its own")
        if self.whole_documents:
            idle["model.carry_state"] = words("every row stands alone")
        return idle

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A prompt and what the model, in evaluation mode, makes of it: shown while it learns."""
        raise AssertionError("every task shows what its model can do")

    def state(self) -> Mapping[str, Tensor]:
        """What going on needs beside the step, such as a memory carried from batch to batch."""
        return {}

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`."""

    @classmethod
    def newly_cut(cls, asked: Asked) -> list[str]:
        """The texts that were said since the model last spoke, as they are cut into tokens."""
        return asked.new_texts

    @classmethod
    def answer(cls, model: LanguageModel, tokenizer: Tokenizer, asked: Asked) -> Answering:
        """Answer the shown branch of a chat as a model, in evaluation mode, was taught to."""
        raise AssertionError("every task answers in its own way")


def task_class(facts: TaskFacts) -> type[Task]:
    """The class of a task."""
    module, name = facts.task.split(":")
    found: type[Task] = getattr(import_module(f"llmstudio.core.tasks.{module}"), name)
    return found


def rows_as_set(
    dataset: Dataset, tokenizer: Tokenizer, training: TrainingConfig, context_length: int
) -> tuple[Rows, Rows | None, bool]:
    """What is learned from and what is held out, cut as `training.rows` says, and whether each row stands alone."""
    train, held_out = training_rows(dataset)
    if training.rows == "sentences":
        train = cut_sentences(train, tokenizer, context_length).rows
        held_out = cut_sentences(held_out, tokenizer, context_length).rows if held_out is not None else None
        return train, held_out if held_out is not None and held_out.num_rows else None, True
    return train, held_out, training.keeps_documents(have_answers=train.answer_mask is not None)


def training_rows(dataset: Dataset) -> tuple[Rows, Rows | None]:
    """What is learned from, and what is held out (None if there is none). Raises StudioError if there is nothing."""
    rows, held_out = dataset.split("train"), dataset.split("val")
    if rows is None or rows.num_tokens < 2:
        raise StudioError("The training text is empty: import more text.")
    return rows, held_out if held_out is not None and held_out.num_tokens >= 2 else None
