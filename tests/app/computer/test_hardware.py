from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.computer import hardware, probe
from llmstudio.app.computer.estimate import Estimate, estimate, expectation, step_flops, step_seconds
from llmstudio.app.computer.hardware import Probe, best_number_format, keep_probe, machine, probe_key, saved_probe
from llmstudio.app.presets.by_name import preset
from llmstudio.core.events import Finished, Progress, Started, Stopped
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.work import Stop


def timed(layers: int, width: int, tokens: int, flops: float) -> dict[str, float]:
    """A step on an imagined computer: a millisecond a layer, 10 GB/s of activations, 100 GFLOP/s."""
    seconds = 1e-3 * layers + tokens * (20 * layers * width + 4 * 512) / 10e9 + flops / 100e9
    return {"layers": layers, "width": width, "tokens": tokens, "vocab_size": 512, "flops": flops, "seconds": seconds}


STEPS = [timed(2, 64, 128, 1e8), timed(2, 64, 2048, 1.7e9), timed(4, 128, 1024, 5.5e9), timed(4, 256, 1024, 2.1e10)]


def measured(**changes: object) -> Probe:
    found = Probe(
        key=probe_key(),
        matmul={"fp32": 1e11, "bf16": 5e11},
        format_gain={"bf16": 5.0},
        bandwidth=1e10,
        threads=2,
        thread_speeds={"1": 6e10, "2": 1e11},
        steps=STEPS,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def test_that_this_machine_is_known_without_measuring() -> None:
    found = machine()
    assert found.cpu
    assert found.system
    assert found.cores >= 1
    assert found.memory_bytes > 2**28


def test_that_a_measurement_is_kept_for_this_machine_only(home: Path) -> None:
    assert saved_probe() is None
    keep_probe(measured(gpu="Imagined 9000"))
    assert saved_probe() == measured(gpu="Imagined 9000")
    assert machine().gpu == "Imagined 9000"
    keep_probe(measured(key="another machine"))
    assert saved_probe() is None


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"key": 1}', '"x"'])
def test_that_a_damaged_measurement_means_measuring_again(home: Path, content: str) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "speed.json").write_text(content)
    assert saved_probe() is None


@pytest.mark.parametrize(
    ("gains", "device", "best"),
    [
        ({"bf16": 5.0}, "cpu", "bf16"),
        ({"bf16": 1.29}, "cpu", "fp32"),
        ({"bf16": 0.02}, "cpu", "fp32"),
        ({}, "cpu", "fp32"),
        ({"bf16": 1.0, "fp16": 9.0}, "cpu", "fp32"),
        ({"bf16": 4.0, "fp16": 4.1}, "cuda", "bf16"),
        ({"bf16": 0.5, "fp16": 4.0}, "cuda", "fp16"),
    ],
)
def test_that_a_number_format_must_win_clearly(gains: dict[str, float], device: str, best: str) -> None:
    assert best_number_format(measured(format_gain=gains, device=device)) == best


def test_that_the_forecast_of_time_finds_the_computers_own_costs() -> None:
    recipe = change(preset("micro").recipe, {"training.number_format": "fp32"})
    model = recipe.model
    tokens = recipe.training.batch_size * model.context_length
    flops = step_flops(recipe, vocab_size=512)
    truth = timed(model.num_layers, model.embed_dim, tokens, flops)["seconds"]
    assert step_seconds(recipe, vocab_size=512, probe=measured()) == pytest.approx(truth, rel=0.01)


def test_that_flops_are_those_of_the_textbook() -> None:
    recipe = Recipe()
    tokens = recipe.training.batch_size * recipe.model.context_length
    attention = 6 * recipe.model.num_layers * recipe.model.embed_dim * recipe.model.context_length
    assert step_flops(recipe, vocab_size=100) == tokens * (6 * recipe.num_parameters(100) + attention)


def forecast(**changes: object) -> Estimate:
    recipe = change(preset("micro").recipe, {f"training.{name}": value for name, value in changes.items()})
    return estimate(recipe, vocab_size=2048, dataset_tokens=1_000_000, probe=measured())


def test_that_more_work_is_foretold_to_take_more() -> None:
    few, many = forecast(batch_size=8), forecast(batch_size=64)
    assert few.seconds_per_1000_steps is not None
    assert many.seconds_per_1000_steps is not None
    assert many.seconds_per_1000_steps > few.seconds_per_1000_steps
    assert many.peak_bytes > few.peak_bytes
    twice = forecast(batch_size=8, grad_accumulation_steps=2).seconds_per_1000_steps
    assert twice == pytest.approx(2 * few.seconds_per_1000_steps)


def test_that_the_parts_of_the_memory_are_the_whole() -> None:
    found = forecast()
    assert sum(found.breakdown.values()) == found.peak_bytes
    assert found.parameters == preset("micro").recipe.num_parameters(2048)
    assert found.breakdown["weights"] == 4 * found.parameters


def test_that_without_a_measurement_no_time_is_foretold() -> None:
    found = estimate(preset("micro").recipe, vocab_size=2048, dataset_tokens=0, probe=None)
    assert found.seconds_per_1000_steps is None
    assert found.passes is None
    assert found.peak_bytes > 0


def test_that_a_time_limit_counts_as_the_steps_that_fit() -> None:
    by_time = forecast(max_seconds=60.0)
    assert by_time.seconds_per_1000_steps is not None
    steps = round(60e3 / by_time.seconds_per_1000_steps)
    assert by_time.tokens_per_parameter == pytest.approx(forecast(max_steps=steps).tokens_per_parameter, rel=0.01)


@pytest.mark.parametrize(
    ("tokens_per_parameter", "passes", "word"),
    [
        (None, None, "not known"),
        (0.5, 0.1, "hardly"),
        (3.0, 1.0, "phrases"),
        (20.0, 1.0, "Well fed"),
        (500.0, 1.0, "larger model"),
        (20.0, 10.0, "repeat"),
        (20.0, 100.0, "by heart"),
    ],
)
def test_that_the_expectation_is_said_in_words(tokens_per_parameter: float, passes: float, word: str) -> None:
    assert word in str(expectation(tokens_per_parameter, passes))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PIECE_S", 0.001)
    monkeypatch.setattr(probe, "_SIZES", ((16, 8, 16), (16, 8, 16)))
    monkeypatch.setattr(probe, "_STEPS", ((1, 16, 2, 2, 8), (1, 16, 2, 4, 8), (2, 32, 2, 2, 8)))
    monkeypatch.setattr(probe, "_thread_counts", lambda: [1])


@pytest.mark.usefixtures("hurried")
def test_that_measuring_keeps_what_it_found() -> None:
    heard = list(probe.probe(stop=Stop()))
    assert isinstance(heard[0], Started)
    assert isinstance(heard[-1], Finished)
    found = saved_probe()
    assert found is not None
    assert found == Probe(**heard[-1].result)
    assert found.matmul["fp32"] > 0
    assert found.bandwidth > 0
    assert len(found.steps) == 3
    assert best_number_format(found) in ("fp32", "bf16", "fp16")
    assert step_seconds(preset("nano").recipe, vocab_size=100, probe=found) is not None


@pytest.mark.usefixtures("hurried")
def test_that_measuring_can_be_stopped_between_any_two_stages() -> None:
    stages = sum(isinstance(event, Progress) for event in probe.probe(stop=Stop()))
    (hardware.cache_folder() / "speed.json").unlink()
    for after in range(1, stages):
        stop, heard = Stop(), []
        for event in probe.probe(stop=stop):
            heard.append(event)
            if sum(isinstance(e, Progress) for e in heard) == after:
                stop.request()
        assert isinstance(heard[-1], Stopped), after
    assert saved_probe() is None


@pytest.mark.parametrize(
    ("rows", "have_answers", "by_document"),
    [("auto", True, True), ("auto", False, False), ("documents", False, True), ("running", True, False)],
)
def test_that_documents_shorter_than_the_context_need_less_memory_where_rows_stand_alone(
    rows: str, have_answers: bool, by_document: bool
) -> None:
    recipe = change(preset("micro").recipe, {"training.rows": rows, "model.context_length": 256})

    def peak(longest: int | None) -> int:
        found = estimate(
            recipe, vocab_size=2048, dataset_tokens=10**6, longest_document=longest, have_answers=have_answers, probe=None
        )
        return found.peak_bytes

    assert (peak(30) < peak(100) < peak(None)) is by_document
    assert peak(300) == peak(None)
    assert peak(30) == peak(32), "rows are padded to eights"
