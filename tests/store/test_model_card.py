from __future__ import annotations

from typing import Any, cast

import pytest

from llmstudio.core.words import as_kept, words
from llmstudio.store.lineage import GROWN, PRUNED, Parent, Step
from llmstudio.store.model_card import Diverged, ModelCard, ModelFile, Result, read_model_card

OLD = Parent("1", "Tales", "abc")


def card(parent: Parent | None = None, **kept: Any) -> ModelCard:
    return read_model_card(cast(ModelFile, kept), parent)


def test_that_a_model_that_says_nothing_has_a_card_too() -> None:
    assert card() == ModelCard()
    assert card().family == "decoder"
    assert not card().is_pruned


def test_that_a_pruned_model_of_an_early_version_is_known_by_its_pruning() -> None:
    found = card(OLD, pruning={"method": "magnitude", "sparsity": 0.5}, state="pruned")
    assert found.is_pruned
    assert found.lineage == (Step(PRUNED, OLD, {"method": "magnitude", "sparsity": 0.5}),)


def test_that_a_model_of_an_early_version_that_learned_on_is_grown_from_its_parent() -> None:
    found = card(OLD, state="finished")
    assert found.lineage == (Step(GROWN, OLD),)
    assert not found.is_pruned


def test_that_the_last_step_made_the_model() -> None:
    steps = [{"verb": GROWN}, {"verb": PRUNED, "parent": OLD.to_file(), "settings": {"sparsity": 0.5}}]
    assert card(OLD, lineage=steps).is_pruned
    healed = card(OLD, lineage=[*steps, {"verb": GROWN, "parent": OLD.to_file()}])
    assert not healed.is_pruned
    assert [step.verb for step in healed.lineage] == [GROWN, PRUNED, GROWN]


@pytest.mark.parametrize(
    ("told", "bits", "loss"),
    [
        ({"bits_per_byte": 1.5, "val_loss": 2.0}, 1.5, 2.0),
        ({"bits_per_byte_before": 1.5, "bits_per_byte_after": 1.75, "val_loss_after": 3}, 1.75, 3.0),
        ({"bits_per_byte": None, "val_loss": None}, None, None),
        ({"steps": 3}, None, None),
    ],
)
def test_that_a_result_tells_the_figures_of_the_weights_that_are_kept(
    told: dict[str, Any], bits: float | None, loss: float | None
) -> None:
    result = card(result=told).result
    assert result is not None
    assert (result.bits_per_byte, result.val_loss) == (bits, loss)
    assert result.told == told


@pytest.mark.parametrize("name", ["bits_per_byte", "accuracy", "a_figure_of_a_later_version"])
def test_that_any_figure_of_a_pruned_model_is_read_as_it_was_before_and_after(name: str) -> None:
    result = card(result={f"{name}_before": 0.9, f"{name}_after": 0.25, "sample_after": "text", "sparsity": 0.5}).result
    assert result is not None
    assert (result.figures_before, result.figures[name], result.sparsity) == ({name: 0.9}, 0.25, 0.5)
    assert "sample" not in result.figures
    unmeasured = card(result={f"{name}_before": None, f"{name}_after": float("nan")}).result
    assert unmeasured is not None
    assert name not in {**unmeasured.figures, **unmeasured.figures_before}


def test_that_a_run_that_is_not_over_has_no_result() -> None:
    assert card(result=None).result is None
    assert card(result={}).result is None
    assert Result().steps == 0


def test_that_a_run_that_left_all_bounds_proposes_a_rate_whatever_it_kept() -> None:
    said = words("Too fast at {n}.", n=3)
    assert card(diverged={"message": as_kept(said), "proposed_rate": "0.001"}).diverged == Diverged(said, "0.001")
    english = card(diverged={"message": "Too fast."}).diverged
    assert english is not None
    assert str(english.message) == "Too fast."  # as the first version kept it
    assert english.proposed_rate == "0.003"


def test_that_a_race_is_told_on_as_it_was_kept() -> None:
    plan = [{"name": "One", "recipe": {"kind": "lstm"}, "tokenizer": "Words"}]
    shared = {"name": "Race", "budget": {"seconds": 3.0}, "yardstick": None, "time": 5.0, "plan": plan}
    race = card(race={**shared, "runner": 1, "parameters": 9, "out": as_kept(words("Too wide."))}).race
    assert race is not None
    assert race.shared() == shared
    assert list(race.shared()) == list(shared)
    assert (race.runner, race.parameters, str(race.out)) == (1, 9, "Too wide.")
