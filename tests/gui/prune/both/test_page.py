"""A model and one that was made of it write on from one prompt."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Finished
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.gui.prune.both.page import BothPage
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.figure_row import Figure


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show_page("both")
    made.show()
    return made


def page_of(tab: PruneTab) -> BothPage:
    page = tab.pages["both"]
    assert isinstance(page, BothPage)
    return page


def test_that_parent_and_child_write_on_from_what_a_person_types(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = page_of(tab)
    assert not tab.verb.isEnabled()
    assert "no other model" in page.sides.words[0]
    list(prune(bench.project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.9), stop=Stop()))
    bench.items_changed.emit("model")
    tab.models.pick("Thin")
    tab.models.picked.emit("Thin")
    assert page.models == ("Tiny", "Thin")
    page.form.put({"max_new_tokens": 8, "seed": 5})
    qtbot.keyClicks(page.prompt, "where is Clara?")
    qtbot.keyClick(page.prompt, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not bench.is_running("talk") and "tokens/s" in page.sides.words[1], timeout=30_000)
    qtbot.waitUntil(lambda: all(page._paces), timeout=10_000)
    for model, said in zip(page.models, page.sides.words, strict=True):
        *_, end = generate(bench.project, model, prompt="where is Clara?", config=page.form.config, stop=Stop())
        assert isinstance(end, Finished)
        assert said.startswith(model)
        assert end.result["text"] in said


def test_that_what_was_made_of_the_other_stands_at_the_right_whichever_is_picked(tab: PruneTab, bench: Session) -> None:
    page = page_of(tab)
    list(prune(bench.project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.5), stop=Stop()))
    bench.items_changed.emit("model")
    for picked in ("Tiny", "Thin"):
        tab.models.pick(picked)
        tab.models.picked.emit(picked)
        assert page.models == ("Tiny", "Thin")


def test_that_a_figure_which_is_no_longer_known_is_no_longer_shown(qtbot: QtBot) -> None:
    sides, pace = SideBySide(), Figure("12,345", "tokens/s")
    qtbot.addWidget(sides)
    sides.set_sides(Side("A", (pace, pace)), Side("B", (pace, pace)))
    sides.set_sides(Side("A", (pace,)), Side("B", ()))
    shown = [[label.text() for place in column._places for label in place] for column in sides._columns]
    assert shown == [["12,345", "tokens/s", "", ""], [""] * 4]
    assert [value.accessibleName() for column in sides._columns for value, _ in column._places][1:] == [""] * 3


def test_that_figures_which_find_no_room_in_one_row_stand_in_two(qtbot: QtBot) -> None:
    sides = SideBySide()
    qtbot.addWidget(sides)
    four = tuple(Figure("12,345", unit) for unit in ("bits per byte", "weights left", "file", "tokens/s"))
    sides.show()
    for width, rows in ((1200, 1), (420, 2), (1200, 1)):
        sides.resize(width, 200)
        sides.set_sides(Side("A", four), Side("B", four))
        for column in sides._columns:
            qtbot.waitUntil(lambda one=column, n=rows: len({value.y() for value, _ in one._places}) == n, timeout=5_000)  # type: ignore[misc]
            labels = [label for place in column._places for label in place]
            assert all(label.width() >= label.sizeHint().width() for label in labels)


def test_that_lines_of_what_a_model_writes_stay_lines(qtbot: QtBot) -> None:
    sides = SideBySide()
    qtbot.addWidget(sides)
    sides.set_sides(Side("A", (), "", "ANN: a\nBEN: b", keeps_lines=True), Side("B", (), "", "ANN: a\nBEN: b"))
    texts = [column._text.text() for column in sides._columns]
    assert ["<br>" in text for text in texts] == [True, False]


def test_that_it_stops_and_another_project_clears(tab: PruneTab, bench: Session, qtbot: QtBot, tmp_path: Path) -> None:
    page = page_of(tab)
    list(prune(bench.project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.5), stop=Stop()))
    bench.items_changed.emit("model")
    page.form.put({"max_new_tokens": 100_000})
    tab.verb.click()
    assert tab.halt.isVisible()
    tab.halt.click()
    qtbot.waitUntil(lambda: not bench.is_running("talk"), timeout=30_000)
    assert tab.verb.isVisible()
    bench.open_project(tmp_path / "other")
    assert page.models == ("", "")
    assert tab.offer.isVisible()
