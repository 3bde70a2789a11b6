"""A run as plots need it: its steps as columns, and its rarer events. Filled live or from disk, to the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from llmstudio.app.runs.run_summary import RunSummary, summarize
from llmstudio.core.events import Evaluated, Event, Noted, Sampled, TrainStep
from llmstudio.core.training.history import History, looks_in_place
from llmstudio.core.training.remarks import ANSWERS_WEIGHTED, NOTHING_HELD_OUT
from llmstudio.core.training.steps import (
    STEP,
    Layout,
    Steps,
    empty_value,
    memory_of,
    names_of,
    parts_of,
    record,
    wide_enough,
)
from llmstudio.gui.shared.plots.series import Growing, Series


class RunData:
    """What a run has said so far.

    A step that is not after the last one (a run that went back to its checkpoint) cuts what came after it.

    Attributes:
        name: The model's name.
        evaluations: Looks at the validation text, in the order they were told.
        samples: Sample texts, in order.
        has_held_out: False if the run said that nothing is held out of its text.
        weighs_answers: Whether its training loss counts answers above all, and its loss on held-out text every token alike.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.evaluations: list[Evaluated] = []
        self.samples: list[Sampled] = []
        self.has_held_out = True
        self.weighs_answers = False
        self._layout: Layout = STEP
        self._columns = {column: Series(STEP[column]) for column in names_of(STEP)}
        self._measured = Growing(np.intp)  # rows at which memory was measured

    def __len__(self) -> int:
        return len(self._columns["step"])

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what this run has kept of each step."""
        return names_of(self._layout)

    @property
    def parts(self) -> tuple[str, ...]:
        """Those of them that are parts of its loss."""
        return parts_of(self._layout)

    def series(self, column: str) -> Series:
        """One of `columns`; a part of another run's loss is no number at any step."""
        if column in self._columns:
            return self._columns[column]
        nothing = Series()
        nothing.extend(np.full(len(self), np.nan))
        return nothing

    def column(self, column: str) -> NDArray[np.generic]:
        """All values of one of `columns`."""
        return self.series(column).values

    @property
    def last_step(self) -> int:
        """The newest step, 0 before the first."""
        return int(self.column("step")[-1]) if len(self) else 0

    @property
    def looks(self) -> list[Evaluated]:
        """The looks at the validation text in the order of the weights that were measured, one a step."""
        return looks_in_place(self.evaluations)

    @property
    def best(self) -> Evaluated | None:
        """The look at the validation text that the run held for the best so far; in the end that at the weights it keeps."""
        if marked := [event for event in self.evaluations if event.is_best or event.of_step is not None]:
            return marked[-1]
        seen = [event for event in self.evaluations if np.isfinite(event.figures.get("loss", np.nan))]
        return min(seen, key=lambda event: event.figures["loss"], default=None)

    def summary(self, state: str = "", total_steps: int | None = None) -> RunSummary:
        """How the run stands, as a list or another program is told of it."""
        rows = len(self)
        return summarize(
            self.name,
            self.evaluations,
            state=state,
            step=self.last_step,
            tokens=int(self.column("tokens")[-1]) if rows else 0,
            seconds=float(self.column("seconds")[-1]) if rows else 0.0,
            total_steps=total_steps,
        )

    @property
    def steps(self) -> Steps:
        """The steps as an array."""
        table = np.empty(len(self), self._layout)
        for column in self.columns:
            table[column] = self.column(column)
        return table

    def memory_rows(self) -> NDArray[np.intp]:
        """Rows at which memory was measured."""
        rows: NDArray[np.intp] = self._measured.values  # type: ignore[assignment]
        return rows

    def add(self, events: Iterable[Event]) -> bool:
        """Take what concerns this run from a bundle of events. Returns whether there was anything."""
        steps: list[TrainStep] = []
        changed = False
        for event in events:
            match event:
                case TrainStep():
                    if event.step <= (steps[-1].step if steps else self.last_step):
                        self._append(steps)
                        steps = []
                        self.cut(event.step - 1)
                    steps.append(event)
                case Evaluated(split="val"):
                    self.evaluations.append(event)
                case Sampled():
                    self.samples.append(event)
                case Noted() if event.message.template == NOTHING_HELD_OUT.template:
                    self.has_held_out = False
                case Noted() if event.message.template == ANSWERS_WEIGHTED.template:
                    self.weighs_answers = True
                case _:
                    continue
            changed = True
        self._append(steps)
        return changed

    def cut(self, step: int) -> None:
        """Forget everything after `step`."""
        count = int(np.searchsorted(self.column("step"), np.int64(step), side="right"))
        for series in self._columns.values():
            series.cut(count)
        self._measured.cut(int(np.searchsorted(self._measured.values, count)))
        self.evaluations = [event for event in self.evaluations if event.step <= step]
        self.samples = [event for event in self.samples if event.step <= step]

    def _append(self, events: Sequence[TrainStep]) -> None:
        if events:
            layout = wide_enough(self._layout, events)
            self._append_table(np.array([record(event, layout) for event in events], dtype=layout))

    def _append_table(self, table: Steps) -> None:
        first = len(self)
        for column in names_of(table.dtype):
            if column not in self._columns:  # of an open kind, and new: nothing so far
                self._columns[column] = Series(table.dtype[column])
                self._columns[column].extend(np.full(first, empty_value(table.dtype, column)))
        self._layout = table.dtype
        for column, series in self._columns.items():
            series.extend(table[column])
        measured = np.any([table[kind] >= 0 for kind in memory_of(self._layout)], axis=0)
        self._measured.extend(np.nonzero(measured)[0] + first)

    @classmethod
    def from_history(cls, name: str, history: History) -> RunData:
        """A run as it was kept on disk."""
        run = cls(name)
        run._append_table(history.steps if len(history.steps) else np.empty(0, STEP))
        run.add(history.events)
        return run
