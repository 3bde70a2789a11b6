"""A run of so many seconds: how many steps fit in, guessed before the first and planned anew as it goes.

The schedule of the learning rate needs to know the last step; a machine's pace is known only when it has run.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Generator
from dataclasses import dataclass
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


@dataclass
class Pace:
    """Where a run stood when its steps were planned last.

    Attributes:
        step: Steps taken by then.
        seconds: Seconds spent by then.
    """

    step: int
    seconds: float

    def steps_in(self, budget: float, step: int, seconds: float) -> int:
        """Steps in all that `budget` seconds allow, if the rest goes on as from the last planning to now, looks included."""
        each = (seconds - self.seconds) / max(1, step - self.step)
        self.step, self.seconds = step, seconds
        return step + int(max(0.0, budget - seconds) / max(each, 1e-9))


def first_guess(seconds: float, trial: Run, stop: Stop) -> Generator[Event, None, int]:
    """How many steps fit into `seconds`: time some on weights that are thrown away, and a moment of a look."""
    spent, watch = list[float](), Stopwatch()
    enough = min(3.0, 0.05 * seconds)
    yield from watch.over(_timed(trial, stop, enough, spent))
    if not spent:
        return 1
    # Without the slowest tenth: a hiccup of the machine in these seconds would be counted for the whole run.
    step_s = statistics.fmean(sorted(spent)[: math.ceil(0.9 * len(spent))])
    look_s = 0.0 if stop.requested else _look_seconds(trial, enough)
    left = seconds - watch.seconds - min(look_s, enough)
    if every := trial.training.eval_steps:
        return max(10, int(left / (step_s + look_s / every)))
    return max(10, int((left - min(LOOKS * look_s, 0.3 * seconds)) / step_s))


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
