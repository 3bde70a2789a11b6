from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from llmstudio.core.events import Evaluated, Event, Progress, Sampled, TrainStep
from llmstudio.core.training.history import HistoryWriter, read_history
from llmstudio.core.words import words
from llmstudio.gui.shared.plots.run_data import RunData


def step_at(step: int, loss: float = 2.0) -> TrainStep:
    memory = {"process": 500 + step, "base": 300} if step % 5 == 0 else {}
    return TrainStep(
        job="train", step=step, time=100.0 + step / 3, loss=loss, learning_rate=0.1 + step / 7, grad_norm=0.3,
        tokens=64 * step, tokens_per_second=123.4, remaining_s=None, memory=memory,
    )  # fmt: skip


def a_run(steps: int, seed: int = 0) -> list[Event]:
    noise = np.random.default_rng(seed)
    events: list[Event] = []
    for step in range(1, steps + 1):
        events.append(step_at(step, float(3 / step + noise.normal(0, 0.1))))
        if step % 20 == 0:
            figures = {"loss": 3.1 / step, "bits_per_byte": 1.0}
            events.append(Evaluated(job="train", step=step, split="val", figures=figures, is_best=True))
            events.append(Sampled(job="train", step=step, prompt="a", text="b"))
    return events


def test_that_a_run_opened_from_disk_has_the_very_numbers_it_had_while_it_lived(tmp_path: Path) -> None:
    events = a_run(133)
    live = RunData("run")
    with HistoryWriter(tmp_path) as history:
        for start in range(0, len(events), 7):  # in bundles, as a window gets them
            live.add(events[start : start + 7])
            for event in events[start : start + 7]:
                history.add(event)
    opened = RunData.from_history("run", read_history(tmp_path))
    assert opened.columns == live.columns
    for column in live.columns:
        np.testing.assert_array_equal(opened.column(column), live.column(column))
    np.testing.assert_array_equal(opened.memory_rows(), live.memory_rows())
    assert opened.evaluations == live.evaluations
    assert opened.samples == live.samples
    rows = np.arange(len(live))
    np.testing.assert_array_equal(opened.series("loss").smooth(rows, 9), live.series("loss").smooth(rows, 9))


def test_that_a_run_gone_back_to_its_checkpoint_forgets_what_came_after() -> None:
    run = RunData("run")
    run.add(a_run(50))
    again = [step_at(step, 9.0) for step in range(41, 60)]
    run.add(again)
    assert run.column("step").tolist() == list(range(1, 60))
    assert run.column("loss")[40:].tolist() == [9.0] * 19
    assert [event.step for event in run.evaluations] == [20, 40]
    assert run.memory_rows().tolist() == [row for row in range(59) if (row + 1) % 5 == 0]


def test_that_going_back_inside_a_bundle_is_seen() -> None:
    run = RunData("run")
    run.add([step_at(1), step_at(2), step_at(3), step_at(2, 7.0), step_at(3, 8.0)])
    assert run.column("loss").tolist() == [2.0, 7.0, 8.0]


def test_that_other_events_change_nothing() -> None:
    run = RunData("run")
    assert not run.add([Progress(what=words("Reading"), done=1)])
    assert not run.add([Evaluated(split="notes.txt", figures={"loss": 1.0})])
    assert len(run) == 0


def test_that_the_best_is_what_the_run_held_for_the_best() -> None:
    run = RunData("run")
    looks = [Evaluated(job="train", step=s, split="val", figures={"loss": v}) for s, v in ((1, 3.0), (2, 1.0), (3, 2.0))]
    run.add(looks)
    assert run.best == looks[1]
    run.add([replace(looks[2], step=4, is_best=True)])
    assert run.best is not None
    assert run.best.step == 4
