"""A run in memory, and the one thing it does again and again: an optimizer step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from llmstudio.core.awake import awake_s
from llmstudio.core.batch import Batch
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.events import TrainStep
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded, apply_all
from llmstudio.core.models.checkpoint.card import Base
from llmstudio.core.models.checkpoint.read import Checkpoint, load_state, load_weights
from llmstudio.core.models.weights.masked import Masked
from llmstudio.core.models.weights.masked import masked as masked_weights
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.sparsifiers.base import Sparsifier
from llmstudio.core.sparsity.sparsifiers.nonzeros import keep_drawn
from llmstudio.core.sparsity.sparsifiers.table import sparsifier_of
from llmstudio.core.tasks.base import Task
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training.machine.crowding import Crowding
from llmstudio.core.training.machine.held_memory import HeldMemory
from llmstudio.core.training.machine.setup import Setup, denormals_flushed, give_back, hold_blocks
from llmstudio.core.training.optimizers import Optimizers
from llmstudio.core.training.run_state import Before, RunState
from llmstudio.core.training.schedules import learning_rate_factor
from llmstudio.core.training.start import SCRATCH, ParentText, Start, whole_count
from llmstudio.core.training.teaching.teacher import Teacher, with_teacher
from llmstudio.core.training.teaching.weights import Taught, adapters, refuse_based, teach, with_parent
from llmstudio.core.training_config import TrainingConfig
from llmstudio.store.reading import damage_told

_LEAST_SECONDS = 1e-6
_SCALER, _CARRIED, _SPARSE = "scaler:", "objective:", "sparse:"
_NO_GRADIENT, _ALL_LEARNED = 1e-9, 0.05


@dataclass
class Run:
    """Everything a run holds in memory.

    Attributes:
        recipe: What is trained and how, with the number of steps that is planned now.
        taught: Which weights of the model learn.
        sparsifier: Which weights of the model become zero as it learns.
        base_bytes: Memory of the process before the model was built: libraries, and whatever else the program holds.
        step_seconds: Mean duration of recent steps, 0 before the first.
        loss: Of the latest step.
        grad_norm: Of the latest step, before clipping.
        val_loss: Validation loss of a check at this very step; None if there was none, or its loss is no measure yet.
        last_look_fell: Whether the latest check of this sitting was the lowest so far; None if none came before it.
        saved: What the newest checkpoint keeps beside tensors; None before the first.
        pruning: How the model that it began from was pruned; empty if it was not.
        before: What it goes back to where this sitting is thrown away; None in a run's first.
        masked: Pruned matrices, some of whose weights are gone for good.
        start: What it began from; None if that is gone.
        said: Templates of what the task had to say of a look: each is said once.
        base: The checkpoint of another model that holds what does not learn; None if the run keeps that itself.
        teacher: Whose guesses are learned; None if there is none.
    """

    folder: Path
    recipe: Recipe
    setup: Setup
    model: LanguageModel
    task: Task
    optimizers: Optimizers
    taught: Taught
    sparsifier: Sparsifier
    base_bytes: int
    scaler: torch.amp.GradScaler
    standing: RunState = field(default_factory=RunState)
    step_seconds: float = 0.0
    loss: float = math.nan
    grad_norm: float = math.nan
    val_loss: float | None = None
    last_look_fell: bool | None = None
    saved: Mapping[str, Any] | None = None
    pruning: Mapping[str, Any] = field(default_factory=dict)
    before: Before | None = None
    masked: list[Masked] = field(default_factory=list)
    start: Start | None = SCRATCH
    said: tuple[str, ...] = ()
    base: Base | None = None
    teacher: Teacher | None = None

    def __post_init__(self) -> None:
        self.parameters = list(self.model.parameters())
        give_back()  # what making rows out of a text has left
        beside = self.teacher.model if self.teacher is not None else None
        self.memory = HeldMemory(self.base_bytes, self.setup.device, self.model, self.optimizers, beside=beside)
        self.batches = self.task.batches()
        hold_blocks(rows_vary=self.task.whole_documents)
        self.crowding = Crowding(self.setup.threads, may_step_back=self.setup.may_step_back)

    @property
    def training(self) -> TrainingConfig:
        """How it learns."""
        return self.recipe.training

    def take_step(self) -> TrainStep:
        """One optimizer step, however many micro-batches it takes."""
        began = awake_s()
        training, standing = self.training, self.standing
        if torch.get_num_threads() != self.crowding.threads:
            torch.set_num_threads(self.crowding.threads)
        pace = self.sparsifier.pace(standing.step, training.max_steps)
        rate = self.optimizers.set_factor(learning_rate_factor(*pace, training))
        self._seed(training.seed * 1_000_003 + standing.deal)  # dropout follows from the step, not from history
        self.task.begin_step(self.model, standing.step, training.max_steps)
        self.taught.begin_step(standing.step, training.max_steps)
        self.sparsifier.begin_step(standing.step, training.max_steps)
        dealt = self.batches.batch(standing.deal)
        tokens = dealt.num_tokens
        micro = [self._to_device(batch) for batch in dealt.split(training.grad_accumulation_steps)]
        weight = sum(self.task.weight(batch) for batch in micro)
        if not self.model.training:
            self.model.train()
        loss = 0.0
        for batch in micro:
            with denormals_flushed():
                with self.setup.autocast():
                    part = self.task.loss(self.model, batch, max(weight, 1e-9))
                loss += part.item()
                torch.autograd.backward(self.scaler.scale(part))
        for optimizer in self.optimizers.parts:
            self.scaler.unscale_(optimizer)
        self.sparsifier.with_gradients(standing.step, training.max_steps)
        norm = self._clip()
        # While gradients exist: the fullest moment of a step that is not inside a library's call.
        if memory := self.memory.by_kind():
            self.note_peak()
        if math.isfinite(loss) and math.isfinite(norm):
            for optimizer in self.optimizers.parts:
                self.scaler.step(optimizer)
            self.scaler.update()
            for masked in self.masked:
                masked.keep_zeros()
            self.sparsifier.after_step(standing.step, training.max_steps)
        for parameter in self.parameters:
            parameter.grad = None
        standing.step += 1
        standing.tokens += tokens
        standing.first_loss = self._first_loss(loss, standing.step - 1)
        if loss <= standing.first_loss:  # before this step; only the next loss tells what it did to the weights
            standing.good_step = standing.step - 1
        self.loss, self.grad_norm, self.val_loss = loss, norm, None
        standing.last_loss = loss if math.isfinite(loss) else None
        if standing.last_loss is not None:
            standing.recent_loss = loss if standing.recent_loss is None else 0.95 * standing.recent_loss + 0.05 * loss
        # The clock stands while the program sleeps: a step in which it did may have taken no time at all.
        seconds = max(awake_s() - began, _LEAST_SECONDS)
        standing.seconds += seconds
        self.crowding.note(seconds)
        # The first steps pay for warming up; a mean over about twenty steps follows a machine that gets busy.
        self.step_seconds = (
            seconds if standing.step <= 3 or not self.step_seconds else 0.95 * self.step_seconds + 0.05 * seconds
        )
        return TrainStep(
            job="train",
            step=standing.step,
            loss=loss,
            learning_rate=rate,
            grad_norm=norm,
            tokens=standing.tokens,
            tokens_per_second=tokens / self.step_seconds,
            remaining_s=(training.max_steps - standing.step) * self.step_seconds,
            memory=memory,
            parts={**self.task.parts(), **self.sparsifier.parts()},
            total=training.max_steps,
            seconds=standing.seconds,
        )

    def plan(self, max_steps: int) -> None:
        """Take so many steps in all, if the phases of task, teaching and sparsity are over now and stay so under the new
        number.
        """
        step, numbers, phased = (
            self.standing.step,
            (self.training.max_steps, max_steps),
            (self.task, self.taught, self.sparsifier),
        )
        if all(each.is_settled(step, number) for each in phased for number in numbers):
            self.set_steps(max(step + 1, max_steps))

    def set_steps(self, max_steps: int) -> None:
        """Take so many steps in all, whatever that changes."""
        self.recipe = replace(self.recipe, training=replace(self.training, max_steps=max_steps))

    @property
    def is_settled(self) -> bool:
        """Whether a look at this step may count as the best."""
        stands = self.standing.step, self.training.max_steps
        return self.task.is_settled(*stands) and self.sparsifier.is_settled(*stands)

    def has_diverged(self) -> bool:
        """True if loss or gradient is no number, or the loss far above where it began: the learning rate was too high.

        In 16 bits a gradient may overflow now and then; its step is left out and the scale lowered.
        """
        has_gradient = math.isfinite(self.grad_norm) or self.scaler.is_enabled()
        return not has_gradient or self.is_out_of_bounds(self.loss)

    def is_out_of_bounds(self, loss: float) -> bool:
        """True for a loss that is no number, or far above where it began: worse than guessing by any measure.

        Where the first step's loss is another measure than a look's, guessing is the task's `chance_loss`.
        """
        first = self.standing.first_loss
        return not math.isfinite(loss) or (first is not None and loss > 2 * max(first, self.task.chance_loss) + 2)

    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(bool(torch.isfinite(parameter).all()) for parameter in self.parameters)

    def has_died(self) -> bool:
        """True if no gradient is left though nothing was learned: steps too large have shrunk the weights to nothing."""
        first = self.standing.first_loss
        return first is not None and self.grad_norm < _NO_GRADIENT and self.loss > 0.9 * first > _ALL_LEARNED

    def facts(self) -> dict[str, Any]:
        """What a checkpoint keeps beside tensors. Its loss was measured with exactly these weights."""
        self.note_peak()
        record = (self.sparsifier.record() if self.standing.step else {}) or dict(self.pruning)
        pruning = {"pruning": record} if record else {}
        said = {"said": list(self.said)} if self.said else {}
        held = {"standing": asdict(self.standing), "training": to_dict(self.training), "val_loss": self.val_loss}
        return held | pruning | said

    def keep_zeros(self, pruning: Mapping[str, Any]) -> None:
        """Let what pruning has set to zero stay zero, if these weights of another model, or of this run, were pruned."""
        self.pruning = pruning
        self.masked = masked_weights(self.model) if pruning and not self.recipe.sparse.fits else []

    @property
    def is_sparse(self) -> bool:
        """Whether some of its weights are gone for good."""
        return bool(self.masked or self.sparsifier.num_zeros)

    def state(self) -> dict[str, Tensor]:
        """Tensors that going on needs: moments, the scale of 16-bit gradients, and what the task carries along."""
        scaler = {_SCALER + key: torch.tensor(float(value)) for key, value in self.scaler.state_dict().items()}
        carried = {_CARRIED + key: value for key, value in self.task.state().items()}
        sparse = {_SPARSE + key: value for key, value in self.sparsifier.state().items()}
        return self.optimizers.state() | scaler | carried | sparse

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take up where `checkpoint` was written. Raises StudioError if it holds no training state, or another model's."""
        load_weights(self.model, checkpoint)
        kept = checkpoint.card.run
        self.keep_zeros(kept.pruning)
        if checkpoint.card.base is not None and checkpoint.card.base.model:
            self.base = checkpoint.card.base
        if checkpoint.step == 0:  # what a run began with; nothing has been learned that would have to be remembered
            allowed, first = kept.standing.get("seconds_allowed"), kept.standing.get("first_deal")
            self.standing = RunState(seconds_allowed=allowed or 0.0, first_deal=whole_count(first or 0))
            self.sparsifier.begin(is_learned=True, is_pruned=bool(kept.pruning))
            return
        tensors = load_state(checkpoint)
        with damage_told(checkpoint.path):
            self.sparsifier.load_state(_under(_SPARSE, tensors))
        self.task.load_state(_under(_CARRIED, tensors))
        self.optimizers.load_state({k: v for k, v in tensors.items() if not k.startswith((_SCALER, _CARRIED, _SPARSE))})
        with damage_told(checkpoint.path):
            if not kept.standing:
                raise ValueError("a checkpoint that holds training state says how far its run had come")
            # Earlier versions had done whatever was due before they saved, and did not say so.
            stood: dict[str, Any] = {"looked_step": checkpoint.step, "sampled_step": checkpoint.step} | dict(kept.standing)
            self.standing = RunState(**{f.name: stood[f.name] for f in fields(RunState) if f.name in stood})
            self.standing.first_deal = whole_count(self.standing.first_deal)
            if scaler := {key: value.numpy().item() for key, value in _under(_SCALER, tensors).items()}:
                self.scaler.load_state_dict(scaler)
        self.loss = math.nan if self.standing.last_loss is None else self.standing.last_loss
        self.val_loss, self.said, self.saved = kept.val_loss, kept.said, kept.told

    def _first_loss(self, loss: float, step: int) -> float:
        first, max_steps = self.standing.first_loss, self.training.max_steps
        settles = self.task.is_settled(step, max_steps) and not self.task.is_settled(step - 1, max_steps)
        return loss if first is None or (settles and loss > first) else first

    def _to_device(self, batch: Batch) -> Batch:
        if self.setup.device == "cpu":
            return batch
        return batch.to(self.setup.device)

    def _clip(self) -> float:
        """Scale all gradients down together if their norm is above the limit. Returns the norm before."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        limit = self.training.grad_clip
        if limit and not norm.item() <= limit:
            torch.nn.utils.clip_grads_with_norm_(self.parameters, limit, norm)
        return norm.item()

    def _seed(self, seed: int) -> None:
        """Seed the device that computes; torch's own way looks at every kind of device, which takes longer than a layer."""
        if self.setup.device == "cpu":
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)

    def note_peak(self) -> None:
        """Bring `standing.peak_bytes` up to now."""
        self.standing.peak_bytes = max(self.standing.peak_bytes, self.memory.peak())


@dataclass(frozen=True, kw_only=True)
class RunInputs:
    """What a run is put together from, beside its recipe.

    Attributes:
        folder: `models/NAME`.
        dataset: Tokens of the same tokenizer.
        tokenizer: For sample texts and bits per byte.
        setup: Where it computes.
        base_bytes: As in `Run`.
        start: What the model begins from.
        changes: What was done to the model, where it is resumed; None where the task says what is to be done.
        parent: What is rehearsed beside, or watched; None if nothing is.
        teacher: Whose guesses are learned; None if there is none.
    """

    folder: Path
    dataset: Dataset
    tokenizer: Tokenizer
    setup: Setup
    base_bytes: int
    start: Start = SCRATCH
    changes: tuple[Recorded, ...] | None = None
    parent: ParentText | None = None
    teacher: Teacher | None = None


def new_run(inputs: RunInputs, recipe: Recipe) -> Run:
    """A run at step 0, with the weights that it begins from.

    Raises:
        StudioError: Too little text for the context, or settings that do not fit.
    """
    setup, training = inputs.setup, recipe.training
    pruning: Mapping[str, Any] = {}
    if inputs.start.checkpoint is not None:
        refuse_based(recipe, inputs.start.checkpoint)
        pruning = inputs.start.checkpoint.card.run.pruning
    shape = recipe.kind, recipe.model, inputs.tokenizer.vocab_size
    read: dict[str, Any] = {"dataset": inputs.dataset, "tokenizer": inputs.tokenizer}
    task = with_teacher(recipe.make_task(**read), recipe, inputs.teacher, **read, device=setup.device)
    task = with_parent(task, recipe, inputs.parent)
    changes = inputs.changes if inputs.changes is not None else task.changes(inputs.start.changes)
    model = inputs.start.build(*shape, training.seed, changes=changes)
    if inputs.changes is None:
        apply_all(model, adapters(model, recipe, is_pruned=bool(pruning)))
    is_learned = inputs.start.checkpoint is not None
    if recipe.sparse.keeps_nonzeros:
        is_pruned = inputs.start.checkpoint is not None and bool(inputs.start.checkpoint.card.run.pruning)
        keep_drawn(model, recipe.sparse, training.seed, is_learned=is_learned, is_pruned=is_pruned)
    model = model.to(setup.device)
    taught = teach(model, recipe)
    rates, undecayed = taught.rates, taught.old_rows
    optimizers = Optimizers(model, training, product_dtype=setup.optimizer_dtype, rates=rates, undecayed=undecayed)
    run = Run(
        folder=inputs.folder,
        recipe=recipe,
        setup=setup,
        model=model,
        task=task,
        optimizers=optimizers,
        taught=taught,
        sparsifier=sparsifier_of(model, recipe.sparse, optimizers, training.seed),
        base_bytes=inputs.base_bytes,
        scaler=torch.amp.GradScaler(setup.device, enabled=setup.number_format == "fp16"),
        start=inputs.start,
        teacher=inputs.teacher if recipe.teach.distils else None,
    )
    if inputs.start.checkpoint is not None:
        run.standing.first_deal = inputs.start.first_deal(training.step_rows)
        run.keep_zeros(pruning)
        run.base = inputs.start.as_base(model, taught.depth) if recipe.teach.keeps_adapter else None
    run.sparsifier.begin(is_learned=is_learned, is_pruned=bool(run.pruning))
    return run


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
