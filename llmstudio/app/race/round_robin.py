"""The runners of a race take turns at the processor; each has its own stopwatch, and one that fails drops out alone."""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace

from llmstudio.app.job_runner import sentence_of
from llmstudio.core.awake import awake_s
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, TrainStep
from llmstudio.core.shortage import KINDS, shortage_of
from llmstudio.core.words import words
from llmstudio.core.work import Stop

JOB = "race"
_TURN_S = 0.25  # long enough that caches are warm again, short enough that all curves move


@dataclass
class Lap:
    """How far one runner has come, and how far it has to go.

    Attributes:
        budget_s: Seconds of its own that it is given; 0 if it is given something else.
        seconds: What its stopwatch shows: steps, looks at the validation text, samples, checkpoints.
        steps: Steps taken.
        tokens_per_second: Over the run so far.
        own_s: What its steps and looks took, as the run itself counts: without what comes before the first step.
        weight_bytes: What its weights take in memory while it learns; 0 before the first step.
        end: How its training ended; None while it goes on, and if it failed.
        error: Why it dropped out; None for the others.
    """

    budget_s: float = 0.0
    seconds: float = 0.0
    steps: int = 0
    tokens_per_second: float = 0.0
    weight_bytes: int = 0
    own_s: float = 0.0
    end: Finished | Stopped | None = None
    error: StudioError | None = None
    _total: int | None = None
    _stepping_s: float = 0.0  # left, counting steps alone
    _aside_s: float = 0.0  # spent between steps so far
    _stop_s: float = 0.0  # of that, since the last step
    _last_stop_s: float = 0.0
    _aside_a_step: float = 0.0

    def take(self, event: Event | None, spent: float) -> None:
        """The runner was let go on for `spent` seconds, and this came out (None: that was the end)."""
        self.seconds += spent
        match event:
            case TrainStep():
                if self._stop_s:  # it steps again: the cost of stops is known up to here
                    self._aside_a_step = self._aside_s / self.steps
                    self._last_stop_s, self._stop_s = self._stop_s, 0.0
                self.steps, self.own_s = event.step, event.seconds
                self.tokens_per_second = event.tokens / event.seconds if event.seconds else event.tokens_per_second
                self._stepping_s, self._total = event.remaining_s or 0.0, event.total or self._total
                self.weight_bytes = event.memory.get("weights", self.weight_bytes)
                return
            case Started() if event.job == "train":
                self._total = event.total
            case Finished() | Stopped():
                self.end = event
        if self.steps:
            self._aside_s += spent
            self._stop_s += spent

    @property
    def is_over(self) -> bool:
        """True once it has ended or dropped out."""
        return self.end is not None or self.error is not None

    @property
    def remaining_s(self) -> float | None:
        """Seconds of its own that it still needs; None while nothing tells.

        The steps left at their recent pace, the average cost of the stops between them, and twice the last stop for the end
        (one more look, and one at the whole validation text). If the budget is in seconds, what is left of it counts if
        that is more and there are steps to go: at first nobody knows what looks cost.
        """
        if self.is_over:
            return 0.0
        clock = self.budget_s - self.own_s
        if not self.steps:
            return max(0.0, clock) if self.budget_s else None
        to_go = max(0, self._total - self.steps) if self._total else 0
        stops = to_go * self._aside_a_step + max(0.0, 2 * self._last_stop_s - (0.0 if to_go else self._stop_s))
        return max(self._stepping_s + stops, clock if to_go else 0.0, 0.0)

    @property
    def share(self) -> float | None:
        """How much of its way it has gone, 0 to 1, by its own stopwatch; None while nothing tells."""
        left = self.remaining_s
        return None if left is None or not self.seconds + left else self.seconds / (self.seconds + left)


def round_robin(
    jobs: Mapping[int, Iterator[Event]],
    names: Mapping[int, str],
    *,
    budget_s: float,
    stop: Stop,
    begun: dict[int, Lap] | None = None,
) -> Generator[Event, None, dict[int, Lap]]:
    """Pull every runner's training, always that of the runner whose own stopwatch shows least.

    A turn ends after a step only: a look at the validation text belongs to the turn of the steps before it.

    Events carry the runner's number: `race/1/train`. After every turn a `Progress` says how far all are together. A runner
    that fails drops out, with one `Noted` of `race/1` that says why and what would help; the others go on. Too little memory
    is such a failure: what the runner held is free for the others. After any other the race breaks off, and what the others
    have learned is saved as if they had been stopped.

    Args:
        jobs: Each runner's training, by number.
        names: What each is called.
        budget_s: Seconds that each is given; 0 if they are given something else.
        stop: Looked at after every step, so that all hear of it soon.
        begun: How far runners had come in an earlier sitting, also those that have nothing left to do. It is filled on the
            way, so that it is known too after the race broke off.

    Returns:
        How far each runner came, by number.
    """
    laps = begun if begun is not None else {}
    laps |= {number: Lap(budget_s) for number in jobs if number not in laps}
    running = dict(jobs)
    try:
        while running:
            number = min(running, key=lambda n: laps[n].seconds)
            lap = laps[number]
            turn_ends = lap.seconds + _TURN_S
            while number in running:
                began = awake_s()
                event = None
                try:
                    event = next(running[number], None)
                except StudioError as error:
                    lap.error = copy.copy(error)  # without its frames, which keep the runner's model in memory
                except KINDS as error:
                    lap.error = shortage_of(error, "train")
                    if lap.error is None:
                        raise
                lap.take(event, awake_s() - began)
                if lap.error is not None:
                    del running[number]
                    yield _dropped_out(number, names[number], lap)
                elif event is None:
                    del running[number]
                elif not isinstance(event, Finished | Stopped):
                    yield replace(event, parents=(JOB, str(number), *event.parents))
                    if isinstance(event, TrainStep) and (stop.requested or lap.seconds >= turn_ends):
                        break
            yield _standing(laps)
    except Exception as reason:
        unsaved = _save_all(running, stop)
        for number, failure in unsaved.items():
            reason.add_note(f"“{names[number]}” could not be saved: {failure!r}")  # for the report
        for number, failure in unsaved.items():
            yield _not_saved(number, names[number], failure)
        raise
    finally:
        for job in running.values():
            if isinstance(job, Generator):
                job.close()
    return laps


def _save_all(running: Mapping[int, Iterator[Event]], stop: Stop) -> dict[int, Exception]:
    """Let those that go on no further save what they have, each also if another cannot. Returns why some could not."""
    if not stop.requested:
        stop.request()
    unsaved: dict[int, Exception] = {}
    for number, job in running.items():
        try:
            for _ in job:
                pass
        except Exception as error:
            unsaved[number] = error
    return unsaved


def _not_saved(number: int, name: str, error: Exception) -> Noted:
    why = error.words if isinstance(error, StudioError) else sentence_of(error, "train")
    return Noted(
        job=str(number),
        parents=(JOB,),
        message=words(
            "What “{runner}” learned since its last checkpoint could not be saved. {reason}", runner=name, reason=why
        ),
        level="warning",
    )


def _dropped_out(number: int, name: str, lap: Lap) -> Noted:
    assert lap.error is not None
    return Noted(
        job=str(number),
        parents=(JOB,),
        step=lap.steps,
        message=words("“{runner}” is out of the race. {reason}", runner=name, reason=lap.error.words),
        level="warning",
        remedies=lap.error.remedies,
    )


def _standing(laps: Mapping[int, Lap]) -> Progress:
    """How far the race is as a whole, by the clock."""
    left = [lap.remaining_s for lap in laps.values()]
    known = [value for value in left if value is not None]
    remaining_s = sum(known) if len(known) == len(left) else None
    spent = sum(lap.seconds for lap in laps.values())
    return Progress(
        job=JOB,
        what=words("{n} models run by turns", n=len(laps)),
        done=spent,
        total=None if remaining_s is None else spent + remaining_s,
        unit="s",
        remaining_s=remaining_s,
        details={
            "seconds": [laps[number].seconds for number in sorted(laps)],
            "shares": [laps[number].share for number in sorted(laps)],
        },
    )
