from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llmstudio.app.computer import past_runs as past
from llmstudio.app.computer.dealt import Dealt
from llmstudio.app.computer.estimate import SURE, estimate, step_seconds
from llmstudio.app.computer.hardware import Probe
from llmstudio.app.computer.paces import correction
from llmstudio.app.computer.past_runs import PastRun, past_runs
from llmstudio.app.presets.by_name import preset
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.verbs.train import train
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.training.history import read_history
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

NANO, LSTM = preset("nano").recipe, preset("lstm:nano").recipe
STEPS = [
    {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.004},
    {"layers": 4.0, "width": 128.0, "tokens": 2048.0, "vocab_size": 512.0, "flops": 1e10, "seconds": 0.12},
]
PROBE = Probe("key", {"fp32": 1e11}, {"bf16": 1.0}, 1e10, 2, {"2": 1e11}, STEPS, load=0.0)


BUSY = replace(PROBE, load=0.8)


def ran(recipe: Recipe, ratio: float, load: float = 0.0) -> PastRun:
    foretold = step_seconds(recipe, vocab_size=2048, probe=PROBE)
    assert foretold is not None
    return PastRun(Dealt(recipe, 2048, recipe.model.context_length, False), ratio * foretold, load)


def test_that_a_forecast_follows_the_middle_one_of_the_newest_runs_of_the_family() -> None:
    slow, quick = [ran(NANO, 9.0)] * 20, [ran(NANO, r) for r in (0.5, 0.25, 4.0, 0.25, 0.3)]
    found = correction([*slow, *quick, ran(LSTM, 7.0)], NANO, PROBE)
    assert (found.most, found.runs) == (pytest.approx(statistics.median([0.5, 0.25, 4.0, 0.25, 0.3])), 5)
    assert found.least == found.most
    found = correction([*slow, ran(LSTM, 7.0)], LSTM, PROBE)
    assert (found.most, found.runs) == (pytest.approx(7.0), 1)


def test_that_a_family_not_run_yet_goes_by_the_others_and_other_formats_count_for_nothing() -> None:
    gru = preset("gru:nano").recipe
    found = correction([ran(NANO, 0.2)], gru, PROBE)
    assert (found.most, found.runs) == (pytest.approx(0.2), 1)
    fixed = change(NANO, {"training.number_format": "fp32"})
    assert correction([ran(fixed, 5.0)], NANO, PROBE) == SURE
    assert correction([ran(NANO, 5.0)], NANO, None) == SURE
    assert correction([], NANO, PROBE) == SURE


@pytest.mark.parametrize(
    ("paces", "probe", "least", "most"),
    [
        ([ran(NANO, 16.0, load=0.7)], PROBE, 1.0, 16.0),  # a quiet measurement stands beside it
        ([ran(NANO, 0.9, load=0.7)], PROBE, 1.0, 1.0),  # fast though disturbed: nothing to doubt
        ([ran(NANO, 16.0, load=0.7), ran(NANO, 1.2)], PROBE, 1.2, 1.2),  # a quiet run is believed, a busy one not
        ([ran(NANO, 1.2), *[ran(NANO, 16.0, load=0.7)] * 9], PROBE, 1.2, 1.2),  # also among many
        ([ran(LSTM, 9.0, load=0.7), ran(NANO, 1.2)], PROBE, 1.2, 1.2),  # nor one of another family
        ([], BUSY, None, 1.0),  # a busy measurement says "at most"
        ([ran(NANO, 16.0, load=0.7)], BUSY, None, 1.0),
        ([ran(NANO, 0.3, load=0.7)], BUSY, None, 0.3),  # the lesser of two upper ends
        ([ran(NANO, 0.1)], BUSY, 0.1, 0.1),  # a quiet run puts it right
        ([ran(NANO, 0.1, load=-1.0)], BUSY, None, 0.1),  # where nobody looked it was not quiet
        ([], replace(PROBE, load=-1.0), None, 1.0),
    ],
)
def test_that_what_was_measured_beside_busy_programs_only_says_at_most(
    paces: list[PastRun], probe: Probe, least: float | None, most: float
) -> None:
    found = correction(paces, NANO, probe)
    assert (found.least, found.most) == (least if least is None else pytest.approx(least), pytest.approx(most))


def test_that_the_corrected_forecast_is_the_pace_of_the_run() -> None:
    run = ran(NANO, 0.1)
    by = correction([run], NANO, PROBE)
    found = estimate(NANO, vocab_size=2048, dataset_tokens=1_000_000, probe=PROBE, correction=by)
    assert found.seconds_per_1000_steps == pytest.approx(1000 * run.seconds)
    assert found.least_seconds == found.seconds


def test_that_the_forecast_of_a_short_run_counts_its_looks_and_its_pace_does_not(
    project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def foretold(held_out: int, steps: int) -> float:
        recipe = change(NANO, {"training.max_steps": steps, "training.eval_steps": max(1, steps // 20)})
        found = estimate(recipe, vocab_size=2048, dataset_tokens=10**6, held_out_tokens=held_out, probe=PROBE)
        assert found.seconds is not None
        return found.seconds

    # 2,048 tokens a step; 50,048 a look, each at a third of the cost: 20 looks, the last one and one at the whole.
    step_s = foretold(0, 60) / 60
    assert foretold(50_048, 60) == pytest.approx(step_s * (60 + (21 * 50_000 + 50_048) / 2048 / 3))
    assert foretold(50_048, 6000) < 1.05 * foretold(0, 6000)
    monkeypatch.setattr(past, "_LEAST_STEPS", 5)
    monkeypatch.setattr(past, "_LEAST_SECONDS", 0.0)
    looks = change(tiny, {"training.eval_steps": 2, "training.max_steps": 40})
    list(train(project, corpus="World", tokenizer="Words", name="New", recipe=looks, stop=Stop()))
    path = project.about("model", "New").path
    history = read_history(path)
    is_after_look = history.steps["step"] % 2 == 1
    (kept,) = past_runs()
    assert kept.seconds == pytest.approx(float(np.median(np.diff(history.steps["seconds"])[~is_after_look[1:]])))
    assert 0 <= kept.load <= 1
    # A look before every step leaves no step alone.
    past.remember(path, Dealt(change(tiny, {"training.eval_steps": 1}), 100, 8, False), load=0.0, peak_bytes=0)
    assert len(past_runs()) == 2
    each = change(tiny, {"training.eval_steps": 1, "training.max_steps": 40})
    list(train(project, corpus="World", tokenizer="Words", name="Each", recipe=each, stop=Stop()))
    assert len(past_runs()) == 2


def test_that_a_run_is_remembered_with_its_own_pace(project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "_LEAST_STEPS", 5)
    monkeypatch.setattr(past, "_LEAST_SECONDS", 0.0)
    end = list(train(project, corpus="World", tokenizer="Words", name="New", recipe=tiny, stop=Stop()))[-1]
    found = summary_of(project, project.about("model", "New"))
    (kept,) = past_runs()
    assert kept.dealt.recipe == tiny
    assert kept.peak_bytes == end.result["peak_bytes"] > 0  # type: ignore[attr-defined]
    assert 0 < kept.seconds <= found.seconds
    monkeypatch.setattr(past, "probe_key", lambda: "another computer")
    assert past_runs() == ()


def test_that_a_short_run_tells_nothing_and_only_so_many_are_kept(
    project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.about("model", "Tiny").path
    past.remember(folder, Dealt(tiny, 100, 8, False), load=0.0, peak_bytes=0)
    assert past_runs() == ()
    monkeypatch.setattr(past, "_LEAST_STEPS", 1)
    monkeypatch.setattr(past, "_LEAST_SECONDS", 0.0)
    for seed in range(45):
        seeded = replace(tiny, training=replace(tiny.training, seed=seed))
        past.remember(folder, Dealt(seeded, 100, 8, False), load=0.0, peak_bytes=0)
    assert [run.dealt.recipe.training.seed for run in past_runs()] == list(range(5, 45))


@pytest.mark.parametrize("content", ["{", "[]", '{"key": 1}', '{"key": "KEY", "runs": [1, {}, {"recipe": 3}]}'])
def test_that_a_damaged_list_counts_for_nothing(home: Path, content: str) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "runs.json").write_text(content.replace("KEY", past.probe_key()), encoding="utf-8")
    assert past_runs() == ()
