"""The page on which a model that has lost weights learns on, with a tiny one that really does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.prune import prune
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.gui.prune.heal.page import HealPage
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session


def page_of(tab: PruneTab) -> HealPage:
    page = tab.pages["heal"]
    assert isinstance(page, HealPage)
    return page


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    return made


def thin(bench: Session) -> None:
    list(prune(bench.project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.8), stop=Stop()))
    bench.items_changed.emit("model")


def done(bench: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not bench.is_running(), timeout=60_000)


def test_that_without_a_model_that_lost_weights_it_says_what_to_do_first(tab: PruneTab, bench: Session) -> None:
    tab.show_page("heal")
    assert not page_of(tab).isVisible()
    assert not tab.verb.isVisible()
    assert not tab.models.isVisible()
    tab.run_verb()
    assert tab.page.name == "zeros"
    assert tab.models.current() == "Tiny"
    assert not bench.is_running()


def test_that_a_pruned_model_is_healed_while_its_loss_is_seen_and_what_came_back_is_told(
    tab: PruneTab, bench: Session, qtbot: QtBot
) -> None:
    thin(bench)
    tab.show_page("heal")
    page = page_of(tab)
    assert tab.models.names() == ["Thin"]
    qtbot.waitUntil(lambda: page.known is not None, timeout=10_000)
    assert page.known is not None
    assert page.known.steps > 0
    page.form.put({"share": 1.0})
    page.form.changed.emit(page.form.config)
    assert f"learns on for {page.known.steps:,} step" in page.plot.blank.text()
    assert page.plot.blank.isVisible()
    assert not page.plot.canvas.isVisible()
    qtbot.waitUntil(lambda: page.known is not None, timeout=20_000)
    assert [unit for _, unit in page.figures.texts()] == ["bits per byte, Tiny", "bits per byte, Thin"]
    page.form.put({"share": 2.0})
    tab.verb.click()
    assert page.watch.isVisible()
    assert tab.halt.isVisible()
    done(bench, qtbot)
    assert not page.watch.isVisible()
    assert tab.models.current() == "Thin", "what was healed is seen beside what it was healed from"
    qtbot.waitUntil(lambda: len(page.figures.texts()) == 3, timeout=20_000)
    assert "Talk to it" in [button.text() for button in tab.messages.findChildren(QPushButton)]
    qtbot.waitUntil(lambda: "of what was lost back" in page.said.text(), timeout=20_000)
    steps = bench.project.about("model", "Thin, healed").model_card.result.steps
    assert steps == 12
    assert page.run_data.last_step == steps
    assert [curve.name for curve in page.plot.curves] == ["training", "validation"]
    tab.show_page("zeros")
    assert set(tab.models.names()) == {"Tiny", "Thin", "Thin, healed"}
    assert tab.models.current() == "Thin"


def test_that_stopping_stops_and_another_project_clears(tab: PruneTab, bench: Session, qtbot: QtBot, tmp_path: Path) -> None:
    thin(bench)
    tab.show_page("heal")
    page = page_of(tab)
    page.form.put({"share": 10.0})
    tab.verb.click()
    qtbot.waitUntil(lambda: page.run_data.last_step > 0, timeout=60_000)
    tab.halt.click()
    done(bench, qtbot)
    assert page.run_data.last_step < 60
    bench.open_project(tmp_path / "other")
    assert page.model == ""
    assert page.figures.texts() == []
    assert page.plot.curves == []
    assert tab.offer.isVisible()
