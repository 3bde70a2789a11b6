"""Of a tab's buttons one is filled: the next step where a message offers it, else the verb."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.errors import Remedy
from llmstudio.core.events import Finished
from llmstudio.core.words import words
from llmstudio.gui.corpus.tab import CorpusTab
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.tokenizer.tab import TokenizerTab
from tests.gui.corpus.test_tab import tale

__all__ = ["tale"]

NEXT, OTHER = Remedy("open_tab", words("Go on"), "train"), Remedy("retry", words("Again"))


def filled(tab: QWidget) -> list[str]:
    found = tab.findChildren(QPushButton)
    return [button.text() for button in found if button.property("role") == "verb" and button.isVisibleTo(tab)]


def settle(tab: QWidget, session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not (session.is_running() or session.questions.are_in_sight), timeout=30_000)


def test_that_after_an_import_the_next_step_is_filled_until_another_import_is_prepared(
    session: Session, tale: str, tmp_path: Path, qtbot: QtBot
) -> None:
    tab = CorpusTab(session)
    qtbot.addWidget(tab, before_close_func=lambda tab: settle(tab, session, qtbot))
    tab.show()
    assert filled(tab) == ["Import"]
    tab.take_sources([tale])
    tab.run_verb()
    qtbot.waitUntil(lambda: "is ready" in tab.messages.text, timeout=30_000)
    assert filled(tab) == ["Build a tokenizer from it"]
    tab.take_sources([tale])
    assert filled(tab) == ["Import"]
    qtbot.wait(200)


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        ({"text": "it was good", "label": "good"}, ["Teach a model with it"]),
        ({"source": "it was good", "target": "good"}, ["Teach a model with it"]),
        ({"turns": [{"who": "user", "what": "how ?"}, {"who": "assistant", "what": "good"}]}, ["Build a tokenizer from it"]),
    ],
)
def test_that_texts_with_labels_or_answers_lead_to_teaching_and_chats_only_where_there_is_a_model(
    session: Session, tmp_path: Path, qtbot: QtBot, row: dict[str, object], steps: list[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    rows = (json.dumps(row).replace("good", f"good {n}") for n in range(12))
    file.write_text("".join(f"{line}\n" for line in rows), encoding="utf-8")
    tab = CorpusTab(session)
    qtbot.addWidget(tab, before_close_func=lambda tab: settle(tab, session, qtbot))
    tab.show()
    tab.take_sources([str(file)])
    tab.run_verb()
    qtbot.waitUntil(lambda: "is ready" in tab.messages.text, timeout=30_000)
    assert filled(tab) == steps


def test_that_after_a_tokenizer_is_built_the_next_step_is_filled(session: Session, qtbot: QtBot) -> None:
    tab = TokenizerTab(session)
    qtbot.addWidget(tab, before_close_func=lambda tab: settle(tab, session, qtbot))
    end = Finished(job="tokenizer", result={"tokenizer": "Words", "vocab_size": 5})
    session.start(lambda stop: iter([end]), tab="tokenizer", title="Building", engine=False)
    qtbot.waitUntil(lambda: "is ready" in tab.messages.text, timeout=30_000)
    assert filled(tab) == ["Train a model with it"]


@pytest.mark.parametrize("way", ["press", "close", "clear", "say something else"])
def test_that_the_verb_is_filled_again_when_the_next_step_is_out_of_sight(way: str, qtbot: QtBot) -> None:
    layout = TabLayout(QWidget(), QWidget(), verb=QPushButton("Grow"))
    qtbot.addWidget(layout)
    layout.messages.show_message("A hint.", remedies=(OTHER,))
    assert filled(layout) == ["Grow"]
    layout.messages.show_message("It has grown.", remedies=(OTHER, NEXT), next_step=NEXT)
    assert filled(layout) == ["Go on"]
    match way:
        case "press":
            next(button for button in layout.messages.findChildren(QPushButton) if button.text() == "Go on").click()
        case "close":
            layout.messages._close.click()
        case "clear":
            layout.messages.clear()
        case _:
            layout.messages.show_message("Something else.", remedies=(NEXT,))
    assert layout.verb is not None
    assert layout.verb.property("role") == "verb"
    assert way != "say something else" or filled(layout) == ["Grow"]
