"""Teaching a model that has learned already: which of its weights learn, from which step on, and how fast.

What never learns needs no gradient and no optimizer state, and is bit-equal afterwards: a parameter without a gradient is
neither stepped nor decayed. What begins later joins at a step that follows from the number of steps alone, so that a
resumed run equals an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.models.changes.lora import new_lora
from llmstudio.core.models.changes.recorded import Recorded
from llmstudio.core.models.config import TOKENS
from llmstudio.core.models.depth import depths, parts_of
from llmstudio.core.models.families import family
from llmstudio.core.models.roles import Role, roles_of
from llmstudio.core.models.vocabulary import token_rows
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import get, settings_of
from llmstudio.core.teaching_config import ADDED, HEAD, TeachingConfig
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from torch import Tensor, nn

    from llmstudio.core.models.base import LanguageModel
    from llmstudio.core.models.checkpoint.read import Checkpoint
    from llmstudio.core.tasks.base import Task
    from llmstudio.core.training.start import ParentText


_PLAIN = TeachingConfig()
_OF_TEACHER: dict[str, Any] = {name: getattr(_PLAIN, name) for name in ("teacher", "distil_share", "distil_temperature")}


@dataclass(frozen=True)
class Taught:
    """The parameters of a model that learn.

    Attributes:
        teach: How.
        depth: How deep each of them lies, by its name.
        late: Those that do not learn from the first step on, with their depths.
        old_rows: Of those of which only the rows of new tokens learn, how many rows stay as they are, by name.
    """

    teach: TeachingConfig
    depth: Mapping[str, int]
    late: tuple[tuple[nn.Parameter, int], ...] = ()
    old_rows: Mapping[str, int] = field(default_factory=dict)

    def begin_step(self, step: int, max_steps: int) -> None:
        """Hear that step `step` (from 0) of `max_steps` begins: what is not to learn yet gets no gradient."""
        for parameter, depth in self.late:
            parameter.requires_grad_(step >= self.teach.begins(depth, max_steps))

    def is_settled(self, step: int, max_steps: int) -> bool:
        """Whether everything that is to learn does so, `step` steps having been taken."""
        return all(step >= self.teach.begins(depth, max_steps) for _, depth in self.late)

    @property
    def rates(self) -> Mapping[str, float]:
        """At which share of the learning rate each of them learns, by its name."""
        return {name: self.teach.rate(depth) for name, depth in self.depth.items()}


def teach(model: LanguageModel, recipe: Recipe) -> Taught:
    """Freeze what a recipe does not let learn."""
    parts, roles = parts_of(model), roles_of(model)
    deep, by_token = depths(parts.values()), token_rows(model) if recipe.teach.new_tokens else ()
    depth, late, old_rows = {}, [], {}
    for name, parameter in model.named_parameters():
        part = parts[name]
        learns = roles[name] == Role.ADAPTER or recipe.teach.learns(part, deep[part], head=recipe.head)
        if name in by_token and not learns:
            learns, old_rows[name] = True, model.vocab_size - recipe.teach.new_tokens
            parameter.register_hook(partial(_of_new_rows, old_rows[name]))  # type: ignore[no-untyped-call]
        parameter.requires_grad_(learns)
        if learns:
            depth[name] = deep[part]
            if recipe.teach.unfreeze_share and deep[part]:
                late.append((parameter, deep[part]))
    return Taught(recipe.teach, depth, tuple(late), old_rows)


def _of_new_rows(old: int, gradient: Tensor) -> Tensor:
    """The gradient (V, ...) without that of the first rows, which stay: where it is zero no optimizer moves a weight."""
    kept = gradient.clone()
    kept[:old] = 0
    return kept


def adapters(model: LanguageModel, recipe: Recipe, *, is_pruned: bool = False) -> list[Recorded]:
    """The changes by which a recipe puts small matrices beside those of a model; none if it does not.

    What pruning has taken of the model stays taken.
    """
    teaching = recipe.teach
    return new_lora(
        model,
        teaching.kinds(),
        rank=teaching.lora_rank,
        scale=teaching.lora_alpha / teaching.lora_rank,
        dropout=teaching.lora_dropout,
        seed=recipe.training.seed,
        is_pruned=is_pruned,
    )


def with_parent(task: Task, recipe: Recipe, parent: ParentText | None) -> Task:
    """A task beside which what the parent had learned is rehearsed, or watched, as a recipe says; without a text, as it is.

    Raises:
        StudioError: What the parent had learned cannot go on, or its text is too short.
    """
    if parent is None:
        return task
    from llmstudio.core.tasks.beside.rehearsal import Rehearsal

    if parent.recipe.head == ADDED:
        raise StudioError(
            "What the model had learned needs a head of its own, which may be another now: it can be neither rehearsed nor"
            " watched.",
            paths=("teach.rehearsal_share", "teach.parent_loss"),
        )
    share, training = recipe.teach.rehearsal_share, recipe.training
    rows = max(1, round(training.batch_size * share / (1 - share)))
    parts, seed = training.grad_accumulation_steps, training.seed
    dealt = replace(parent.recipe.training, batch_size=rows, grad_accumulation_steps=parts, seed=seed)
    theirs = replace(parent.recipe, model=recipe.model, training=dealt, task=parent.recipe.task.without_phases())
    return Rehearsal(task, theirs.make_task(parent.dataset, task.tokenizer), share)


def refuse_teaching(recipe: Recipe, *, has_start: bool) -> None:
    """Raises StudioError if a recipe cannot be taught as it says: there is nothing yet to keep, or nothing would learn."""
    given = replace(recipe.teach, word_vectors="", freeze_vectors=False, **_OF_TEACHER)
    changed = [about for about in settings_of(TeachingConfig) if get(given, about.path) != about.default]
    if has_start and recipe.teach.word_vectors:
        raise StudioError(
            "Word vectors are for new models: the one that this run begins from has vectors of its own, which all its other"
            " weights have learned to read.",
            paths=("teach.word_vectors",),
        )
    if changed and not has_start:
        raise StudioError(
            "{setting} is for runs that begin with the weights of another model; of random ones nothing is worth keeping."
            " Begin with a model, or leave this setting as it is.",
            setting=changed[0].fact.label,
            paths=(f"teach.{changed[0].path}",),
        )
    if recipe.teach.weights == "head_only" and recipe.head == HEAD and not sum(recipe.model.parameters(1)[HEAD]):
        raise StudioError(
            "This model has no head of its own: it writes with its table of tokens (tied embeddings). Choose the last layers"
            " instead.",
            paths=("teach.weights",),
        )

    kinds = set(recipe.teach.kinds())
    if recipe.teach.adapts and TOKENS not in kinds and not any(kinds & set(own) for own in recipe.model.matrices().values()):
        raise StudioError(
            "A model of the family {kind} has no matrices of the kind that is set for LoRA: choose all matrices.",
            kind=family(recipe.kind).label,
            paths=("teach.lora_matrices",),
        )


def refuse_based(recipe: Recipe, start: Checkpoint) -> None:
    """Raises StudioError if an adapter should be kept beside weights that lie in no one file: those of another adapter."""
    if recipe.teach.keeps_adapter and start.card.base is not None:
        raise StudioError(
            "{model} is kept as an adapter itself, so no other can be kept beside it: let what is learned be merged.",
            model=start.path.parent.parent.name,
            remedies=(Remedy("set", words("Merge it"), "teach.lora_kept", "merged"),),
        )


def said_of_teaching(model: nn.Module, taught: Taught, max_steps: int) -> list[Words]:
    """What is to be said before the first step: how many weights learn, and which will not come to it."""
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    learning = sum(sizes[name] for name in taught.depth)
    parameters = dict(model.named_parameters())
    learning -= sum(old * parameters[name][0].numel() for name, old in taught.old_rows.items())
    said = []
    if learning < sum(sizes.values()):
        said.append(
            words(
                "{learning:,} of {all:,} weights learn; all others stay as they are.",
                learning=learning,
                all=sum(sizes.values()),
            )
        )
    deepest = max((depth for depth in taught.depth.values() if taught.teach.begins(depth, max_steps) < max_steps), default=0)
    if deepest < max(taught.depth.values(), default=0):
        said.append(
            words(
                "Only the uppermost {layers|layer begins|layers begin} to learn within this run: what lies below would come"
                " after its last step. Let another layer join after a smaller share of the steps.",
                layers=deepest + 1,
            )
        )
    return said


def idle_teaching(recipe: Recipe) -> dict[str, Words]:
    """Settings that do nothing because of how a model is taught, by path, each with the reason."""
    teaching = recipe.teach
    idle = {f"teach.{name}": reason for name, reason in teaching.idle().items()}
    if teaching.teacher and not teaching.distils:
        nobody = words("none of it is learned from the teacher")
        idle |= dict.fromkeys(("teach.teacher", "teach.distil_temperature"), nobody)
    if not teaching.word_vectors:
        idle["teach.freeze_vectors"] = words("the table of tokens does not begin with word vectors")
    if teaching.rehearsal_share:
        idle["teach.parent_loss"] = words("with rehearsal it is measured in any case")
    if teaching.weights != "last_layers":
        idle["teach.last_layers"] = words("not the last layers are what learns")
    if teaching.weights == "head_only":
        if recipe.head == ADDED:
            idle["teach.rehearsal_share"] = words("only the head learns, which knows nothing of the earlier text")
        for name in ("layer_decay", "unfreeze_share"):
            idle[f"teach.{name}"] = words("only the head learns")
    if not teaching.adapts:
        return idle
    for name in ("optimizer", "muon_learning_rate"):
        idle[f"training.{name}"] = words("AdamW steps the small matrices beside those that stay as they are")
    adapted = {kind for own in recipe.model.matrices().values() for kind in own} & set(teaching.kinds())
    if not adapted - {"cells"}:
        idle["teach.lora_dropout"] = words("tokens, and what comes into recurrent cells, are not silenced")
    return idle
