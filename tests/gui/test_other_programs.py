"""What another program renames or deletes in the open project is followed by every tab."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Failed
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.corpus.tab import CorpusTab
from llmstudio.gui.inspect.tab import InspectTab
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.outside import Outside
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.tokenizer.tab import TokenizerTab
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project


def opened(tab, session: Session, qtbot: QtBot):
    qtbot.addWidget(tab, before_close_func=lambda _: qtbot.waitUntil(lambda: not session.questions.are_open, timeout=30_000))
    tab.resize(1100, 800)
    tab.show()
    settle(session, qtbot)
    return tab


def settle(session: Session, qtbot: QtBot) -> None:
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not session.questions.are_open, timeout=30_000)


@pytest.mark.parametrize("kind", [CorpusTab, TokenizerTab, TrainTab, PruneTab, ChatTab, InspectTab])
def test_that_a_tab_stays_with_an_item_that_another_program_renamed(
    bench: Session, kind: type[QWidget], qtbot: QtBot
) -> None:
    outside = Outside(bench)
    outside.look()
    tab = opened(kind(bench), bench, qtbot)
    elsewhere = Project(bench.project.root)
    made = {"corpus": "World", "tokenizer": "Words", "model": "Tiny"}
    with elsewhere.create("corpus", "Another") as (_, facts):  # the newest, and so the first of its list
        facts |= {"bytes": 1, "record_kind": "text", "hash": "other"}
    pickers = {picker: picker.current() for picker in tab.findChildren(ItemPicker) if picker.current() in made.values()}
    assert pickers
    problems: list[Failed] = []
    bench.problem.connect(problems.append)
    for what, name in made.items():
        elsewhere.rename(what, name, f"{name} anew")
    outside.look()
    settle(bench, qtbot)
    assert [picker.current() for picker in pickers] == [f"{name} anew" for name in pickers.values()]
    assert not problems
    assert not tab.messages.text
    if isinstance(tab, InspectTab):
        assert tab.model == "Tiny anew"
    if isinstance(tab, ChatTab):
        assert tab._reading.reader.model == "Tiny anew"


def test_that_a_name_is_told_once_and_none_while_a_job_is_at_work(bench: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(bench)
    outside.look()
    told: list[str] = []
    bench.items_changed.connect(told.append)
    Project(bench.project.root).rename("model", "Tiny", "Small")
    with monkeypatch.context() as busy:
        busy.setattr(bench, "is_running", lambda lane="work": True)
        outside.look()
    assert told == []
    outside.look()
    outside.look()
    assert told == ["model"]


def test_that_what_an_answer_will_be_refused_for_is_not_said_before(bench: Session, qtbot: QtBot) -> None:
    tab = opened(ChatTab(bench), bench, qtbot)
    problems: list[Failed] = []
    bench.problem.connect(problems.append)
    Project(bench.project.root).delete("model", "Tiny")  # and nobody has looked yet
    tab.page.draft.setPlainText("Who is there?")
    tab._reading._look()
    settle(bench, qtbot)
    assert not problems
    with qtbot.waitSignal(bench.job_ended, timeout=30_000):
        tab.run_verb()
    assert "Tiny" in tab.messages.text
    assert not problems
