"""A text that cannot be read any more: whatever does not need it is in sight all the same, and what does says why."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.app.inspecting.subject import subject
from llmstudio.app.preferences import Preferences
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.corpus.tab import CorpusTab
from llmstudio.gui.inspect.tab import LATE_MS, InspectTab
from llmstudio.gui.session.session import Session
from llmstudio.gui.tokenizer.tab import TokenizerTab
from llmstudio.store.project import Project
from tests.gui.conftest import end

SAID = "damaged: import the corpus again."


@pytest.fixture
def bench(grown_project: Project):
    corpus = grown_project.path("corpus", "World")
    for shard in (corpus / "shards").iterdir():
        shard.write_bytes(shard.read_bytes()[:20])
    (corpus / "words.txt").unlink(missing_ok=True)
    session = Session(grown_project, Preferences())
    yield session
    end(session)


def opened(tab, session: Session, qtbot: QtBot):
    qtbot.addWidget(tab, before_close_func=lambda _: qtbot.waitUntil(lambda: not session.questions.are_open, timeout=20_000))
    tab.resize(1000, 700)
    tab.show()
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not session.questions.are_open, timeout=20_000)
    return tab


def says(tab: QWidget) -> bool:
    return any(SAID in label.text() for label in tab.findChildren(QLabel) if label.isVisible())


def test_that_a_model_is_looked_into_without_an_example_from_its_text(bench: Session, qtbot: QtBot) -> None:
    tab = opened(InspectTab(bench), bench, qtbot)
    qtbot.waitUntil(lambda: tab.subject is not None, timeout=20_000)
    assert tab.page is tab.pages["reach"]
    assert tab.verb.isVisible()
    assert [name for name, chip in tab._choice.chips.items() if not chip.isHidden()] == ["reach"]
    assert tab.pages["reach"].edit.text.strip()  # one of ours
    assert says(tab)
    qtbot.waitUntil(lambda: bool(tab.pages["reach"].found), timeout=20_000)
    assert not tab.messages.text


def test_that_a_corpus_shows_its_figures_and_says_what_is_wrong_with_its_text(bench: Session, qtbot: QtBot) -> None:
    tab = opened(CorpusTab(bench), bench, qtbot)
    assert tab.pages.currentWidget() is tab.corpus_pane
    assert "documents" in " ".join(label.text() for label in tab.corpus_pane.figures.findChildren(QLabel))
    assert SAID in tab.messages.text


def test_that_a_corpus_of_which_nothing_can_be_read_shows_nothing_and_says_why(bench: Session, qtbot: QtBot) -> None:
    (bench.project.path("corpus", "World") / "statistics.json").write_text("{", encoding="utf-8")
    tab = opened(CorpusTab(bench), bench, qtbot)
    assert tab.corpus_pane.isHidden()
    assert tab.offer.isHidden()
    assert "statistics.json is damaged" in tab.messages.text


def test_that_a_tokenizer_shows_its_vocabulary(bench: Session, qtbot: QtBot) -> None:
    tab = opened(TokenizerTab(bench), bench, qtbot)
    qtbot.waitUntil(lambda: tab.reader.book is not None, timeout=20_000)
    assert SAID in tab.view.counted.text()
    assert "no longer here" not in tab.view.counted.text()


def test_that_one_can_talk_to_a_model(bench: Session, qtbot: QtBot) -> None:
    tab = opened(ChatTab(bench), bench, qtbot)
    qtbot.waitUntil(lambda: tab._reading.reader is not None, timeout=20_000)
    assert not tab.messages.text
    assert says(tab)


def test_that_a_model_which_is_not_known_yet_wears_nothing_of_the_one_before(
    bench: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = opened(InspectTab(bench), bench, qtbot)
    qtbot.waitUntil(lambda: tab.subject is not None, timeout=20_000)
    asked: list[object] = []
    monkeypatch.setattr(bench, "ask", lambda *arguments, **_: asked.append(arguments))  # nobody answers
    tab.models.set_names([*tab.models.names(), "Other"])
    tab.models.pick("Other")
    tab.models.picked.emit("Other")
    qtbot.wait(2 * LATE_MS)
    assert asked
    assert tab.page is None
    assert not tab.verb.isVisible()
    assert tab.offer.isHidden()


def test_that_a_text_that_is_gone_is_no_damage(grown_project: Project) -> None:
    grown_project.delete("corpus", "World")
    assert subject(grown_project, "Tiny").remark is None
