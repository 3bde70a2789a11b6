"""The training loop: a job that takes one optimizer step each time it is pulled, and reports it.

Everything random follows from (seed, step), so a resumed run equals an uninterrupted one to the last bit on the same
machine. The loop neither prints nor draws; it yields events, and keeps them in the model's folder.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmstudio.core.awake import awake_clock, gap_note
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Started, Stopped
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.memory.measure import process_bytes
from llmstudio.core.models.changes.head import head_of, told_names
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_weights
from llmstudio.core.models.remarks import without_effect as idle_settings
from llmstudio.core.models.weights.base import num_parameters
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.sparsifiers.fitting import refuse_sparse
from llmstudio.core.tasks.evaluation import zip_bits_per_byte
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training.divergence import too_fast
from llmstudio.core.training.going_on import no_steps_left, refuse_fixed, take_up, training_of
from llmstudio.core.training.history import HistoryWriter
from llmstudio.core.training.looks import is_lost, keep_score, look, look_back, measured, noted, with_yardstick
from llmstudio.core.training.machine.setup import (
    Setup,
    computable,
    give_back,
    movable,
    prepare_process,
    resolved,
    set_up,
    warm_up,
)
from llmstudio.core.training.machine.timing import Pace, first_guess, plan_anew
from llmstudio.core.training.remarks import answers_weighted, fewer_rows, nothing_held_out, without_effect
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.saving import keep_merged, said_of_begin, save, save_begin, weights_left
from llmstudio.core.training.sitting import close_sitting, cut, open_sitting, take_back
from llmstudio.core.training.start import SCRATCH, ParentText, Start
from llmstudio.core.training.teaching.teacher import Teacher
from llmstudio.core.training.teaching.weights import refuse_teaching, said_of_teaching
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_CROWDED = words(
    "Other programs crowd the processor: this run does with one thread at times, so its last digits may differ from those of"
    " the same run on a quiet computer. With a fixed number of threads it repeats itself exactly."
)


def train(
    folder: Path,
    *,
    recipe: Recipe,
    dataset: Dataset,
    tokenizer: Tokenizer,
    stop: Stop,
    start: Start = SCRATCH,
    parent: ParentText | None = None,
    teacher: Teacher | None = None,
    may_step_back: bool = True,
) -> Iterator[Event]:
    """Grow a model, from random weights or from another model's.

    Args:
        folder: `models/NAME`, existing; checkpoints and the run's history land in it.
        recipe: What to train and how; `auto` settings of its training are resolved by measuring.
        dataset: Tokens of the same tokenizer.
        tokenizer: For sample texts and bits per byte.
        stop: Looked at once a step; the run then saves and ends in `Stopped`.
        start: What it begins from.
        parent: What that had learned from, where it is rehearsed or watched.
        teacher: Whose guesses are learned beside the right answers.
        may_step_back: See `Setup`.

    Raises:
        StudioError: Too little text, a loss that is not a number, a full disk.
    """
    refuse_teaching(recipe, has_start=start.checkpoint is not None)
    refuse_sparse(recipe, has_start=start.checkpoint is not None)
    setup, base = _prepared(recipe.training, may_step_back)
    _, said = computable(recipe.training)
    recipe = replace(recipe, training=resolved(recipe.training, setup))
    read: dict[str, Any] = {"dataset": dataset, "tokenizer": tokenizer, "parent": parent, "teacher": teacher}
    inputs = RunInputs(**read, folder=folder, setup=setup, base_bytes=base, start=start)
    seconds = recipe.training.max_seconds
    if seconds:
        steps = yield from first_guess(seconds, new_run(inputs, recipe), stop)
        recipe = replace(recipe, training=replace(recipe.training, max_steps=steps, max_seconds=0.0))
    run = new_run(inputs, recipe)
    run.standing.seconds_allowed = seconds
    save_begin(run)
    notes = [Noted(job="train", message=said)] if said is not None else []
    yield from _kept(run, tokenizer, stop, notes=notes + _opening(run))


def resume(
    folder: Path,
    *,
    recipe: Recipe,
    dataset: Dataset,
    tokenizer: Tokenizer,
    stop: Stop,
    training: TrainingConfig | None = None,
    start: Start | None = SCRATCH,
    parent: ParentText | None = None,
    teacher: Teacher | None = None,
    may_step_back: bool = True,
) -> Iterator[Event]:
    """Go on from the last undamaged checkpoint, exactly as if the run had not been interrupted, or with other settings.

    A run that has taken all its steps or ended early is only closed: scored on the whole validation part, and finished.

    Args:
        folder: `models/NAME`.
        recipe: The recipe of the model; its training settings are read from the checkpoint.
        dataset: The tokens that it learned from.
        tokenizer: Its tokenizer.
        stop: Looked at once a step.
        training: Settings from here on (see `going_on`); more steps, or so many seconds more, for a finished run. None for
            those that it was stopped with.
        start: What it once began from; None if that is gone.
        parent: As in `train`.
        teacher: As in `train`.
        may_step_back: See `Setup`.

    Raises:
        StudioError: There is no checkpoint to go on from, or a setting cannot be another now.
    """
    checkpoint, damaged = find_checkpoint(folder, "last")
    old = training_of(checkpoint)
    new = training or old
    refuse_fixed(old, new, folder.name)
    if training is not None and checkpoint.step >= new.max_steps and not new.max_seconds:
        raise no_steps_left(folder.name, old)
    stopped_with, (old, _), (new, moved) = old, movable(old), movable(new)
    setup, base = _prepared(new, may_step_back)
    changes = checkpoint.card.changes
    read: dict[str, Any] = {"dataset": dataset, "tokenizer": tokenizer, "parent": parent, "teacher": teacher}
    inputs = RunInputs(**read, folder=folder, setup=setup, base_bytes=base, changes=changes)
    now = replace(resolved(new, setup), max_steps=old.max_steps, max_seconds=0.0) if training else old
    recipe = replace(recipe, training=now)
    run = new_run(inputs, recipe)
    run.restore(checkpoint)
    run.start = start
    open_sitting(run, checkpoint, stopped_with)
    notes = [Noted(job="train", step=run.standing.step, message=message, level="warning") for message in damaged]
    notes += [Noted(job="train", step=run.standing.step, message=moved, level="warning")] if moved is not None else []
    if training is not None:
        said = yield from take_up(run, old, new, lambda: new_run(inputs, recipe), stop)
        notes += [Noted(job="train", step=run.standing.step, message=remark) for remark in said]
    elif not run.standing.step:  # nothing that was said before the first step is kept
        notes += _opening(run)
    yield from _kept(run, tokenizer, stop, notes=notes)


def _opening(run: Run) -> list[Noted]:
    """What is to be said before the first step."""
    recipe = run.recipe
    remarks = [*said_of_begin(run), *without_effect(recipe, run.task), *idle_settings(recipe.model)]
    remarks += said_of_teaching(run.model, run.taught, recipe.training.max_steps)
    remarks += fewer_rows(recipe.training, run.batches.most_rows)
    notes = [Noted(job="train", message=remark) for remark in remarks]
    if run.task.val_rows is None:
        notes.append(Noted(job="train", message=nothing_held_out(run.task.dataset), level="warning"))
    if run.task.weighs_answers:
        notes.append(Noted(job="train", message=answers_weighted(recipe)))
    return notes + run.task.notes()


def _prepared(training: TrainingConfig, may_step_back: bool) -> tuple[Setup, int]:
    """Where a run computes, and what the process takes before it: the program and its libraries."""
    prepare_process()
    setup = replace(set_up(training), may_step_back=may_step_back)
    warm_up(setup)
    give_back()
    return setup, process_bytes()


def _kept(run: Run, tokenizer: Tokenizer, stop: Stop, *, notes: list[Noted]) -> Iterator[Event]:
    """The run's events, each kept in its folder before it is passed on; what lies beyond the checkpoint is cut off first."""
    with HistoryWriter(run.folder) as history:
        cut(run, history)
        title = words("Training {name}", name=run.folder.name)
        begin = Started(job="train", step=run.standing.step, title=title, item=run.folder.name, total=run.training.max_steps)
        for event in _gaps_told(_chained(begin, notes, _looped(run, tokenizer, stop, history)), run):
            if not (isinstance(event, Stopped) and run.before is not None and not stop.keep):  # it stands as it stood
                history.add(event)
            yield event


def _gaps_told(events: Iterator[Event], run: Run) -> Iterator[Event]:
    """The same events, with a note where the program was not awake while one of them was made."""
    clock = awake_clock()
    before = clock.gaps()
    for event in events:
        if gap := clock.gaps() - before:
            yield Noted(job="train", step=run.standing.step, message=gap_note(gap))
        yield event
        before = clock.gaps()


def _chained(begin: Event, notes: list[Noted], rest: Iterator[Event]) -> Iterator[Event]:
    yield begin
    yield from notes
    yield from rest


def _looped(run: Run, tokenizer: Tokenizer, stop: Stop, history: HistoryWriter) -> Iterator[Event]:
    """Steps and what is done between them. A run by the clock plans its number of steps anew as it goes.

    What is due after a step depends on its number alone, so a resumed run does what had not been done.
    """
    training, standing = run.training, run.standing
    pace = Pace(standing.step, standing.seconds)
    look_every = training.look_interval
    sample_every = training.sample_steps or look_every
    save_every = training.checkpoint_steps or look_every
    held_out, alone = run.task.val_rows, run.task.measures_answers
    zipped = zip_bits_per_byte(held_out, tokenizer, answers_alone=alone) if held_out is not None else math.nan
    has_stepped_back, is_first = False, True
    yield from look_back(run, stop)
    while True:
        plan_anew(run, pace, look_every=look_every)
        step, is_last = standing.step, standing.step >= run.training.max_steps
        if (is_last or step % sample_every == 0 or step % save_every == 0) and not run.is_finite():
            raise too_fast(run)
        if step % look_every == 0 and not is_last and standing.looked_step != step and not stop.requested:
            before = standing.seconds
            yield from look(run, stop, zipped)
            pace.looked(standing.seconds - before)
        if (step % sample_every == 0 or is_last) and standing.sampled_step != step and not stop.requested:
            yield _sampled(run)
        if stop.requested:
            yield from _stopped(run, stop, history)
            return
        is_best = run.val_loss is not None and standing.best_step == step
        if step and not is_last and (step % save_every == 0 or is_best):
            yield from save(run, history)
        if is_last or _has_ended_early(run):
            break
        if is_first:  # for a large model it takes minutes without any other news
            is_first = False
            said = words("First step, usually the slowest")
            yield Progress(job="train", step=step, what=said, done=step, total=run.training.max_steps)
        yield run.take_step()
        for said in run.sparsifier.news:
            yield Noted(job="train", step=standing.step, message=said)
        if run.crowding.is_crowded and not has_stepped_back:
            has_stepped_back = True
            yield Noted(job="train", step=standing.step, message=_CROWDED)
        if run.has_diverged() or run.has_died():
            raise too_fast(run)
    yield from _finished(run, stop, zipped, history)


def _has_ended_early(run: Run) -> bool:
    training, standing = run.training, run.standing
    is_stuck = bool(training.early_stopping) and standing.checks_without_progress >= training.early_stopping
    return is_stuck and standing.step < training.max_steps


def _finished(run: Run, stop: Stop, zipped: float, history: HistoryWriter) -> Iterator[Event]:
    """Look once more, keep the better of the last and the best weights, and score them on the whole validation part.

    If the program dies in here, resuming closes the run in the same way.
    """
    training, standing = run.training, run.standing
    ended_early = _has_ended_early(run)
    if standing.looked_step != standing.step:
        score = yield from measured(run, stop, training.eval_tokens)
        if stop.requested:
            yield from _stopped(run, stop, history)
            return
        standing.looked_step = standing.step
        if score is not None:
            run.task.settle(run.model, score)
            last = with_yardstick(score.figures(), zipped)
            if is_lost(run, last["loss"]):
                raise too_fast(run)
            if not keep_score(run, last["loss"]):  # if it is the best, the evaluation on all of the text follows
                yield Evaluated(job="train", step=standing.step, split="val", figures=last)
    yield from save(run, history)
    if ended_early:
        message = words("No progress for {n|check|checks}: ended early.", n=training.early_stopping)
        yield Noted(job="train", step=standing.step, message=message)
    measured_step = standing.step
    if run.val_loss is not None and standing.best_step != standing.step:
        checkpoint, damaged = find_checkpoint(run.folder, "best")
        load_weights(run.model, checkpoint)
        measured_step = checkpoint.step
        for remark in damaged:
            yield Noted(job="train", step=standing.step, message=remark, level="warning")
        message = words("The best weights are those of step {step:,}.", step=checkpoint.step)
        yield Noted(job="train", step=standing.step, message=message)
    whole = yield from measured(run, stop, None)
    if stop.requested:
        yield from _stopped(run, stop, history)
        return
    figures = whole.figures() if whole else {}
    if figures:
        shown = with_yardstick(figures, zipped)
        is_last = measured_step == standing.step
        yield Evaluated(
            job="train",
            step=standing.step,
            split="val",
            figures=shown,
            is_best=is_last,
            is_whole=True,
            of_step=None if is_last else measured_step,
        )
        yield from noted(run, figures)
        for remark in whole.remarks() if whole else ():
            yield Noted(job="train", step=standing.step, message=remark)
    elif run.task.val_rows is None:
        yield from noted(run, {})
    close_sitting(run)
    if (said := keep_merged(run, measured_step)) is not None:
        yield Noted(job="train", step=standing.step, message=said)
    result = _result(run, figures, measured_step) | {"ended_early": ended_early}
    yield Finished(job="train", step=standing.step, result=result)


def _result(run: Run, figures: dict[str, float], best_step: int) -> dict[str, Any]:
    run.note_peak()
    standing = run.standing
    dealt = replace(run.recipe, training=run.training.with_rows(run.batches.most_rows))
    head = head_of(run.model.changes)
    predicted = estimate(
        dealt,
        run.model.vocab_size,
        context=run.batches.longest,
        rows_vary=run.task.whole_documents,
        num_classes=len(told_names(head)) if head else 0,
        held_out_tokens=run.task.val_rows.num_tokens if run.task.val_rows is not None else 0,
        teacher=run.teacher.recipe if run.teacher is not None else None,
    )
    # Both losses belong to the weights that are kept; if those are earlier ones, the loss of the last step is added.
    kept: dict[str, Any] = {"train_loss": run.loss, "best_step": best_step if figures else None}
    if best_step != standing.step:
        kept |= {"train_loss": standing.best_train_loss, "last_train_loss": run.loss}
    if run.task.weighs_answers:
        kept["answers_weighted"] = True
    kept |= weights_left(run)
    if "parent_loss" in figures:
        kept["parent_loss"] = figures["parent_loss"]
    return {
        "model": run.folder.name,
        "steps": standing.step,
        **kept,
        "val_loss": figures.get("loss"),
        "bits_per_byte": figures.get("bits_per_byte"),
        "tokens_per_second": standing.tokens / max(standing.seconds, 1e-9),
        "seconds": standing.seconds + run.task.dataset.made_up_seconds,
        "peak_bytes": standing.peak_bytes,
        "predicted_peak_bytes": predicted.total,
        "parameters": num_parameters(run.model),
    }


def _stopped(run: Run, stop: Stop, history: HistoryWriter) -> Iterator[Event]:
    if stop.keep and run.standing.step:
        yield from save(run, history)
        close_sitting(run)
    is_taken_back = not stop.keep and run.before is not None
    if is_taken_back:
        take_back(run, history)
    standing = run.standing
    is_kept = is_taken_back or (stop.keep and standing.step > 0)
    best: dict[str, Any] = {"best_step": standing.best_step} if standing.best_loss is not None else {}
    if run.last_look_fell is not None and not is_taken_back:
        best["was_falling"] = run.last_look_fell
    yield Stopped(
        job="train",
        step=standing.step,
        result={"model": run.folder.name, "steps": standing.step, "kept": is_kept} | best,
    )


def _sampled(run: Run) -> Sampled:
    run.standing.sampled_step = run.standing.step
    run.model.eval()
    prompt, text = run.task.sample(run.model)
    if not run.recipe.task_facts.writes:  # the model answers the prompt and does not continue it
        text = f" → {text}"
    return Sampled(job="train", step=run.standing.step, prompt=prompt, text=text)
