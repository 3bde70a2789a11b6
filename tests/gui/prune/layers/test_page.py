"""The page of layers with a tiny model that is really measured and pruned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from llmstudio.app.pruning.layers import LayerShare
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.look.theme import color
from llmstudio.gui.prune.layers.page import LayersPage
from llmstudio.gui.prune.layers.sliders import LayerSliders
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.prune.zeros.page import ZerosPage
from llmstudio.gui.session.session import Session


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    made.show_page("layers")
    qtbot.waitUntil(lambda: bool(made.page.view.sliders.shares), timeout=60_000)
    return made


@pytest.fixture
def page(tab: PruneTab) -> LayersPage:
    assert isinstance(tab.page, LayersPage)
    return tab.page


def total(page: LayersPage) -> float:
    parts = page._known.layers(page.view.by.key)
    shares = page.view.sliders.shares
    return sum(shares[part.key] * part.weights for part in parts) / sum(part.weights for part in parts)


def settled(page: LayersPage, qtbot: QtBot) -> None:
    """What is in sight is what the setting does."""
    qtbot.waitUntil(lambda: page._known is not None and page._known.outlook.config == page.setup.config, timeout=20_000)


def test_that_sliders_show_what_layers_lose_and_moving_one_keeps_the_total(page: LayersPage, qtbot: QtBot) -> None:
    assert total(page) == pytest.approx(0.5, abs=0.001)
    for value in (900, 100, 620):
        page.view.sliders.sliders["1.attention"].setValue(value)
        assert total(page) == pytest.approx(0.5, abs=1e-9)
    attention = page.view.sliders.shares["1.attention"]
    assert attention == pytest.approx(0.62)
    assert page.setup.config.layer_shares.startswith("1.attention=0.620")
    settled(page, qtbot)
    counts = page._known.outlook.counts
    assert counts.zeros == round(0.5 * counts.prunable)
    assert page.view.sliders.shares["1.attention"] == pytest.approx(attention, abs=0.001)
    page.view.usual_button.click()
    settled(page, qtbot)
    assert page.setup.config.layer_shares == ""


def test_that_the_dial_moves_all_sliders_together(page: LayersPage, qtbot: QtBot) -> None:
    page.view.sliders.sliders["1.attention"].setValue(300)
    page.setup.dial.slider.setValue(70)
    settled(page, qtbot)
    assert total(page) == pytest.approx(0.7, abs=0.001)
    assert page.view.sliders.shares["1.attention"] < 0.6


def test_that_spreading_measures_first_and_then_sets_the_sliders(page: LayersPage, bench: Session, qtbot: QtBot) -> None:
    page.setup.dial.slider.setValue(90)
    settled(page, qtbot)
    page.view.spread_button.click()
    qtbot.waitUntil(lambda: bool(page.setup.config.layer_shares), timeout=60_000)
    settled(page, qtbot)
    assert set(page._known.parts) == {*page.view.sliders.shares}
    assert "If layers' costs added up" in page.view.told
    page.compare_button.click()
    qtbot.waitUntil(lambda: "compete" in page.view.told, timeout=60_000)
    assert page.view.told.count("with the same share everywhere") == 2  # hoped for, and measured
    assert page.view.told.count("with these shares") == 2
    qtbot.waitUntil(lambda: not bench.is_running("measure"), timeout=60_000)
    assert [item.name for item in bench.project.items("model")] == ["Tiny"]


def test_that_pressing_a_bar_shows_its_matrix_and_its_rows(page: LayersPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.view.image.image.isNull(), timeout=20_000)
    first = page.view.matrix
    places = page.view.bars.places()
    qtbot.mouseClick(page.view.bars, Qt.MouseButton.LeftButton, pos=places[-1].center().toPoint())
    assert page.view.matrix != first
    qtbot.waitUntil(lambda: page._known.picture.name == page.view.matrix, timeout=20_000)
    picture = page._known.picture
    assert sum(page.view.histogram.counts) == picture.rows
    image = page.view.image.image
    ink, paper = QColor(color("text")).lightness(), QColor(color("page")).lightness()
    mean = sum(image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height()))
    mean /= image.width() * image.height()
    assert mean == pytest.approx(paper + (1 - picture.share) * (ink - paper), abs=2)


def test_that_whole_layers_have_one_slider_each(page: LayersPage, qtbot: QtBot) -> None:
    page.view.by.chips["layer"].click()
    assert [*page.view.sliders.shares] == ["1", "2"]


def test_that_a_pattern_leaves_nothing_to_slide(page: LayersPage, qtbot: QtBot) -> None:
    page.form.config = replace(page.form.config, pattern="2:4")
    page._on_setting()
    settled(page, qtbot)
    assert not page.view.sliders.isEnabled()
    assert not page.view.spread_button.isEnabled()


def test_that_what_is_set_goes_along_from_page_to_page(tab: PruneTab, page: LayersPage, qtbot: QtBot) -> None:
    page.setup.dial.slider.setValue(80)
    page.view.sliders.sliders["1.attention"].setValue(700)
    set_here = page.setup.config
    tab.show_page("zeros")
    assert isinstance(tab.page, ZerosPage)
    assert tab.page.setup.config == set_here
    tab.page.setup.take(PruningConfig(method="wanda", sparsity=0.3))
    tab.show_page("layers")
    assert (page.setup.config.method, page.setup.dial.share) == ("wanda", 0.3)


def test_that_many_layers_are_moved_along_and_few_take_no_more_room_than_they_need(qtbot: QtBot) -> None:
    sliders = LayerSliders()
    qtbot.addWidget(sliders)
    sliders.resize(500, 300)
    heights = []
    for number in (2, 40):
        sliders.set_parts([LayerShare(f"{n}.attention", 10, 0.5) for n in range(1, number + 1)], 0.5)
        sliders.show()
        heights.append(sliders.height())
        assert len(sliders.sliders) == number
    assert heights[0] < heights[1]
    assert sliders.horizontalScrollBar().maximum() > 0


def test_that_a_slider_that_is_held_brings_the_others_back(qtbot: QtBot) -> None:
    sliders = LayerSliders()
    qtbot.addWidget(sliders)
    sliders.set_parts([LayerShare("1", 30, 0.5), LayerShare("2", 10, 0.2), LayerShare("3", 10, 0.8)], 0.5)
    first = sliders.sliders["1"]
    first.setSliderDown(True)
    for value in (0, 900, 500):
        first.setValue(value)
    assert sliders.shares == pytest.approx({"1": 0.5, "2": 0.2, "3": 0.8})
    first.setSliderDown(False)
