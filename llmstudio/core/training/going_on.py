"""Going on with other settings than a run began with: another learning rate after one that was too high, or more steps.

Settings that decide which text a step reads cannot change: a run that reads other batches is a new run, which may begin
from the old one's weights (`start.py`). With more steps the learning rate follows the schedule of the new number from the
present step on. So a finished run, whose rate had fallen to zero, goes on at a high rate at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import fields, replace

from llmstudio.core.errors import StudioError, learn_on, more_steps
from llmstudio.core.events import Event
from llmstudio.core.models.checkpoint.folders import FACTS
from llmstudio.core.models.checkpoint.read import Checkpoint
from llmstudio.core.settings import from_dict, settings_of
from llmstudio.core.training.machine.timing import first_guess
from llmstudio.core.training.run import Run
from llmstudio.core.training.saving import write_checkpoint
from llmstudio.core.training.schedules import learning_rate_factor
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.reading import damage, file_told

# Which rows a step reads, and what a kind of optimizer remembers, would not be what they were.
_FIXED = ("batch_size", "grad_accumulation_steps", "rows", "seed", "optimizer")
_LENGTH = ("max_steps", "max_seconds")


def training_of(checkpoint: Checkpoint) -> TrainingConfig:
    """The settings that a run was stopped with. Raises StudioError if its checkpoint does not say them."""
    if not checkpoint.card.run.training:
        raise damage(checkpoint.path)
    with file_told(checkpoint.path / FACTS):
        return from_dict(TrainingConfig, checkpoint.card.run.training)


def differing(old: TrainingConfig, new: TrainingConfig) -> list[str]:
    """Names of the settings that differ."""
    return [entry.name for entry in fields(old) if getattr(old, entry.name) != getattr(new, entry.name)]


def refuse_fixed(old: TrainingConfig, new: TrainingConfig, name: str) -> None:
    """Raises StudioError if a setting differs that stays the same for the whole of a run."""
    labels = {about.path: about.fact.label for about in settings_of(TrainingConfig)}
    for path in differing(old, new):
        if path in _FIXED:
            raise StudioError(
                "{setting} stays as it is when a run goes on. A new run can begin from these weights with another.",
                setting=labels[path],
                remedies=(learn_on(name, f" --set training.{path}=VALUE"),),
            )


def no_steps_left(name: str, training: TrainingConfig) -> StudioError:
    """The error for a run that has no steps left, with what can be done instead."""
    return StudioError(
        "{name} has taken all of its {steps|step|steps} already. It can take more, or a new run can begin from its weights.",
        name=name,
        steps=training.max_steps,
        remedies=(more_steps(name, 2 * training.max_steps), learn_on(name)),
    )


def take_up(
    run: Run, old: TrainingConfig, new: TrainingConfig, trial: Callable[[], Run], stop: Stop
) -> Generator[Event, None, list[Words]]:
    """Let a restored run go on with other settings, and keep them in its checkpoint; what is to be said of it.

    A run by the clock keeps the time that it had left, unless it is given another length.

    Args:
        run: As it was stopped; its settings are the new ones but for its length.
        old: The settings that it was stopped with.
        new: Those from here on; `max_seconds` is time that is added.
        trial: Makes a run like it whose steps may be timed and thrown away.
        stop: Looked at while they are timed.

    Raises:
        StudioError: It has taken as many steps, or its phases would begin again.
    """
    standing, steps = run.standing, new.max_steps
    seconds = standing.seconds_allowed if steps == old.max_steps else 0.0
    if new.max_seconds:
        seconds = standing.seconds + new.max_seconds
        if standing.step:
            steps = standing.step + max(1, int(new.max_seconds * standing.step / max(standing.seconds, 1e-9)))
        else:
            steps = yield from first_guess(new.max_seconds, trial(), stop)
    if steps != run.training.max_steps:
        _lengthen(run, steps)
    standing.checks_without_progress, standing.seconds_allowed = 0, seconds
    # Written anew, so that whoever goes on after a crash goes on with the new settings.
    write_checkpoint(run, run.facts())
    return _remarks(run, old)


def _lengthen(run: Run, steps: int) -> None:
    """Let a restored run take `steps` in all. Raises StudioError if it has taken as many, or phases would begin again."""
    name, taken = run.folder.name, run.standing.step
    if steps <= taken:
        raise no_steps_left(name, replace(run.training, max_steps=taken))
    if taken:
        run.plan(steps)
    else:  # nothing has been yet
        run.set_steps(steps)
    if run.training.max_steps != steps:
        raise StudioError(
            "{name} cannot take {steps|step|steps} now: its training has phases, and one of them would begin again."
            " A new run can begin from its weights.",
            name=name,
            steps=steps,
            remedies=(learn_on(name),),
        )


def _remarks(run: Run, old: TrainingConfig) -> list[Words]:
    """What is different from here on, a sentence each."""
    new, step = run.training, run.standing.step
    said = []
    for about in settings_of(TrainingConfig):
        if about.path in differing(old, new) and about.path not in _LENGTH:
            was, now = str(getattr(old, about.path)), str(getattr(new, about.path))
            label = about.fact.label
            said.append(
                words("From step {step:,} on: {setting} {now} instead of {was}.", step=step, setting=label, now=now, was=was)
            )
    if new.max_steps != old.max_steps:
        factor = learning_rate_factor(step, new.max_steps, new)
        said.append(
            words(
                "It now takes {now|step|steps} instead of {was}. The schedule is stretched over all of them: the next step's"
                " learning rate is {rate}.",
                now=new.max_steps,
                was=old.max_steps,
                rate=f"{factor * new.learning_rate:.3g}",
            )
        )
    return said
