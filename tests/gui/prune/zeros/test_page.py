"""The prune tab with a tiny model that is really pruned."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.app.items.loaded import load
from llmstudio.app.pruning.looks import looks_of
from llmstudio.app.pruning.sweep import SHARES
from llmstudio.app.runs.resuming import resume
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.work import Stop
from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.prune.zeros.page import ZerosPage
from llmstudio.gui.session.session import Session


def zeros(tab: PruneTab) -> ZerosPage:
    page = tab.pages["zeros"]
    assert isinstance(page, ZerosPage)
    return page


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    qtbot.waitUntil(lambda: zeros(made).effects.outlook is not None, timeout=60_000)
    return made


def done(bench: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not (bench.is_running() or bench.is_running("measure")), timeout=60_000)


def test_that_the_slider_tells_zeros_and_bytes_at_once_and_they_are_those_of_the_saved_model(
    tab: PruneTab, bench: Session, qtbot: QtBot
) -> None:
    zeros(tab).setup.dial.slider.setValue(80)
    qtbot.waitUntil(lambda: zeros(tab).effects.outlook.config.sparsity == 0.8, timeout=20_000)
    foretold = zeros(tab).effects.outlook.counts
    total = sum(p.numel() for p in prunable(load(bench.project, "Tiny").model, keep_embeddings=True).values())
    assert foretold.zeros == round(0.8 * total)
    assert bytes_text(foretold.file_bytes) in zeros(tab).view.sizes.text
    # 80 % of which weights: what goes and what may go, and beside it what stays of all.
    assert zeros(tab).setup.dial.text.startswith("80\u00a0% of the weights that may go")
    assert f"{foretold.zeros:,} of {total:,} go" in zeros(tab).setup.dial.text
    assert foretold.zeros / total == pytest.approx(0.8, abs=1e-3)
    stay = foretold.parameters - foretold.zeros
    said = f"Of all {foretold.parameters:,} weights, {stay:,} stay ({round(100 * stay / foretold.parameters)}"
    assert said in zeros(tab).setup.dial.text
    assert zeros(tab).setup.name_field.name() == "Tiny, 80 % pruned"
    tab.verb.click()
    done(bench, qtbot)
    about = bench.project.about("model", "Tiny, 80 % pruned")
    result = about.facts["result"]
    assert result["nonzeros"] == foretold.nonzeros
    assert result["file_bytes_after"] == foretold.file_bytes
    assert about.made_from["parent"]["name"] == "Tiny"


def test_that_pruning_adds_a_point_and_shows_both_sides(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    zeros(tab).setup.dial.slider.setValue(60)
    tab.verb.click()
    done(bench, qtbot)
    qtbot.waitUntil(lambda: "smallest first" in zeros(tab).view.plot.series, timeout=20_000)
    points = zeros(tab).view.plot.series["smallest first"]
    assert [point.name for point in points] == ["Tiny", "Tiny, 60 % pruned"]
    assert points[1].sparsity == pytest.approx(0.6, abs=1e-3)
    assert tab.models.current() == "Tiny"
    qtbot.waitUntil(lambda: "–" not in zeros(tab).view.sides.words[1], timeout=20_000)
    before, after = zeros(tab).view.sides.words
    assert before.startswith("Tiny\n")
    assert after.startswith("60\u00a0% gone\n")
    zeros(tab).setup.name_field.propose("")
    assert tab.messages.text


def test_that_a_look_measures_a_part_and_saves_nothing(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    zeros(tab).setup.dial.slider.setValue(90)
    zeros(tab).try_button.click()
    done(bench, qtbot)
    assert [item.name for item in bench.items.of("model")] == ["Tiny"]
    qtbot.waitUntil(lambda: "tokens of validation text" in zeros(tab).view.sides.words[1], timeout=20_000)
    look = zeros(tab).view.plot.series["smallest first"][-1]
    assert look.is_look
    assert look.sparsity == 0.9
    # It lies where it would on all of the text: what pruning cost on the part, added to the model's own figure.
    (result,) = zeros(tab).effects._looks.values()
    cost = result["bits_per_byte_after"] - result["bits_per_byte_before"]
    assert look.value == pytest.approx(zeros(tab).view.plot.series["smallest first"][0].value + cost)
    zeros(tab).setup.dial.slider.setValue(20)
    qtbot.waitUntil(lambda: "not measured" in zeros(tab).view.sides.words[1], timeout=20_000)


def test_that_a_pressed_point_brings_its_setting_back(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    zeros(tab).setup.form.config = PruningConfig(method="random", scope="layer")
    zeros(tab).setup.dial.slider.setValue(40)
    tab.verb.click()
    done(bench, qtbot)
    zeros(tab).setup.form.config = PruningConfig()
    zeros(tab).setup.dial.slider.setValue(10)
    qtbot.waitUntil(lambda: "at random, by layer" in zeros(tab).view.plot.series, timeout=20_000)
    zeros(tab).view.plot.picked.emit("Tiny, 40 % pruned")
    assert zeros(tab).setup.config == PruningConfig(method="random", scope="layer", sparsity=0.4)


def test_that_a_taken_name_is_said_in_place_with_a_free_one(tab: PruneTab, bench: Session) -> None:
    zeros(tab).setup.name_field.line.setText("Tiny")
    tab.run_verb()
    assert "exists" in zeros(tab).setup.name_field.problem()
    assert not bench.is_running()


def test_that_what_was_counted_and_measured_is_not_said_of_the_weights_that_came_after(
    tab: PruneTab, bench: Session, qtbot: QtBot
) -> None:
    config = zeros(tab).setup.config
    zeros(tab).try_button.click()
    done(bench, qtbot)
    assert zeros(tab).effects._measured("Tiny", config)
    counted = zeros(tab).effects.outlook
    bench.items_changed.emit("model")
    assert zeros(tab).effects.outlook is counted, "the same weights are counted once"
    list(resume(bench.project, "Tiny", changes={"training.max_steps": 9}, stop=Stop()))
    bench.items_changed.emit("model")
    assert zeros(tab).effects._measured("Tiny", config) is None
    qtbot.waitUntil(
        lambda: zeros(tab).effects.outlook is not None and zeros(tab).effects.outlook is not counted, timeout=20_000
    )


def test_that_a_sweep_draws_each_copy_as_it_is_measured_and_is_seen_on_another_day(
    tab: PruneTab, bench: Session, qtbot: QtBot
) -> None:
    zeros(tab).setup.form.config = PruningConfig(calibration_tokens=256)
    seen: list[int] = []
    drawn = zeros(tab).view.plot.set_series
    zeros(tab).view.plot.set_series = lambda series, measure: (
        seen.append(sum(map(len, series.values()))),
        drawn(series, measure),
    )  # type: ignore[assignment,method-assign]
    zeros(tab).sweep_button.click()
    done(bench, qtbot)
    series = zeros(tab).view.plot.series
    assert set(series) == {"smallest first", "Wanda", "SparseGPT", "ADMM"}
    assert all([point.sparsity for point in points] == [0.0, *SHARES] for points in series.values())
    assert all(point.is_look for points in series.values() for point in points[1:])
    assert len(set(seen)) >= 4, "it was drawn while it went on"
    assert [item.name for item in bench.items.of("model")] == ["Tiny"]
    again = PruneTab(bench)
    qtbot.addWidget(again)
    again.show()
    qtbot.waitUntil(lambda: set(zeros(again).view.plot.series) == set(series), timeout=20_000)
    assert {name: len(points) for name, points in zeros(again).view.plot.series.items()} == dict.fromkeys(
        series, 1 + len(SHARES)
    )


def test_that_a_sweep_stops_at_once_and_keeps_what_it_has(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    zeros(tab).setup.form.config = PruningConfig(calibration_tokens=256)
    zeros(tab).sweep_button.click()
    qtbot.waitUntil(
        lambda: any(point.is_look for point in zeros(tab).view.plot.series.get("smallest first", [])), timeout=60_000
    )
    tab.stop_verb()
    done(bench, qtbot)
    looks = looks_of(bench.project.about("model", "Tiny"))
    assert 1 <= len(looks) < 4 * len(SHARES)
