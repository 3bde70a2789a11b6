from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from llmstudio.core.generation.chat import ASSISTANT, STORY, USER, Chat
from llmstudio.gui.chat.context_meter import ContextMeter
from llmstudio.gui.chat.message import MessageView
from llmstudio.gui.chat.view import SHOWN, ChatView
from llmstudio.gui.shared.pickers.marked_edit import DraftEdit


@pytest.fixture
def view(qtbot: QtBot) -> ChatView:
    made = ChatView()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


def long_chat(count: int) -> Chat:
    chat = Chat().say(STORY, "anna is in the barn .")
    for place in range(count):
        who = ASSISTANT if place % 2 else USER
        chat = chat.say(who, f"message {place}", parent=chat.leaf)
    return chat


def texts(view: ChatView) -> list[str]:
    return [message.text for message in view.messages]


def test_that_the_shown_branch_stands_there_without_its_story(view: ChatView) -> None:
    chat = Chat().ask("who ?", story="anna is in .")
    chat = chat.say(ASSISTANT, "anna", parent=chat.leaf).edit(1, "where ?")
    view.set_chat(chat)
    assert texts(view) == ["where ?"]
    assert view.messages[0].versions_text == "2/2"
    view.set_chat(chat.show(1))
    assert texts(view) == ["who ?", "anna"]
    assert view.messages[0].versions_text == "1/2"


def test_that_an_answer_grows_in_place_and_is_followed_only_from_the_end(view: ChatView, qtbot: QtBot) -> None:
    view.set_chat(long_chat(20))
    view.begin_answer("Tiny")
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0)
    for _ in range(5):
        view.grow_answer("words\n" * 5, tokens=5, tokens_per_second=10)
        qtbot.wait(20)
    assert view.answer == "words\n" * 25
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() == view.verticalScrollBar().maximum())
    view.verticalScrollBar().setValue(0)
    view.grow_answer("more\n" * 20, tokens=50, tokens_per_second=10)
    qtbot.wait(50)
    assert view.verticalScrollBar().value() == 0
    view.end_answer()
    assert view.answer is None


def test_that_a_talk_of_thousands_of_messages_shows_its_end_and_the_rest_on_demand(view: ChatView) -> None:
    view.set_chat(long_chat(1000))
    assert len(view.messages) == SHOWN
    assert view.messages[-1].text == "message 999"
    view._earlier.click()
    assert len(view.messages) == 2 * SHOWN
    assert view.messages[0].text == f"message {1000 - 2 * SHOWN}"


def test_that_a_line_says_from_where_on_the_model_sees(view: ChatView) -> None:
    view.set_chat(long_chat(6))
    view.set_seen(3, num_unseen=2)
    column = view.widget().layout()
    order = [column.itemAt(i).widget() for i in range(column.count())]
    edge = order.index(view._edge)
    assert order[edge + 1].text == "message 2"
    assert view._edge.isVisible()
    view.set_seen(7, num_unseen=6)  # what is typed: all that was said is above the line
    order = [column.itemAt(i).widget() for i in range(column.count())]
    assert order[order.index(view._edge) - 1].text == "message 5"
    view.set_seen(6, num_unseen=5, only_end=True)
    assert "only the end of the message below" in view._edge._label.text()
    view.set_seen(7, num_unseen=6, alone=True)
    assert "alone" in view._edge._label.text()
    assert "no longer" not in view._edge._label.text()
    view.set_seen(None)
    assert not view._edge.isVisible()


def test_that_pressing_the_next_version_asks_for_the_sibling(view: ChatView, qtbot: QtBot) -> None:
    chat = Chat().ask("who ?").edit(0, "where ?")
    view.set_chat(chat.show(0))
    with qtbot.waitSignal(view.shown) as shown:
        view.message(0).version.emit(1)
    assert shown.args == [1]


def test_that_an_edit_is_said_once_and_leaves_the_message_as_it_was(qtbot: QtBot) -> None:
    message = MessageView("You", is_person=True)
    qtbot.addWidget(message)
    message.set_text("who ?")
    message.press("edit")
    message._text.setPlainText("where ?")
    with qtbot.waitSignal(message.edited) as edited:
        message._send.click()
    assert edited.args == ["where ?"]
    assert message.text == "who ?"
    message.press("edit")
    message._cancel.click()
    assert message.text == "who ?"


def test_that_enter_sends_and_shift_enter_begins_a_line(qtbot: QtBot) -> None:
    draft = DraftEdit(name="draft", mark_help="never seen")
    qtbot.addWidget(draft)
    qtbot.keyClicks(draft, "one")
    with qtbot.assertNotEmitted(draft.sent):
        qtbot.keyClick(draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(draft, "two")
    with qtbot.waitSignal(draft.sent):
        qtbot.keyClick(draft, Qt.Key.Key_Return)
    assert draft.text == "one\ntwo"


def test_that_marks_stand_where_they_belong_behind_wide_characters(qtbot: QtBot) -> None:
    draft = DraftEdit(name="draft", mark_help="never seen")
    qtbot.addWidget(draft)
    draft.setPlainText("🦊🦊 zorbax ?")
    draft.set_marks([(3, 9)])
    assert draft.marks == ["zorbax"]
    draft.setPlainText("zorbax")
    assert draft.marks == []


def test_that_the_meter_says_what_no_longer_fits(qtbot: QtBot) -> None:
    meter = ContextMeter()
    qtbot.addWidget(meter)
    meter.set_tokens(37, 128)
    assert meter.text == "37 of 128 tokens"
    meter.set_tokens(128, 128, "The earliest 2 messages are no longer read.")
    assert meter.text == "128 of 128 tokens Full. The earliest 2 messages are no longer read."
    meter.set_tokens(86, 128, "The earliest message is no longer read.")  # what is not full is not called so
    assert meter.text == "86 of 128 tokens Cut, so that there is room to write. The earliest message is no longer read."
    meter.set_tokens(500, None)
    assert meter.text == "tokens read one by one: 500"
