"""A run of so many seconds: how many steps fit in, guessed before the first and planned anew as it goes.

The schedule of the learning rate needs to know the last step; a machine's pace is known only when it has run.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Generator
from typing import TypeVar

from llmstudio.core.awake import awake_s
from llmstudio.core.events import Event, Progress
from llmstudio.core.training.run import Run
from llmstudio.core.training_config import LOOKS
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_Result = TypeVar("_Result")


class Stopwatch:
    """The seconds that a job takes itself, awake: whoever pulls it may pause, or let others have their turn, between two
    events, and the computer may sleep.

    Attributes:
        seconds: So far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def over(self, events: Generator[Event, None, _Result]) -> Generator[Event, None, _Result]:
        """The same events and result, timed."""
        while True:
            began = awake_s()
            try:
                event = next(events)
            except StopIteration as end:
                result: _Result = end.value
                return result
            finally:
                self.seconds += awake_s() - began
            yield event


class Pace:
    """How fast a run by the clock goes, what its looks take, and when its steps are to be planned anew."""

    def __init__(self, step: int, seconds: float) -> None:
        """A run that stands at `step`, after so many seconds of its own."""
        self._step, self._seconds = step, seconds  # where steps were planned last
        self._looking = 0.0  # seconds of looks since then
        self._looks: list[float] = []

    def looked(self, seconds: float) -> None:
        """A look at the validation text took so long."""
        self._looks.append(seconds)
        self._looking += seconds

    def is_due(self, budget: float, step: int, seconds: float, *, planned: int) -> bool:
        """Whether the last plan is out of date: once an eighth of the time that was left has passed, at first earlier.

        So the first guess, which may be far off, does not stand long, and the plan gets finer towards the end. A plan is
        also out of date if its `planned` steps are taken and there is time left.
        """
        left = max(0.0, budget - self._seconds)
        is_old = seconds - self._seconds >= min(left / 8, max(self._seconds, budget / 64))
        return step > self._step and (is_old or (step >= planned and seconds < budget))

    def steps_in(self, budget: float, step: int, seconds: float, *, look_every: int, to_look: int) -> int:
        """Steps in all that `budget` seconds allow, if each goes on to take what it took since the last planning.

        Args:
            budget: Seconds in all.
            step: Steps taken.
            seconds: What they and the looks took.
            look_every: Steps between two looks.
            to_look: Steps before the next one; 0 if it comes before the next step.
        """
        each = max((seconds - self._seconds - self._looking) / max(1, step - self._step), 1e-9)
        look = statistics.median(self._looks) if self._looks else 0.0
        self._step, self._seconds, self._looking = step, seconds, 0.0
        return step + _fitting(max(0.0, budget - seconds), each, look, look_every, to_look)


def _fitting(left: float, each: float, look: float, look_every: int, to_look: int) -> int:
    """Steps that fit into `left` seconds with the looks between them; the look after the last step does not count."""
    first = to_look * each + look
    if left < first - look / 2:  # nearer to the end before the next look than to the one after it
        return min(to_look, round(left / each))
    stretches, rest = divmod(max(0.0, left - first), look_every * each + look)
    return to_look + int(stretches) * look_every + min(look_every, max(1, round(rest / each)))


def plan_anew(run: Run, pace: Pace, *, look_every: int) -> None:
    """Let a run by the clock take as many steps as its time allows by the pace so far, if its plan has become old.

    Phases that are over do not begin again, so a task with phases may allow fewer steps than the time does, and more later.
    """
    standing, planned = run.standing, run.training.max_steps
    step, budget = standing.step, standing.seconds_allowed
    if not budget or not pace.is_due(budget, step, standing.seconds, planned=planned):
        return
    is_due = step % look_every == 0 and standing.looked_step != step
    to_look = 0 if is_due else look_every - step % look_every
    wanted = pace.steps_in(budget, step, standing.seconds, look_every=look_every, to_look=to_look)
    while wanted != planned:
        run.plan(wanted)
        if run.training.max_steps != planned or wanted < planned:
            return
        wanted = planned + (wanted - planned) // 2


def first_guess(seconds: float, trial: Run, stop: Stop) -> Generator[Event, None, int]:
    """How many steps fit into `seconds`: time some on weights that are thrown away, and a moment of a look.

    The time for this guess is not taken off the run: its time is that of its steps and looks only, so a large model, whose
    trial steps take long, gets no less than a small one.
    """
    spent = list[float]()
    enough = min(3.0, 0.05 * seconds)
    yield from _timed(trial, stop, enough, spent)
    if not spent:
        return 1
    # Without the slowest tenth: one hiccup of the machine would distort the forecast for the whole run.
    step_s = statistics.fmean(sorted(spent)[: math.ceil(0.9 * len(spent))])
    look_s = 0.0 if stop.requested else _look_seconds(trial, enough)
    if every := trial.training.eval_steps:
        return max(10, int(seconds / (step_s + look_s / every)))
    return max(10, int((seconds - min(LOOKS * look_s, 0.3 * seconds)) / step_s))


def _timed(trial: Run, stop: Stop, enough: float, spent: list[float]) -> Generator[Event, None, None]:
    """Take at least five steps, and go on for `enough` seconds; their durations go to `spent`."""
    while not stop.requested and (len(spent) < 5 or sum(spent) < enough):
        began = awake_s()
        trial.take_step()
        if trial.standing.step > 2:  # the first ones also make plans and take memory
            spent.append(awake_s() - began)
        yield Progress(job="train", what=words("Timing a few steps"), done=len(spent))


def _look_seconds(trial: Run, enough: float) -> float:
    """How long a look at the validation text takes, foreseen from its first `enough` seconds."""
    limit, began = trial.training.eval_tokens, awake_s()
    for score in trial.task.evaluate(trial.model, trial.setup, limit):
        passed = awake_s() - began
        if passed > enough and score.tokens:
            rows = trial.task.val_rows
            return passed * max(1.0, min(limit, rows.num_tokens if rows is not None else limit) / score.tokens)
    return awake_s() - began
