"""Looks at the held-out text in between: what they measure, whether the weights are the best so far, and what they tell.

A model that learns by heart shows it by two curves: the validation loss stays above its best at look after look, while the
training loss goes on falling. If the training loss weighs answers more, the curves may part for that reason instead.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace

from llmstudio.core.events import Evaluated, Event, Noted, Progress
from llmstudio.core.tasks.beside.rehearsal import PARENT_LOSS, Rehearsal
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.training.divergence import too_fast
from llmstudio.core.training.machine.timing import Stopwatch
from llmstudio.core.training.run import Run
from llmstudio.core.words import words
from llmstudio.core.work import Stop

# How many looks must lie above the best (one or two may by chance), and how far apart the losses must be.
_LOOKS_ABOVE, _RISEN, _FALLEN = 4, 1.02, 0.97

_BY_HEART = words(
    "It learns by heart: since step {step:,} the loss on text it has not seen has risen from {best} to {now}, while it falls"
    " on the text it learns from. The weights of step {step:,} are kept as the best. More text would help, or a smaller"
    " model, more dropout, or early stopping."
)
_PARTED = words(
    "Since step {step:,} the loss on text it has not seen has risen from {best} to {now}. The weights of step {step:,} are"
    " kept as the best. Either it learns by heart, or it gets better at answers and worse at all else, which training counts"
    " for less and validation does not."
)


def look(run: Run, stop: Stop, zipped: float) -> Iterator[Event]:
    """A look at the validation text, unless a stop comes in between: it is then still due.

    Raises:
        StudioError: The loss has left all bounds.
    """
    standing, watch = run.standing, Stopwatch()
    score = yield from watch.over(measured(run, stop, run.training.eval_tokens))
    standing.seconds += watch.seconds
    if score is None and stop.requested:
        return
    standing.looked_step = standing.step
    if score is None:
        yield from noted(run, {})
        return
    run.task.settle(run.model, score)
    figures = with_yardstick(score.figures(), zipped)
    if run.is_settled and is_lost(run, figures["loss"]):
        raise too_fast(run)
    is_best = run.is_settled and keep_score(run, figures["loss"])
    rows = run.task.val_rows
    is_whole = rows is not None and rows.num_tokens <= run.training.eval_tokens
    yield Evaluated(job="train", step=standing.step, split="val", figures=figures, is_best=is_best, is_whole=is_whole)
    yield from noted(run, figures)
    yield from _by_heart(run)


def look_back(run: Run, stop: Stop) -> Iterator[Evaluated]:
    """What the weights that a run begins with know of the text that they had learned from: all forgetting counts from there.

    Nothing where the run does not ask for it, or has begun; a stop ends it.
    """
    if run.standing.step or not isinstance(run.task, Rehearsal):
        return
    losses = []
    for score in run.task.parent.evaluate(run.model, run.setup, run.training.eval_tokens):
        if stop.requested:
            return
        losses = [score.figures()["loss"]]
    for loss in losses:
        yield Evaluated(job="train", step=0, split="val", figures={PARENT_LOSS: loss})


def measured(run: Run, stop: Stop, max_tokens: int | None) -> Generator[Event, None, Score | None]:
    """The score on (a part of) the validation text; None if there is none or a stop came in between."""
    score = None
    shown = time.perf_counter()
    for score in run.task.evaluate(run.model, run.setup, max_tokens):
        if stop.requested:
            return None
        if time.perf_counter() - shown > 0.1:
            shown = time.perf_counter()
            yield Progress(
                job="train",
                step=run.standing.step,
                what=words("Reading the validation text"),
                done=score.tokens,
                unit="tokens",
            )
    return score


def is_lost(run: Run, loss: float) -> bool:
    """True for a look's loss that shows that training has left all bounds. Where answers are few, only one that is no number
    does: a single text of ten, told wrongly and surely, may cost twenty times what guessing does.
    """
    return not math.isfinite(loss) if run.task.few_answers else run.is_out_of_bounds(loss)


def keep_score(run: Run, val_loss: float) -> bool:
    """Record a look's loss as that of the present weights. Returns whether they are the best so far."""
    run.val_loss, standing = val_loss, run.standing
    run.last_look_fell = None if standing.best_loss is None else val_loss < standing.best_loss
    if standing.best_loss is None or val_loss < standing.best_loss:
        standing.best_loss, standing.best_step, standing.checks_without_progress = val_loss, standing.step, 0
        standing.best_train_loss, standing.best_recent_loss = standing.last_loss, standing.recent_loss
        return True
    standing.checks_without_progress += 1
    return False


def with_yardstick(figures: dict[str, float], zipped: float) -> dict[str, float]:
    """Add to bits per byte what a compressor needs for the same text, unless the task does so itself."""
    return ({"zip_bits_per_byte": zipped} if "bits_per_byte" in figures else {}) | figures


def noted(run: Run, figures: Mapping[str, float]) -> Iterator[Noted]:
    """What the task has to say of a look and has not said before in this run, in whichever sitting."""
    for note in run.task.notes(figures):
        template = note.message.template
        if template not in run.said:
            run.said = (*run.said, template)
            yield replace(note, step=run.standing.step)


def _by_heart(run: Run) -> Iterator[Noted]:
    """Said once for every best: the weights do better and better on the text they learn, and worse on any other."""
    standing, val_loss = run.standing, run.val_loss
    best, recent, then = standing.best_loss, standing.recent_loss, standing.best_recent_loss
    if val_loss is None or best is None or recent is None or then is None or standing.by_heart_step == standing.best_step:
        return
    if standing.checks_without_progress >= _LOOKS_ABOVE and val_loss > _RISEN * best and recent < _FALLEN * then:
        standing.by_heart_step = standing.best_step
        told = _PARTED if run.task.weighs_answers else _BY_HEART
        message = words(
            told.template,
            step=standing.best_step,
            best=f"{best:.3f}",
            now=f"{val_loss:.3f}",
        )
        yield Noted(job="train", step=standing.step, message=message, level="warning")
