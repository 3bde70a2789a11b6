"""Rows as they are learned come into sight at a press, follow the settings, and go when a run begins."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.gui.look.theme import color
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project


@pytest.fixture
def tab(session: Session, project: Project, qtbot: QtBot) -> TrainTab:
    list(import_corpus(project, ["sample:tour"], name="Chats", config=CorpusConfig(sample_count=60), stop=Stop()))
    words = TokenizerConfig(kind="word", vocab_size=256, min_frequency=1)
    list(build_tokenizer(project, "Chats", name="Words", config=words, stop=Stop()))
    made = TrainTab(session)
    qtbot.addWidget(made)
    qtbot.waitUntil(made.setup.rows.isEnabled)
    return made


def test_that_rows_show_what_is_learned_and_grey_what_is_not_and_follow_the_settings(tab: TrainTab, qtbot: QtBot) -> None:
    tab.setup.form.put({"training.context_weight": 0.0})
    tab.setup.rows.click()
    view = tab.rows.view
    assert tab.pages.currentWidget() is view
    qtbot.waitUntil(lambda: view.found is not None, timeout=60_000)
    learned = next(s for document in view.found.rows[0].documents for s in document if s.weight == 1 and s.text)
    story = view.found.rows[0].documents[0][1]
    shown = view.rows[0].text()
    assert f'text-decoration:underline">{learned.text}</span>' in shown
    assert f'color:{color("muted").name()}">{story.text}</span>' in shown
    assert "% of its tokens are learned" in view.remark
    tab.setup.form.put({"training.context_weight": 0.5})
    tab.setup.form.changed.emit(tab.setup.recipe)
    qtbot.waitUntil(lambda: view.found is not None and view.found.rest == 0.5, timeout=60_000)
    tab.setup.rows.click()
    assert tab.pages.currentWidget() is not view


def test_that_rows_of_another_mode_are_not_in_sight_and_go_when_a_run_begins(tab: TrainTab, qtbot: QtBot) -> None:
    tab.setup.rows.click()
    tab.switch.turn_to("teach")
    assert tab.teach.setup.rows.isEnabled()  # the chats can be taught
    assert tab.pages.currentWidget() is tab.teach.lesson
    tab.switch.turn_to("one")
    assert tab.pages.currentWidget() is tab.rows.view
    tab.rows.close()
    assert tab.pages.currentWidget() is not tab.rows.view
