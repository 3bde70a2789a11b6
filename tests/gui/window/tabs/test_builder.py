from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Generator, Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.words import words
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.gui.window.tabs.builder import TabBuilder
from llmstudio.gui.window.tabs.table import Place

TABS = ("corpus", "tokenizer", "train", "prune", "chat", "inspect")


@pytest.fixture
def window(session: Session) -> Iterator[MainWindow]:
    made = MainWindow(session)
    made.show()
    yield made
    made.close_unasked()
    made.deleteLater()


def turns_of(window: MainWindow, name: str) -> list[float]:
    """Seconds of the processor that each turn of building a tab took in this thread."""
    found = []
    while name not in window.tabs.built:
        began = time.thread_time()
        window.tabs.builder.take_turn(name)
        found.append(time.thread_time() - began)
    return found


def test_that_no_turn_of_building_a_tab_is_long(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    for module in ("corpus", "tokenizer", "train", "chat", "inspect"):
        importlib.import_module(f"llmstudio.gui.{module}.tab")  # another thread does so before anything is built
    window.tabs.tab("prune")  # what Qt and the plots do only once is done
    session.ask(lambda: None, lambda _: None, owner=window)
    turns = {name: turns_of(window, name) for name in TABS if name != "prune"}
    # Milliseconds would measure this computer: of the two tabs that take longest no turn has more than its share.
    for name, share in (("train", 0.5), ("corpus", 0.5)):
        assert max(turns[name]) <= share * sum(turns[name]), (name, turns[name])
    assert max(map(max, turns.values())) <= 0.5 * sum(turns["train"]), turns


def test_that_a_tab_that_is_turned_to_is_built_first_in_turns_and_gets_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    order: list[str] = []
    take = window.tabs.builder.take_turn

    def note(name: str) -> None:
        if "train" not in window.tabs.built:  # what follows may begin before this test looks again
            order.append(name)
        take(name)

    window.tabs.builder.take_turn = note  # type: ignore[method-assign]
    window.tabs.turn_to("train")
    assert not order  # the press itself builds nothing
    qtbot.waitUntil(lambda: "train" in window.tabs.built, timeout=30_000)
    assert set(order) == {"train"}
    assert len(order) > 3
    tab = window.tabs.built["train"]
    assert tab.isVisible()
    assert tab.isAncestorOf(window.focusWidget()) or window.focusWidget() is tab
    with qtbot.waitSignal(window.tabs_built, timeout=30_000):
        pass
    assert set(window.tabs.built) == {"home", *TABS}


def test_that_who_needs_a_tab_at_once_gets_it_whole_though_it_was_begun(window: MainWindow) -> None:
    window.tabs.builder.take_turn("train")
    assert "train" not in window.tabs.built
    tab = window.tabs.tab("train")
    assert window.tabs.tab("train") is tab
    window.tabs.show_tab("corpus")
    assert "corpus" in window.tabs.built


class Part(QWidget):
    """A tab of two turns."""

    def __init__(self, _session: Session) -> None:
        super().__init__()

    @classmethod
    def in_turns(cls, session: Session) -> Generator[None, None, Part]:
        yield
        return cls(session)


class Broken(QWidget):
    """A tab that cannot be built."""

    def __init__(self, _session: Session) -> None:
        raise ZeroDivisionError


def test_that_a_tab_that_fails_does_not_keep_the_others_away_and_is_tried_again_when_it_is_wanted(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "of_a_test", sys.modules[__name__])
    placed: list[str] = []
    owner = QWidget()
    qtbot.addWidget(owner)
    tabs = [Place(name, words("A tab"), "of_a_test", kind) for name, kind in (("one", "Broken"), ("two", "Part"))]
    builder = TabBuilder(session, tabs, lambda name, _tab: placed.append(name), owner)
    with qtbot.captureExceptions() as caught, qtbot.waitSignal(builder.finished, timeout=10_000):
        builder.begin()
    assert placed == ["two"]
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            builder.build("one")
