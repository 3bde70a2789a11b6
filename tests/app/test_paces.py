from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app import jobs, paces
from llmstudio.app.estimate import estimate, step_seconds
from llmstudio.app.hardware import Probe
from llmstudio.app.paces import Pace, correction, saved_paces
from llmstudio.app.presets import preset
from llmstudio.app.recipe import Recipe, change
from llmstudio.app.run_summary import summary_of
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

NANO, LSTM = preset("nano").recipe, preset("lstm:nano").recipe
STEPS = [
    {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.004},
    {"layers": 4.0, "width": 128.0, "tokens": 2048.0, "vocab_size": 512.0, "flops": 1e10, "seconds": 0.12},
]
PROBE = Probe("key", {"fp32": 1e11}, {"bf16": 1.0}, 1e10, 2, {"2": 1e11}, STEPS)


def ran(recipe: Recipe, ratio: float) -> Pace:
    foretold = step_seconds(recipe, vocab_size=2048, probe=PROBE)
    assert foretold is not None
    return Pace(recipe, 2048, ratio * foretold)


def test_that_a_forecast_follows_the_middle_one_of_the_newest_runs_of_the_family() -> None:
    slow, quick = [ran(NANO, 9.0)] * 20, [ran(NANO, r) for r in (0.5, 0.25, 4.0, 0.25, 0.3)]
    factor, runs = correction([*slow, *quick, ran(LSTM, 7.0)], NANO, PROBE)
    assert (factor, runs) == (pytest.approx(statistics.median([0.5, 0.25, 4.0, 0.25, 0.3])), 5)
    assert correction([*slow, ran(LSTM, 7.0)], LSTM, PROBE) == (pytest.approx(7.0), 1)


def test_that_a_family_not_run_yet_goes_by_the_others_and_other_formats_count_for_nothing() -> None:
    gru = preset("gru:nano").recipe
    assert correction([ran(NANO, 0.2)], gru, PROBE) == (pytest.approx(0.2), 1)
    fixed = change(NANO, {"training.number_format": "fp32"})
    assert correction([ran(fixed, 5.0)], NANO, PROBE) == (1.0, 0)
    assert correction([ran(NANO, 5.0)], NANO, None) == (1.0, 0)
    assert correction([], NANO, PROBE) == (1.0, 0)


def test_that_the_corrected_forecast_is_the_pace_of_the_run() -> None:
    run = ran(NANO, 0.1)
    factor, _ = correction([run], NANO, PROBE)
    found = estimate(NANO, vocab_size=2048, dataset_tokens=1_000_000, probe=PROBE, correction=factor)
    assert found.seconds_per_1000_steps == pytest.approx(1000 * run.seconds)


def test_that_a_run_is_remembered_with_its_own_pace(project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "_LEAST_STEPS", 5)
    monkeypatch.setattr(paces, "_LEAST_SECONDS", 0.0)
    list(jobs.train(project, corpus="World", tokenizer="Words", name="New", recipe=tiny, stop=Stop()))
    found = summary_of(project, project.about("model", "New"))
    (kept,) = saved_paces()
    assert kept.recipe == tiny
    assert kept.seconds == pytest.approx(found.seconds / found.step)
    monkeypatch.setattr(paces, "probe_key", lambda: "another computer")
    assert saved_paces() == ()


def test_that_a_short_run_tells_nothing_and_only_so_many_are_kept(
    project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.about("model", "Tiny").path
    paces.remember(folder, tiny, 100)
    assert saved_paces() == ()
    monkeypatch.setattr(paces, "_LEAST_STEPS", 1)
    monkeypatch.setattr(paces, "_LEAST_SECONDS", 0.0)
    for seed in range(45):
        paces.remember(folder, replace(tiny, training=replace(tiny.training, seed=seed)), 100)
    assert [pace.recipe.training.seed for pace in saved_paces()] == list(range(5, 45))


@pytest.mark.parametrize("content", ["{", "[]", '{"key": 1}', '{"key": "KEY", "runs": [1, {}, {"recipe": 3}]}'])
def test_that_a_damaged_list_counts_for_nothing(home: Path, content: str) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "paces.json").write_text(content.replace("KEY", paces.probe_key()), encoding="utf-8")
    assert saved_paces() == ()
