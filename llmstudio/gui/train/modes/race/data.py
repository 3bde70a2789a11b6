"""A race as the window needs it: every runner's run, its own clock, and who stands where. Filled live or from disk."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from llmstudio.app.runs.run_summary import Quality, RunSummary, rank
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.training.history import write_csv
from llmstudio.core.words import Words
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.series import Floats


def runner_of(event: Event) -> int | None:
    """Number of the runner that an event of a race tells of (`race/1`, `race/1/train`); None for any other event."""
    path = event.path
    return int(path[1]) if path[:1] == ("race",) and len(path) > 1 and path[1].isdigit() else None


@dataclass
class RaceRunner:
    """One runner.

    Attributes:
        name: The model's name.
        label: What it is called within the race, short.
        kind: Its family, a name in `MODELS`.
        parameters: Trainable numbers.
        run: What it has said.
        share: How much of its way it has gone, 0 to 1; None while that is not known.
        out: Why it dropped out; None for who did not.
        standing: How its run stands if it was read from disk; None while it goes on, then it follows from `run`.
        held_bytes: What its weights took, where no run of it is left to say so.
    """

    name: str
    label: str
    kind: str
    parameters: int
    run: RunData = field(default_factory=RunData)
    share: float | None = None
    out: Words | None = None
    standing: RunSummary | None = None
    held_bytes: int = 0

    @property
    def summary(self) -> RunSummary:
        """How its run stands: the same figures that the run shows when it is looked at alone."""
        return self.standing or self.run.summary()

    @property
    def bits_per_byte(self) -> float | None:
        """Of its best weights so far; None for who dropped out, and for families that have no such figure."""
        return None if self.out is not None else self.summary.bits_per_byte

    @property
    def quality(self) -> Quality | None:
        """The headline figure of its best weights so far; None for who dropped out, and before the first look."""
        return None if self.out is not None else self.summary.quality

    @property
    def weight_bytes(self) -> int:
        """What the weights take in memory; 0 while that is not known."""
        rows = self.run.memory_rows()
        return max(0, int(self.run.column("weights")[rows[-1]])) if len(rows) else self.held_bytes

    @property
    def seconds(self) -> float:
        """What its steps and looks took, by its own stopwatch."""
        return self.summary.seconds

    def places(self, x_column: str) -> Floats:
        """Every step's place on an axis that counts `seconds` (its own), `tokens` or `step`."""
        return np.asarray(self.run.column(x_column), np.float64)

    def looks(self) -> tuple[Floats, Floats]:
        """Steps whose weights were tried on the validation text, in order, and bits per byte there."""
        by_step = {
            event.weights_step: event.figures["bits_per_byte"]
            for event in self.run.looks
            if math.isfinite(event.figures.get("bits_per_byte", math.nan))
        }
        return np.array(list(by_step), np.float64), np.array(list(by_step.values()), np.float64)


@dataclass
class Race:
    """A race that runs, or one that was.

    Attributes:
        name: What it is called; empty for none.
        runners: By number.
        yardstick: Bits per byte of a model that only counts; None if not known.
        is_over: True once nothing more will come.
        can_go_on: True if it was stopped before its end, and its runners can go on.
        differences: Settings in which the recipes differ: label, then each runner's value as text.
    """

    name: str = ""
    runners: list[RaceRunner] = field(default_factory=list)
    yardstick: float | None = None
    is_over: bool = False
    can_go_on: bool = False
    differences: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Steps of all together."""
        return sum(runner.run.last_step for runner in self.runners)

    def add(self, events: Iterable[Event]) -> bool:
        """Take what the race says. Returns whether there is anything new to show."""
        by_runner: dict[int, list[Event]] = {}
        changed = False
        for event in events:
            number = runner_of(event)
            if number is not None and number < len(self.runners):
                if isinstance(event, Noted) and len(event.path) == 2:  # the race itself says who drops out
                    self.runners[number].out = event.message
                    changed = True
                by_runner.setdefault(number, []).append(event)
            elif isinstance(event, Progress) and event.path == ("race",):
                details = event.details
                for runner, share in zip(self.runners, details.get("shares", ()), strict=False):
                    runner.share = share
                    changed = True
        for number, said in by_runner.items():
            changed = self.runners[number].run.add(said) or changed
        return changed

    def order(self) -> list[int]:
        """Numbers of the runners, best first by their headline figures, those without after the others."""
        return sorted(range(len(self.runners)), key=lambda n: rank(self.runners[n].quality))

    def table(self) -> str:
        """All steps of all runners as CSV: the model, seconds by its own stopwatch, and the columns of a run's table."""
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        for number, runner in enumerate(self.runners):
            own = io.StringIO()
            write_csv(own, runner.run.steps, runner.run.evaluations)
            head, *rows = csv.reader(io.StringIO(own.getvalue()))
            if number == 0:
                writer.writerow(["model", "own_seconds", *head])
            seconds = [f"{place:.3f}" for place in runner.places("seconds")]
            for row, place in itertools.zip_longest(rows, seconds, fillvalue=""):
                writer.writerow([runner.name, place, *row])
        return table.getvalue()


def short_names(names: Sequence[str], race: str) -> list[str]:
    """What runners are called within their race: without its name in front."""
    return [name.removeprefix(race).strip() or name for name in names]
