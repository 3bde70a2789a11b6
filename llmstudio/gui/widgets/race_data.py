"""A race as the window needs it: every runner's run, its own clock, and who stands where. Filled live or from disk."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.training.history import write_csv
from llmstudio.core.words import Words
from llmstudio.gui.widgets.run_data import RunData
from llmstudio.gui.widgets.series import Floats


def runner_of(event: Event) -> int | None:
    """Number of the runner that an event of a race tells of (`race/1`, `race/1/train`); None for any other event."""
    parts = event.job.split("/")
    return int(parts[1]) if parts[0] == "race" and len(parts) > 1 and parts[1].isdigit() else None


@dataclass
class RaceRunner:
    """One runner.

    Attributes:
        name: The model's name.
        label: What it is called within the race, short.
        kind: Its family, a name in `MODELS`.
        parameters: Trainable numbers.
        run: What it has said.
        seconds: What its own stopwatch shows.
        share: How much of its way it has gone, 0 to 1; None while that is not known.
        result: The final figures once it is over: bits_per_byte (None where the family has none), tokens_per_second,
            weight_bytes.
        out: Why it dropped out; None for who did not.
    """

    name: str
    label: str
    kind: str
    parameters: int
    run: RunData = field(default_factory=RunData)
    seconds: float = 0.0
    share: float | None = None
    result: dict[str, float | None] | None = None
    out: Words | None = None

    @property
    def bits_per_byte(self) -> float | None:
        """The final figure, or that of the last look at the validation text."""
        if self.result is not None:
            return self.result.get("bits_per_byte")
        looks = self.looks()[1]
        return float(looks[-1]) if len(looks) else None

    @property
    def tokens_per_second(self) -> float:
        """Over the whole run once it is over, else of the last steps; 0 before the first."""
        if self.result is not None:
            return self.result.get("tokens_per_second") or 0.0
        return float(self.run.column("tokens_per_second")[-1]) if len(self.run) else 0.0

    @property
    def weight_bytes(self) -> int:
        """What the weights take in memory; 0 while that is not known."""
        if self.result is not None:
            return int(self.result.get("weight_bytes") or 0)
        rows = self.run.memory_rows()
        return max(0, int(self.run.column("weights")[rows[-1]])) if len(rows) else 0

    def places(self, x_column: str) -> Floats:
        """Every step's place on an axis that counts `seconds` (its own), `tokens` or `step`.

        Own seconds follow from the pace, stretched so that the last step stands where its stopwatch does: looks at the
        validation text and samples take time too.
        """
        if x_column != "seconds":
            return np.asarray(self.run.column(x_column), np.float64)
        tokens = np.diff(self.run.column("tokens").astype(np.float64), prepend=0.0)
        spent = np.cumsum(tokens / np.maximum(self.run.column("tokens_per_second"), 1e-9))
        return spent * (self.seconds / spent[-1]) if len(spent) and self.seconds else spent

    def looks(self) -> tuple[Floats, Floats]:
        """Steps at which the validation text was read, and bits per byte there."""
        by_step = {
            event.step: event.figures["bits_per_byte"]
            for event in self.run.evaluations
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
        differences: Settings in which the recipes differ: label, then each runner's value as text.
    """

    name: str = ""
    runners: list[RaceRunner] = field(default_factory=list)
    yardstick: float | None = None
    is_over: bool = False
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
                if isinstance(event, Noted) and event.job.count("/") == 1:  # the race itself says who drops out
                    self.runners[number].out = event.message
                    changed = True
                by_runner.setdefault(number, []).append(event)
            elif isinstance(event, Progress) and event.job == "race":
                details = event.details
                for runner, seconds, share in zip(
                    self.runners, details.get("seconds", ()), details.get("shares", ()), strict=False
                ):
                    runner.seconds, runner.share = float(seconds), share
                    changed = True
        for number, said in by_runner.items():
            changed = self.runners[number].run.add(said) or changed
        return changed

    def order(self) -> list[int]:
        """Numbers of the runners, best first: by bits per byte, those without after the others."""
        quality = [runner.bits_per_byte for runner in self.runners]
        return sorted(range(len(quality)), key=lambda n: (quality[n] is None, quality[n] or 0.0))

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
