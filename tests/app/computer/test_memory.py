"""Runs that were made on this computer put right the memory that is foretold of like ones, and of no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmstudio.app.computer.dealt import Dealt
from llmstudio.app.computer.memory import memory
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.presets.by_name import preset
from llmstudio.core.recipe import Recipe, change


def on_text(recipe: Recipe, *, rows_vary: bool = False) -> Dealt:
    return Dealt(change(recipe, {"training.number_format": "fp32"}), 800, recipe.model.context_length, rows_vary)


NANO, MICRO, LSTM = (on_text(preset(key).recipe) for key in ("nano", "micro", "lstm:nano"))


def ran(what: Dealt, factor: float, *, steps: int = 150) -> PastRun:
    foretold = memory(what, None)
    rest = sum(foretold.values()) - foretold["activations"]
    return PastRun(what, 0.01, 0.0, steps, round(rest + factor * foretold["activations"]))


def total(what: Dealt, past: list[PastRun]) -> int:
    return sum(memory(what, None, past).values())


def test_that_a_run_made_again_is_foretold_as_it_was_measured() -> None:
    for factor in (0.6, 1.0, 1.7):
        run = ran(NANO, factor)
        assert total(NANO, [ran(MICRO, 3.0), run, ran(LSTM, 0.5)]) == pytest.approx(run.peak_bytes, rel=1e-6)
    assert total(NANO, [ran(NANO, 3.0), ran(NANO, 1.5)]) == ran(NANO, 1.5).peak_bytes, "the newest of equal ones"


def test_that_another_size_of_the_family_follows_in_what_is_not_exact() -> None:
    found, before = memory(MICRO, None, [ran(NANO, 1.5)]), memory(MICRO, None)
    assert found["activations"] == pytest.approx(1.5 * before["activations"], rel=1e-3)
    assert {kind: found[kind] for kind in ("weights", "gradients", "optimizer")} == {
        kind: before[kind] for kind in ("weights", "gradients", "optimizer")
    }


@pytest.mark.parametrize(
    "other",
    [
        ran(LSTM, 3.0),  # another family
        ran(on_text(preset("nano").recipe, rows_vary=True), 3.0),  # rows of another kind
        ran(replace(NANO, recipe=change(NANO.recipe, {"training.number_format": "bf16"})), 3.0),
        ran(NANO, 3.0, steps=40),  # too short to have grown as far as it would
        replace(ran(NANO, 3.0), peak_bytes=0),  # not known
        ran(replace(NANO, recipe=change(NANO.recipe, {"training.batch_size": 4096})), 3.0),  # far from it
    ],
)
def test_that_a_run_of_another_sort_says_nothing(other: PastRun) -> None:
    assert total(NANO, [other]) == total(NANO, [])


@pytest.mark.parametrize(("device", "wide"), [("cpu", True), ("auto", True), ("cuda", False)])
def test_that_16_bit_numbers_are_foretold_as_the_32_bit_ones_that_a_processor_takes_for_them(
    device: str, wide: bool
) -> None:
    asked = replace(NANO, recipe=change(NANO.recipe, {"training.number_format": "fp16", "training.device": device}))
    assert (memory(asked, None) == memory(NANO, None)) == wide


def test_that_a_measurement_gone_wrong_moves_a_forecast_only_so_far() -> None:
    assert memory(NANO, None, [replace(ran(NANO, 1.0), peak_bytes=2**40)])["activations"] == pytest.approx(
        4 * memory(NANO, None)["activations"], rel=1e-3
    )
