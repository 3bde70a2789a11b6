from __future__ import annotations

import csv
import io
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Noted, Piece, Progress, Sampled, Saved, TrainStep
from llmstudio.core.training.history import EVENTS_FILE, FIGURE_COLUMNS, HistoryWriter, read_end, read_history, write_csv
from llmstudio.core.training.steps import (
    MEMORY_KINDS,
    NOT_MEASURED,
    STEP,
    STEPS_FILE,
    names_of,
    record,
    rows_begin,
    step_event,
    wide_enough,
    write_steps,
)
from llmstudio.core.words import words


def step_at(step: int, loss: float = 2.5, **memory: int) -> TrainStep:
    return TrainStep(
        job="train",
        step=step,
        time=1_700_000_000.25 + step,
        loss=loss,
        learning_rate=0.003,
        grad_norm=0.5,
        tokens=step * 512,
        tokens_per_second=18_200.0,
        remaining_s=None if step % 2 else 12.5,
        memory=memory,
    )


def a_run(num_steps: int) -> list[Event]:
    events: list[Event] = []
    for step in range(1, num_steps + 1):
        events.append(step_at(step, 3.0 / step, **({"process": 10**9, "base": 10**8} if step % 5 == 1 else {})))
        if step % 10 == 0:
            figures = {"loss": 3.1 / step, "bits_per_byte": 1.5}
            events.append(Evaluated(job="train", step=step, time=5.0, split="val", figures=figures, is_best=True))
            events.append(Sampled(job="train", step=step, time=5.0, prompt="小狐狸", text="小狐狸 ran \u2028 home"))
            events.append(Saved(job="train", step=step, time=5.0, kind="checkpoint", name=str(step), location="x"))
    return events


def written(folder: Path, events: list[Event]) -> None:
    with HistoryWriter(folder) as history:
        for event in events:
            history.add(event)


def rounded(event: Event) -> Event:
    return step_event(np.array(record(event, STEP), dtype=STEP)[()]) if isinstance(event, TrainStep) else event


@settings(max_examples=60, deadline=None)
@given(
    step=st.integers(0, 2**40),
    loss=st.floats(width=32, allow_nan=False),
    remaining=st.none() | st.floats(0, 1e6, width=32),
    memory=st.dictionaries(st.sampled_from(MEMORY_KINDS), st.integers(0, 2**45)),
)
def test_that_a_step_survives_its_record(step: int, loss: float, remaining: float | None, memory: dict[str, int]) -> None:
    event = TrainStep(
        job="train",
        step=step,
        time=1.5,
        loss=loss,
        learning_rate=0.25,
        grad_norm=0.5,
        tokens=7 * step,
        tokens_per_second=8.0,
        remaining_s=remaining,
        memory=memory,
    )
    assert rounded(event) == event


def test_that_a_replay_tells_the_run_again_in_order(tmp_path: Path) -> None:
    events = a_run(47)
    written(tmp_path, events)
    assert list(read_history(tmp_path).replay()) == [rounded(event) for event in events]


def test_that_a_loss_that_is_not_a_number_is_kept(tmp_path: Path) -> None:
    written(tmp_path, [step_at(1), step_at(2, math.nan), step_at(3, math.inf)])
    loss = read_history(tmp_path).steps["loss"]
    assert math.isnan(loss[1])
    assert math.isinf(loss[2])


def test_that_a_cut_run_gone_on_with_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    events = a_run(50)
    written(tmp_path / "whole", events)
    with HistoryWriter(tmp_path / "cut") as history:
        for event in events:
            if event.step <= 37:
                history.add(event)
    with HistoryWriter(tmp_path / "cut") as history:
        history.cut(30)
        for event in events:
            if event.step > 30:
                history.add(event)
    for name in (STEPS_FILE, EVENTS_FILE):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("lost", [1, 17, STEP.itemsize - 1])
def test_that_half_a_record_and_half_a_line_are_left_out_and_then_cut_off(tmp_path: Path, lost: int) -> None:
    events = a_run(20)
    written(tmp_path, events)
    for name in (STEPS_FILE, EVENTS_FILE):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:-lost])
    torn = read_history(tmp_path)
    assert len(torn.steps) == 19
    assert len(torn.events) == 5 + 1
    told = torn.events[-1]
    assert isinstance(told, Noted)
    assert "up to 19" in str(told.message), "what is lost is said, as long as it is"
    written(tmp_path, [step_at(20), Noted(step=20, time=1.0, message=words("{n} lines", n=3))])
    mended = read_history(tmp_path)
    assert mended.steps["step"].tolist() == list(range(1, 21))
    assert len(mended.events) == 5 + 1
    assert mended.events[-1] == Noted(step=20, time=1.0, message=words("{n} lines", n=3))


def test_that_what_is_of_the_moment_is_not_kept(tmp_path: Path) -> None:
    written(tmp_path, [Progress(what=words("Reading"), done=1), Piece(text="a"), step_at(1)])
    history = read_history(tmp_path)
    assert history.events == []
    assert len(history.steps) == 1


def test_that_a_model_without_a_run_has_an_empty_history(tmp_path: Path) -> None:
    history = read_history(tmp_path)
    assert len(history.steps) == 0
    assert history.events == []


def test_that_rare_events_can_be_read_while_the_run_goes_on(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path) as history:
        for event in a_run(10):
            history.add(event)
        assert len(read_history(tmp_path).evaluations) == 1
        assert len(read_history(tmp_path).steps) == 10


def test_that_the_table_reads_back_to_the_very_same_numbers(tmp_path: Path) -> None:
    written(tmp_path, a_run(20))
    history = read_history(tmp_path)
    file = io.StringIO()
    write_csv(file, history.steps, history.evaluations)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert tuple(rows[0]) == (*names_of(STEP), *FIGURE_COLUMNS)
    for name in ("step", "loss", "learning_rate", "tokens", "time"):
        kind = STEP[name].type
        assert [kind(row[name]) for row in rows] == history.steps[name].tolist()
    process = [int(row["process"]) if row["process"] else NOT_MEASURED for row in rows]
    assert process == history.steps["process"].tolist()
    assert {int(row["step"]): float(row["val_loss"]) for row in rows if row["val_loss"]} == {
        event.step: event.figures["loss"] for event in history.evaluations
    }


def test_that_a_million_steps_open_at_once(tmp_path: Path) -> None:
    steps = np.zeros(1_000_000, STEP)
    steps["step"] = np.arange(1_000_000)
    write_steps(tmp_path, steps)
    assert read_history(tmp_path).steps["step"][-1] == 999_999


def of_before(with_seconds: bool) -> np.ndarray:
    """Forty steps as version 0.1.0 kept them, and as versions before it did, without the run's own seconds."""
    own = [("step", "<i8"), ("time", "<f8"), ("loss", "<f4"), ("learning_rate", "<f4"), ("grad_norm", "<f4"),
           ("tokens", "<i8"), ("tokens_per_second", "<f4"), ("remaining_s", "<f4")]  # fmt: skip
    parts = [("reconstruction", "<f4"), ("kl", "<f4"), ("kl_weight", "<f4")]
    kinds = ("process", "base", "weights", "gradients", "optimizer", "activations", "gpu")
    old = np.zeros(40, own + [("seconds", "<f8")] * with_seconds + parts + [(kind, "<i8") for kind in kinds])
    old["step"] = np.arange(1, 41)
    old["time"] = 1_700_000_000.0 + np.arange(40) * 0.5
    old["time"][30:] += 36_000.0  # went to bed, went on in the morning
    old["reconstruction"] = old["kl_weight"] = np.nan
    old["kl"] = 0.25
    old["process"] = 10**9
    if with_seconds:
        old["seconds"] = np.arange(1, 41) * 0.5
    return old


@pytest.mark.parametrize(("width", "with_seconds"), [(120, True), (112, False)])
def test_that_a_run_of_before_is_read_and_goes_on_without_counting_the_break(tmp_path: Path, width: int, with_seconds: bool):
    (tmp_path / f"steps-{width}.bin").write_bytes(of_before(with_seconds).tobytes() + b"half a record")
    before = read_history(tmp_path)
    assert before.steps["seconds"][-1] == pytest.approx(20.0 if with_seconds else 39 * 0.5)
    assert next(before.replay()).parts == {"kl": 0.25}
    assert next(before.replay()).memory["process"] == 10**9
    with HistoryWriter(tmp_path) as history:
        history.cut(35)
        history.add(step_at(36))
    steps = read_history(tmp_path).steps
    assert steps["step"].tolist() == list(range(1, 37))
    assert steps["seconds"][34] == pytest.approx(17.5 if with_seconds else 17.0)
    assert [path.name for path in tmp_path.glob("steps*.bin")] == [STEPS_FILE]


def with_parts(step: int, parts: dict[str, float], memory: dict[str, int]) -> TrainStep:
    return replace(step_at(step), parts=parts, memory=memory)


def test_that_parts_of_the_loss_and_kinds_of_memory_nobody_has_heard_of_are_kept(tmp_path: Path) -> None:
    events = [
        step_at(1),
        with_parts(2, {"distilled": 0.5}, {"process": 10**9, "adapters": 4096}),
        with_parts(3, {"distilled": 0.25, "hidden": 2.0}, {}),
        step_at(4),
    ]
    written(tmp_path, events)
    assert list(read_history(tmp_path).replay()) == [rounded_as_kept(event) for event in events]
    table = io.StringIO()
    write_csv(table, read_history(tmp_path).steps)
    rows = list(csv.DictReader(io.StringIO(table.getvalue())))
    assert [row["distilled"] for row in rows] == ["", "0.5", "0.25", ""]
    assert [row["adapters"] for row in rows] == ["", "4096", "", ""]


def rounded_as_kept(event: TrainStep) -> TrainStep:
    layout = wide_enough(STEP, [event])
    return step_event(np.array(record(event, layout), dtype=layout)[()])


def test_that_a_run_whose_file_a_newer_version_has_written_is_not_read_as_empty(tmp_path: Path) -> None:
    written(tmp_path, a_run(3))
    path = tmp_path / STEPS_FILE
    path.write_bytes(path.read_bytes().replace(b'["loss", "<f4"]', b'["lost", "<f4"]', 1))
    with pytest.raises(StudioError, match="damaged"):
        read_history(tmp_path)


@pytest.mark.parametrize("header", [b"", b"{}\n", b'{"columns": 3}\n', b'{"columns": [["step", "<i8"]]}\n', b"[" * 100_000])
def test_that_a_damaged_first_line_ends_in_a_sentence(tmp_path: Path, header: bytes) -> None:
    (tmp_path / STEPS_FILE).write_bytes(header)
    with pytest.raises(StudioError, match="damaged"):
        read_history(tmp_path)


def test_that_one_name_does_not_stand_for_two_columns(tmp_path: Path) -> None:
    with HistoryWriter(tmp_path) as history, pytest.raises(ValueError, match="loss"):
        history.add(with_parts(1, {"loss": 1.0}, {}))


def test_that_a_run_whose_record_cannot_be_cut_says_so_in_a_sentence(tmp_path):
    def cut_what_is_no_file() -> None:
        with HistoryWriter(tmp_path) as history:
            (tmp_path / EVENTS_FILE).unlink()
            (tmp_path / EVENTS_FILE).mkdir()
            history.cut(1)

    with pytest.raises(StudioError, match="damaged"):
        cut_what_is_no_file()


def test_that_a_damaged_line_is_told_in_its_place(tmp_path):
    with HistoryWriter(tmp_path) as history:
        for n in range(3):
            history.add(Noted(message=words("remark {n}", n=n)))
    path = tmp_path / EVENTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"event": "noted", "message": 3}\n' + lines[2])
    said = [str(event.message) for event in read_history(tmp_path).events]
    assert said == ["remark 0", "Line 2 of what this run said is damaged and left out.", "remark 2"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders there")
def test_that_a_run_whose_steps_are_a_pipe_is_not_waited_for(tmp_path):
    with HistoryWriter(tmp_path) as history:
        history.add(step_at(1))
    (tmp_path / STEPS_FILE).unlink()
    os.mkfifo(tmp_path / STEPS_FILE)
    with pytest.raises(StudioError, match="damaged"):
        read_history(tmp_path)
    with pytest.raises(StudioError):
        HistoryWriter(tmp_path)


def test_that_a_table_puts_the_closing_look_where_its_weights_are():
    looks = [
        Evaluated(step=1, split="val", figures={"loss": 2.0}, is_best=True),
        Evaluated(step=2, split="val", figures={"loss": 3.0}),
        Evaluated(step=2, split="val", figures={"loss": 2.5}, is_whole=True, of_step=1),
    ]
    file = io.StringIO()
    write_csv(file, np.array([(1,), (2,)], dtype=[("step", "<i8")]), looks)
    assert [row["val_loss"] for row in csv.DictReader(io.StringIO(file.getvalue()))] == ["2.5", "3.0"]


@pytest.mark.parametrize("kept", [0, 3, 19])
def test_that_a_run_whose_steps_were_cut_short_says_so_where_it_is_read(tmp_path: Path, kept: int) -> None:
    written(tmp_path, a_run(20))
    assert not [event for event in read_history(tmp_path).events if isinstance(event, Noted)]
    begin, size = rows_begin(tmp_path), read_history(tmp_path).steps.dtype.itemsize
    os.truncate(tmp_path / STEPS_FILE, begin + kept * size + size // 2)
    for read in (read_history, read_end):
        (told,) = [event for event in read(tmp_path).events if isinstance(event, Noted)]
        assert told.level == "warning"
        assert "come to step 20" in str(told.message)
        assert f"only up to {kept}:" in str(told.message)
