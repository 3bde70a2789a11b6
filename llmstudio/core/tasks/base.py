"""What a model is trained for. An objective owns the make-up of rows and batches, the loss, and the headline figure.

The trainer knows this protocol alone; a family names its objective in `models.families`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol

from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Batches
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families import MODELS
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training_config import TrainingConfig


class Objective(Protocol):
    """Made from (dataset, tokenizer, training, model config).

    Attributes:
        train_rows: What is learned from.
        val_rows: Held-out rows; None if there are none.
        whole_documents: True if each row is one document, False for running text.
        config: The model's settings.
    """

    train_rows: Rows
    val_rows: Rows | None
    whole_documents: bool
    config: Any

    def batches(self) -> Batches:
        """The training batches. Raises StudioError if the text does not suffice."""

    def begin_step(self, model: LanguageModel, step: int, max_steps: int) -> None:
        """Hear that step `step` (from 0) of `max_steps` begins, torch's generator being set for it; may change `model`."""

    def is_settled(self, step: int, max_steps: int) -> bool:
        """Whether, after `step` steps, a look may be held for the best; False while the loss still changes its meaning."""

    def loss(self, model: LanguageModel, batch: Batch, total_weight: float) -> Tensor:
        """The batch's share of a step's loss: its weighted sum over the weight of the whole step."""

    def weight(self, batch: Batch) -> float:
        """How much a batch counts in its step."""

    def parts(self) -> Mapping[str, float]:
        """Named parts of the last loss, for the curves; empty if it is of one piece."""

    def evaluate(self, model: LanguageModel, computing: Computing, max_tokens: int | None = None) -> Iterator[Score]:
        """Running scores on the validation part; nothing if there is none."""

    def notes(self, figures: Mapping[str, float] | None = None) -> list[Noted]:
        """What is worth saying of a look with these figures (empty where there is no validation part), or, at None, at a
        run's beginning.
        """

    def sample(self, model: LanguageModel) -> tuple[str, str]:
        """A prompt and what the model, in evaluation mode, makes of it: shown while it learns."""

    def state(self) -> Mapping[str, Tensor]:
        """What going on needs beside the step, such as a memory carried from batch to batch."""

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Inverse of `state`."""


OBJECTIVES = {
    "next_token": "next_token:NextToken",
    "masked_tokens": "masked:MaskedTokens",
    "sequence_pairs": "pairs:SequencePairs",
    "latent_text": "latent:LatentText",
}


def make_objective(kind: str, dataset: Dataset, tokenizer: Tokenizer, training: TrainingConfig, config: Any) -> Objective:
    """The objective of a family of models. Raises StudioError if the dataset does not suit it."""
    module, name = OBJECTIVES[MODELS[kind].objective].split(":")
    made: Objective = getattr(import_module(f"llmstudio.core.tasks.{module}"), name)(dataset, tokenizer, training, config)
    return made


def rows_as_set(
    dataset: Dataset, tokenizer: Tokenizer, training: TrainingConfig, context_length: int
) -> tuple[Rows, Rows | None, bool]:
    """What is learned from and what is held out, cut as `training.rows` says, and whether each row stands alone."""
    train, held_out = training_rows(dataset)
    if training.rows == "sentences":
        train = cut_sentences(train, tokenizer, context_length).rows
        held_out = cut_sentences(held_out, tokenizer, context_length).rows if held_out is not None else None
        return train, held_out if held_out is not None and held_out.num_rows else None, True
    return train, held_out, training.keeps_documents(have_answers=train.answers is not None)


def training_rows(dataset: Dataset) -> tuple[Rows, Rows | None]:
    """What is learned from, and what is held out (None if there is none). Raises StudioError if there is nothing."""
    rows, held_out = dataset.split("train"), dataset.split("val")
    if rows is None or rows.num_tokens < 2:
        raise StudioError("The training text is empty: import more text.")
    return rows, held_out if held_out is not None and held_out.num_tokens >= 2 else None
