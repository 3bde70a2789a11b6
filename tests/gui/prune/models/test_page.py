"""All models of a project in one picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from llmstudio.app.pruning.preview import try_pruning
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.quantize import quantize
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.work import Stop
from llmstudio.gui.prune.models.page import ModelsPage
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session

THIN = PruningConfig(sparsity=0.8)


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    list(prune(bench.project, "Tiny", name="Thin", config=THIN, stop=Stop()))
    list(prune(bench.project, "Tiny", name="Worse", config=PruningConfig(method="random", sparsity=0.2), stop=Stop()))
    list(try_pruning(bench.project, "Tiny", config=THIN, stop=Stop()))
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show_page("models")
    made.show()
    qtbot.waitUntil(lambda: bool(page_of(made).plot.entries), timeout=30_000)
    return made


def page_of(tab: PruneTab) -> ModelsPage:
    page = tab.pages["models"]
    assert isinstance(page, ModelsPage)
    return page


def test_that_every_model_is_a_point_and_a_press_tells_of_it_and_opens_it(
    tab: PruneTab, bench: Session, qtbot: QtBot
) -> None:
    page = page_of(tab)
    assert {entry.model for entry in page.plot.entries} == {"Tiny", "Thin", "Worse"}
    assert "World: bits per byte, 3 models" in page.groups.itemText(0)
    best = [entry.model for entry in page.plot.best]
    assert "Worse" not in best
    assert {"Worse", *best} <= set(page.plot.named), "what is not among the best has a name as well"
    thin = next(entry for entry in page.plot.entries if entry.model == "Thin")
    at = page.plot.mapFromScene(page.plot.plotItem.vb.mapViewToScene(QPointF(*page.plot._place(thin))))
    qtbot.mouseClick(page.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: page.models.current() == "Thin", timeout=5_000)
    assert "Tiny (trained) → Thin (pruned)" in page.details.text()
    assert not tab.models.isVisible(), "it is about all of them"
    with qtbot.waitSignal(bench.talk_asked) as asked:
        tab.verb.click()
    assert asked.args == ["Thin"]
    page.prune_button.click()
    assert tab.page.name == "zeros"
    assert tab.models.current() == "Thin"


def test_that_another_cost_draws_another_picture_and_says_who_is_missing(tab: PruneTab) -> None:
    page = page_of(tab)
    assert page.left_out.text() == ""
    page.cost.chips["pace"].click()
    assert {entry.model for entry in page.plot.entries} == {"Tiny", "Thin"}
    assert "1 model was never timed" in page.left_out.text()
    page.cost.chips["nonzeros"].click()
    assert {entry.model for entry in page.plot.best} >= {"Thin"}
    assert "no model is better in both" in page.plot.describe(page.plot.best[0])


def test_that_a_quantised_model_is_called_so_and_has_a_sign_of_its_own(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = page_of(tab)
    list(quantize(bench.project, "Thin", name="Small", config=QuantizingConfig(method="nearest"), stop=Stop()))
    page.refresh()
    qtbot.waitUntil(lambda: any(entry.model == "Small" for entry in page.plot.entries), timeout=30_000)
    page._on_point("Small")
    assert "Thin (pruned) → Small (quantised)" in page.details.text()
    assert "◆  quantised" in page.signs.text()


def test_that_another_project_clears(tab: PruneTab, bench: Session, tmp_path: Path) -> None:
    page = page_of(tab)
    bench.open_project(tmp_path / "other")
    assert page.plot.entries == []
    assert page.entry is None
    assert tab.offer.isVisible()
