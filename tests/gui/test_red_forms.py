"""No verb begins while its form shows something else than what would count: it leads to the field instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.gui.forms.form import Form
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from tests.gui.conftest import Ear


@pytest.fixture
def window(bench: Session) -> Iterator[MainWindow]:
    made = MainWindow(bench)
    made.show()
    yield made
    made.close()


def form_of(window: MainWindow, place: str) -> Form:
    tab = window.tabs.tab("train" if place == "race" else place)
    match place:
        case "corpus":
            tab.setup.sources.add(["sample:tour"])
            return tab.setup.form
        case "race":
            tab.race.show_race()
            line = tab.race.setup.lines[0]
            line.show_settings(True)
            return line.form
        case "chat":
            tab.page.draft.setPlainText("where is Clara?")
            return tab.page.settings.form
        case "prune":
            return tab.page.form
    return tab.setup.form


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("corpus", "sample_count"),
        ("tokenizer", "vocab_size"),
        ("train", "training.batch_size"),
        ("race", "training.batch_size"),
        ("prune", "method"),
        ("chat", "temperature"),
    ],
)
def test_that_a_verb_leads_to_the_field_that_does_not_fit_and_begins_with_it_mended(
    window: MainWindow, qtbot: QtBot, place: str, path: str
) -> None:
    session = window.session
    ear = Ear(session)
    begun: list[object] = []
    session.job_started.connect(begun.append)
    tab_name = "train" if place == "race" else place
    window.tabs.show_tab(tab_name)
    form = form_of(window, place)
    if place == "chat":
        qtbot.waitUntil(lambda: window.tabs.tab("chat")._reading.reader is not None)
    good = form.row(path).editor.value()
    form._edited(path, "impossible")
    window.tabs.tab(tab_name).run_verb()
    assert not begun
    assert form.row(path).error
    assert form.focusWidget() is form.row(path).editor.field
    form._edited(path, good)
    window.tabs.tab(tab_name).run_verb()
    qtbot.waitUntil(lambda: len(begun) == 1)
    for lane in ("work", "talk"):
        session.stop(lane)
    qtbot.waitUntil(lambda: len(ear.ends) == 1, timeout=20_000)


def test_that_the_field_is_brought_into_sight_from_under_its_fold(window: MainWindow, qtbot: QtBot) -> None:
    window.tabs.show_tab("train")
    tab = window.tabs.tab("train")
    row = tab.setup.form.row("model.num_heads")
    tab.setup.form._edited("model.num_heads", 3)
    tab.setup.form.fold.button.setChecked(False)
    qtbot.wait(20)
    tab.run_verb()
    qtbot.waitUntil(lambda: not row.editor.visibleRegion().isEmpty() and not row._wrong.visibleRegion().isEmpty())
    assert not window.session.is_running("work")
