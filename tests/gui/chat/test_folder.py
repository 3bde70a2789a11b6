"""A folder answers in the Chat tab: it is read, asked, its passages are laid before the question, and its sources open."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from pytestqt.qtbot import QtBot

from llmstudio.app.folder_questions.in_file import passage_in_file
from llmstudio.app.items.chats import load_chat
from llmstudio.core.generation.chat import Chat
from llmstudio.gui.chat.folder.sources import SourcesLine
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.session.session import Session

ANNA = "anna has the ball . ben is in the barn . clara feels happy ."
LEO = "leo leads the goat . mia has the kite . noah sits in the cave ."


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "anna.txt").write_text(ANNA, "utf-8")
    (folder / "leo.txt").write_text(f"\U0001f40e of old\n\n{LEO}\n\nThe end.", "utf-8")
    return folder


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> ChatTab:
    made = ChatTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    qtbot.waitUntil(lambda: bool(made.page.welcome.suggestions), timeout=30_000)
    made.page.settings.form.config = made.page.settings.config.__class__(max_new_tokens=6, seed=3)
    return made


def ask(tab: ChatTab, session: Session, qtbot: QtBot, text: str) -> None:
    tab.page.draft.setPlainText(text)
    qtbot.keyClick(tab.page.draft, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not session.is_running("talk"), timeout=30_000)


def test_that_questions_are_answered_from_the_folder_with_sources_that_open(
    tab: ChatTab, bench: Session, qtbot: QtBot, stories: Path
) -> None:
    assert not tab.page.folder.choose.isHidden()
    tab.folder.take(stories)
    qtbot.waitUntil(lambda: "of 2 files" in tab.page.folder.said, timeout=30_000)
    assert tab.page.story.isHidden() or not tab.page.story.isVisible()
    ask(tab, bench, qtbot, "who leads the goat ?")
    ask(tab, bench, qtbot, "where is ben ?")
    path = tab.talk.chat.path()
    assert [message.who for message in path] == ["user", "assistant", "user", "assistant"]
    assert [message.sources[0]["file"] for message in path if message.sources] == ["stories/leo.txt", "stories/anna.txt"]
    source = path[1].sources[0]
    assert LEO in source["passage"]
    assert source["read"] == source["passage"]
    assert load_chat(bench.project, tab.talk.place.name).path() == path

    lines = tab.page.view.findChildren(SourcesLine)
    assert [line.text().count("<a ") for line in lines] == [len(path[1].sources), len(path[3].sources)]
    lines[0].linkActivated.emit("0")
    shown = tab.page.passage
    qtbot.waitUntil(lambda: shown.isVisible() and bool(shown.text.extraSelections()), timeout=20_000)
    assert shown.title == f"stories/leo.txt, {source['place']}"
    assert shown.text.toPlainText() == f"\U0001f40e of old\n\n{LEO}\n\nThe end."
    assert shown.text.extraSelections()[0].cursor.selectedText().replace("\u2029", "\n") == source["passage"]
    shown.left.emit()
    assert tab.page.view.isVisible()

    tab.page.folder.leave.click()
    assert tab.folder.source is None
    assert tab.page.story.isVisible()
    assert tab.page.folder.said == ""


def test_that_what_the_folder_does_not_tell_is_said_and_nothing_is_kept(
    tab: ChatTab, bench: Session, qtbot: QtBot, stories: Path
) -> None:
    tab.folder.take(stories)
    qtbot.waitUntil(lambda: "of 2 files" in tab.page.folder.said, timeout=30_000)
    ask(tab, bench, qtbot, "xylophone ?")
    assert [message.who for message in tab.talk.chat.path()] == ["user"]
    assert "No word of the question occurs in stories" in tab.messages.text


def test_that_a_place_without_text_is_refused_and_left(tab: ChatTab, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    tab.folder.take(tmp_path / "empty")
    qtbot.waitUntil(lambda: tab.folder.source is None, timeout=30_000)
    assert not tab.page.folder.choose.isHidden()
    assert tab.messages.text


def test_that_a_folder_may_be_let_go_on_the_tab_and_a_file_is_left_to_the_window(tab: ChatTab, stories: Path) -> None:
    for path, taken in ((stories, True), (stories / "anna.txt", False)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDragEnterEvent(
            QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        tab.dragEnterEvent(event)
        assert event.isAccepted() == taken


def test_that_a_passage_is_found_in_its_file_and_shown_alone_where_it_is_not(stories: Path) -> None:
    found = passage_in_file(str(stories / "leo.txt"), LEO)
    assert found.is_found
    assert found.text[found.start : found.end] == LEO
    for path in ("", str(stories / "gone.txt"), str(stories / "anna.txt")):
        alone = passage_in_file(path, LEO)
        assert not alone.is_found
        assert alone.text == LEO


def test_that_a_chat_of_an_earlier_version_has_no_sources_and_a_damaged_one_is_refused() -> None:
    chat = Chat().say("user", "who ?")
    kept = chat.say(
        "assistant", "leo", parent=0, sources=[{"file": "a", "path": "", "place": "line 1", "passage": "b", "read": ""}]
    )
    assert Chat.from_dict(kept.to_dict()) == kept
    old = kept.to_dict()
    for message in old["messages"]:
        del message["sources"]
    assert Chat.from_dict(old).messages[1].sources == ()
