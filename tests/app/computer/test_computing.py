from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.computer import computing, probe
from llmstudio.app.computer.computing import Computing, chosen, decide
from llmstudio.app.computer.hardware import Probe, is_quiet, keep_probe, machine, probe_key, saved_probe
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event, Finished
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

AUTO = TrainingConfig()


def measured(**changes: object) -> Probe:
    now = time.time()
    found = Probe(
        key=probe_key(), matmul={"fp32": 1e11, "bf16": 5e11}, format_gain={"bf16": 5.0}, bandwidth=1e10, threads=1,
        thread_speeds={"1": 1e11}, measured=now, tried=now, load=0.02,
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def decision(training: TrainingConfig) -> tuple[Computing, list[Event]]:
    events: list[Event] = []
    found: list[Computing | None] = []

    def decided() -> Iterator[Event]:
        found.append((yield from chosen(training, job="train", stop=Stop())))

    events += decided()
    assert found[0] is not None
    return found[0], events


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Probe]:
    """What measuring finds, instead of measuring: quiet once, after whatever is put in front."""
    found = [measured(threads=2, format_gain={"bf16": 4.0})]

    def measure(*, stop: Stop) -> Iterator[Event]:
        keep_probe(found.pop(0))
        yield Finished(job="probe")

    monkeypatch.setattr(probe, "probe", measure)
    monkeypatch.setattr(probe, "load_now", lambda: 0.1)
    return found


def test_that_a_quiet_measurement_is_taken_once_and_believed(counted: list[Probe]) -> None:
    first, _ = decision(AUTO)
    second, events = decision(AUTO)
    assert first == second
    assert counted == events == []
    assert (first.training.number_format, first.training.threads) == ("bf16", 2)
    assert "4.0 times as fast" in str(first.why)


@pytest.mark.parametrize("load", [0.6, -1.0])
def test_that_one_taken_beside_busy_programs_is_taken_again(counted: list[Probe], load: float) -> None:
    keep_probe(measured(load=load, threads=1, format_gain={"bf16": 1.0}, tried=time.time() - 3600))
    found, _ = decision(AUTO)
    assert counted == []
    assert (found.training.number_format, found.training.threads) == ("bf16", 2)


def test_that_another_processor_is_measured_anew(counted: list[Probe]) -> None:
    keep_probe(measured(key="another machine"))
    decision(AUTO)
    assert counted == []


def test_that_a_busy_computer_is_not_measured_before_every_run_and_the_doubt_is_said(counted: list[Probe]) -> None:
    keep_probe(measured(load=0.6))
    found, events = decision(AUTO)
    assert (len(counted), events) == (1, [])
    assert "took 60 %" in str(found.why)
    assert found.training.threads == machine().cores  # one thread seemed best beside others


def test_that_a_computer_that_is_busy_now_is_not_measured_in_full_but_its_formats_are_known_and_stay(
    counted: list[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "load_now", lambda: 0.8)
    monkeypatch.setattr(probe, "_PIECE_S", 0.001)
    monkeypatch.setattr(probe, "_SIZES", ((16, 8, 16), (16, 8, 16)))
    first, events = decision(AUTO)
    assert (len(counted), events) == (1, [])
    assert first.training.threads == machine().cores
    assert "took 80 %" in str(first.why)
    kept = saved_probe()
    assert kept is not None
    assert not is_quiet(kept)
    assert decision(AUTO)[0] == first  # the same answer for the next run
    monkeypatch.setattr(probe, "load_now", lambda: 0.1)
    keep_probe(replace(kept, tried=time.time() - 3600))
    assert decision(AUTO)[0].training.threads == 2  # quiet at last: measured
    assert counted == []


def test_that_settings_that_are_fixed_need_no_measurement(counted: list[Probe]) -> None:
    found, _ = decision(replace(AUTO, number_format="fp32", threads=3))
    assert (len(counted), found.training.number_format, found.training.threads) == (1, "fp32", 3)


@pytest.mark.parametrize("threads", [0, 3])
def test_that_16_bit_numbers_are_not_promised_where_there_may_be_no_gpu(threads: int) -> None:
    found = decide(replace(AUTO, number_format="fp16", threads=threads), measured())
    assert "without a GPU" in str(found.why)


def test_that_what_one_device_measured_is_not_said_of_another() -> None:
    found = decide(replace(AUTO, device="cpu"), measured(device="cuda", format_gain={"bf16": 9.0}))
    assert found.training.number_format == "fp32"
    assert "cpu was not measured" in str(found.why)


def test_that_a_quiet_measurement_is_not_given_up_for_a_disturbed_one() -> None:
    quiet, busy, busier = measured(), measured(load=0.5), measured(load=0.9, tried=2.0)
    assert probe.better(busy, quiet).load == quiet.load
    assert probe.better(quiet, busy) == quiet
    assert probe.better(busier, busy) == replace(busy, tried=2.0)
    assert probe.better(busy, measured(load=-1.0)) == busy
    assert probe.better(busy, None) == busy


def test_that_our_own_work_is_not_taken_for_that_of_others() -> None:
    others, until = probe.Others(), time.perf_counter() + 0.5
    while time.perf_counter() < until:
        pass
    mine = others.share()
    assert 0.0 <= mine <= 1.0
    began = probe.Others()
    began._began = (began._began[0] - 10.0, began._began[1] - 10.0 * 1000, began._began[2])
    assert began.share() == 1.0  # and what others did is seen


def test_that_a_run_knows_how_it_computes_and_keeps_it_when_it_goes_on(project: Project, tiny: Recipe) -> None:
    keep_probe(measured())
    auto = change(tiny, {"training.number_format": "auto", "training.threads": 0})
    stop = Stop()
    work = train(project, corpus="World", tokenizer="Words", name="Auto", recipe=auto, stop=stop)
    for event in work:
        if event.step == 3:
            stop.request()
    about = project.about("model", "Auto")
    assert "bfloat16, threads: 1 (measured 5.0 times as fast" in str(summary_of(project, about).computing)
    keep_probe(measured(format_gain={"bf16": 1.0}))  # a later measurement says otherwise
    list(resume(project, "Auto", stop=Stop()))
    from llmstudio.core.models.checkpoint.read import find_checkpoint

    checkpoint, _ = find_checkpoint(about.path, "last")
    assert checkpoint.step == 6
    assert checkpoint.card.run.training["number_format"] == "bf16"


def test_that_a_recipe_with_everything_fixed_gives_equal_weights_run_after_run(project: Project, tiny: Recipe) -> None:
    hashes = set()
    for name in ("First", "Second"):
        list(train(project, corpus="World", tokenizer="Words", name=name, recipe=tiny, stop=Stop()))
        hashes.add(project.about("model", name).facts["hash"])
        shutil.rmtree(project.path("dataset", "World · Words"), ignore_errors=name == "Second")
    assert hashes == {project.about("model", "Tiny").facts["hash"]}


def test_that_the_measurement_looks_at_what_others_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PIECE_S", 0.001)
    monkeypatch.setattr(probe, "_SIZES", ((16, 8, 16), (16, 8, 16)))
    monkeypatch.setattr(probe, "_STEPS", ((1, 16, 2, 2, 8),))
    monkeypatch.setattr(probe.Others, "share", lambda self: 0.7)
    said = [str(getattr(event, "message", "")) for event in probe.probe(stop=Stop())]
    assert any("70 %" in text for text in said)
    found = saved_probe()
    assert found is not None
    assert not is_quiet(found)
    assert computing.decide(AUTO, found).training.threads == machine().cores
