"""A recipe: everything that decides how a model is grown, beside the text and the tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmstudio.core import settings
from llmstudio.core.errors import StudioError
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.earlier import path_now, read_shape, task_settings_in
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.tasks import TaskFacts, task_of
from llmstudio.core.teaching_config import ADDED, HEAD, TeachingConfig
from llmstudio.core.training_config import TrainingConfig

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tasks.base import Task
    from llmstudio.core.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Recipe:
    """What is grown and how it learns.

    Attributes:
        kind: The family's name in `MODELS`; `model` is that family's configuration.
        model: The model's shape.
        task_name: What it is trained for, a name in `TASKS`; empty for the family's usual task.
        task: That task's settings; those it has by itself where none are given.
        training: How it learns.
        teach: Which weights learn, where it begins with those of another model.
        sparse: Which weights become zero on the way.
        preset: Name of the preset it began as; empty if none.

    Raises:
        StudioError: No such family or task, or settings of another task: whoever changes the family changes these too.
    """

    kind: str = "decoder"
    model: ModelConfig = field(default_factory=DecoderConfig)
    task_name: str = field(default="", kw_only=True)
    task: Any = field(default=None, kw_only=True)  # a `TaskSettings`; of which kind depends on the task
    training: TrainingConfig = field(default_factory=TrainingConfig)
    teach: TeachingConfig = field(default_factory=TeachingConfig, kw_only=True)
    sparse: SparseConfig = field(default_factory=SparseConfig, kw_only=True)
    preset: str = ""

    def __post_init__(self) -> None:
        kind = self.task_facts.settings
        if self.task is None:
            object.__setattr__(self, "task", kind())
        if type(self.task) is not kind:
            raise StudioError(
                "These are settings of another task than that of {name}: give it settings of its own, or none for the usual"
                " ones.",
                name=self.task_name or self.kind,
            )

    @property
    def task_facts(self) -> TaskFacts:
        """What it is trained for."""
        return task_of(self.kind, self.task_name)

    @property
    def head(self) -> str:
        """The part of the model that gives the answers of its task."""
        return HEAD if self.task_facts.rows == "records" else ADDED

    def weighs_answers(self, *, have_answers: bool) -> bool:
        """What `Task.weighs_answers` will be of a text, before there are rows; `have_answers` says whether it has any."""
        return self._sees_answers(have_answers) and 0 < self.training.context_weight < 1

    def learns_answers_alone(self, *, have_answers: bool) -> bool:
        """Whether of such a text nothing but answers is learned, and so nothing else is measured."""
        return self._sees_answers(have_answers) and self.training.context_weight == 0

    def _sees_answers(self, have_answers: bool) -> bool:
        training = self.training
        is_kept = have_answers and training.keeps_documents(have_answers=True) and training.rows != "sentences"
        return is_kept and self.task_facts.weighs_answers

    def num_parameters(self, vocab_size: int) -> int:
        """Exact count of trainable numbers for a vocabulary of this size."""
        return self.model.num_parameters(vocab_size)

    def make_task(self, dataset: Dataset, tokenizer: Tokenizer) -> Task:
        """What it is trained for, with the rows of a dataset. Raises StudioError if the dataset does not suit it."""
        from llmstudio.core.tasks.base import task_class

        return task_class(self.task_facts)(dataset, tokenizer, self.training, self.model, self.task)


def to_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain JSON values; teaching and sparsity are left out where there is none: old ones stay as they were."""
    values = settings.to_dict(recipe)
    for name, part in (("teach", recipe.teach), ("sparse", recipe.sparse)):
        if part.is_plain:
            del values[name]
    return values


def from_dict(data: Mapping[str, Any]) -> Recipe:
    """Inverse of `to_dict`.

    Raises:
        StudioError: The family, the task or a setting is unknown to this version, or a value is out of bounds.
    """
    if not isinstance(data, Mapping):
        raise StudioError("This recipe is damaged: it should hold settings by name.")
    kind, shape = str(data.get("kind", "decoder")), data.get("model", {})
    model: Any = read_shape(kind, shape)
    own = data["task"] if "task" in data else task_settings_in(kind, shape)
    task = settings.from_dict(task_of(kind, str(data.get("task_name", ""))).settings, own)
    rest = {name: value for name, value in data.items() if name not in ("model", "task")}
    return replace(settings.from_dict(Recipe, rest), model=model, task=task)


def change(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A copy with settings set by path: `change(recipe, {"training.max_steps": "200"})`; together, so that two that only
    fit together (width and heads) may both move.

    Raises:
        StudioError: No such setting, a value out of bounds, or a shape that does not divide.
    """
    now: dict[str, Any] = {}
    for path, value in changes.items():
        found = path_now(recipe.kind, path)
        if found in now:
            raise StudioError(
                "{old} is {new} by now, and both are given: leave one of them out.",
                old=next(earlier for earlier in changes if path_now(recipe.kind, earlier) == found != earlier),
                new=found,
                paths=(found,),
            )
        now[found] = value
    return settings.change_all(recipe, now)
