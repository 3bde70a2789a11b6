"""The page on which whole units go, with a tiny model that really gets smaller."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.train import train
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.gui.prune.smaller.page import SmallerPage
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project
from tests.grown import SHORT


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show_page("smaller")
    made.show()
    page = smaller(made)
    page.setup.form.config = CompactConfig(calibration_tokens=256)
    qtbot.waitUntil(lambda: page.foretold is not None and made.verb.isEnabled(), timeout=60_000)
    return made


def smaller(tab: PruneTab) -> SmallerPage:
    page = tab.pages["smaller"]
    assert isinstance(page, SmallerPage)
    return page


def done(bench: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not (bench.is_running() or bench.is_running("measure")), timeout=60_000)


def test_that_the_slider_tells_what_would_stay_and_the_button_makes_it(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = smaller(tab)
    assert page.setup.parts.parts == ("heads", "neurons")
    page.setup.dial.slider.setValue(50)
    foretold = page.foretold
    assert foretold is not None
    assert f"{foretold.parameters[1]:,} would stay" in page.setup.dial.text
    assert "2 → 1" in page.view.said.text()
    qtbot.mouseClick(tab.verb, Qt.MouseButton.LeftButton)
    assert tab.halt.isVisible()
    assert not tab.verb.isVisible()
    done(bench, qtbot)
    assert tab.models.current() == "Tiny", "what was made is seen beside what it was made of"
    result = bench.project.about("model", "Tiny, 50 % smaller").facts["result"]
    assert result["parameters"] == foretold.parameters[1]
    assert "Talk to it" in [button.text() for button in tab.messages.findChildren(type(tab.verb))]
    qtbot.waitUntil(lambda: "–" not in page.view.sides.words[1], timeout=20_000)
    before, after = page.view.sides.words
    assert "tokens/s" in before
    assert f"{result['bits_per_byte_after']:.3f}"[:4] in after
    assert tab.verb.isVisible()


def test_that_a_look_tells_which_units_go_whatever_share_does(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = smaller(tab)
    assert {row.kept for row in page.view.picture.rows} == {None}
    page.look_button.click()
    done(bench, qtbot)
    qtbot.waitUntil(lambda: any(row.kept for row in page.view.picture.rows), timeout=20_000)
    rows = page.view.picture.rows
    assert len(rows) == 4  # heads and neurons of two layers
    assert all(row.kept is not None and len(row.kept) == row.num_kept < row.count == len(row.scores) for row in rows)
    assert "these go:" in page.view.picture.describe(rows[0])
    for row in rows:
        assert row.kept is not None
        assert min(row.scores[unit] for unit in row.kept) >= max(
            row.scores[unit] for unit in range(row.count) if unit not in row.kept
        )
    page.setup.dial.slider.setValue(10)
    page.setup.parts.boxes["heads"].click()
    qtbot.waitUntil(lambda: len(page.view.picture.rows) == 2, timeout=20_000)
    assert all(row.kept for row in page.view.picture.rows), "no other look is needed"
    assert [item.name for item in bench.items.of("model")] == ["Tiny"]


def test_that_what_cannot_go_is_disabled_with_its_reason(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = smaller(tab)
    assert not page.setup.parts.boxes["latent"].isEnabled()
    assert "This family has none" in page.setup.parts.boxes["latent"].toolTip()
    for part in page.setup.parts.parts:
        page.setup.parts.boxes[part].click()
    qtbot.waitUntil(lambda: not tab.verb.isEnabled(), timeout=20_000)
    stiff = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, layer_norm=True, context_length=32)
    list(train(bench.project, corpus="World", tokenizer="Words", name="Stiff",
               recipe=Recipe("gru", stiff, training=SHORT), stop=Stop()))  # fmt: skip
    bench.items_changed.emit("model")
    tab.models.pick("Stiff")
    tab.models.picked.emit("Stiff")
    qtbot.waitUntil(lambda: page.foretold is not None and page.foretold.model == "Stiff", timeout=20_000)
    assert not tab.verb.isEnabled()
    assert not any(box.isEnabled() for box in page.setup.parts.boxes.values())
    assert "Nothing of this model can be taken away" in page.setup.dial.text
    assert "layer norms" in page.setup.parts.reasons


def test_that_stopping_leaves_nothing_and_another_project_clears(
    tab: PruneTab, bench: Session, qtbot: QtBot, tmp_path
) -> None:
    page = smaller(tab)
    page.setup.form.config = CompactConfig(calibration_tokens=2**20)
    page.run()
    assert bench.is_running()
    tab.halt.click()
    done(bench, qtbot)
    assert [item.name for item in bench.items.of("model")] == ["Tiny"]
    assert page.model == "Tiny"
    bench.open_project(Project(tmp_path / "other").root)
    assert page.model == ""
    assert page.view.picture.rows == []
    assert page.foretold is None
    assert tab.offer.isVisible()
