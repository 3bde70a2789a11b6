from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import ASSISTANT, FORMAT, STORY, USER, Chat

texts = st.text(max_size=12)


@st.composite
def grown(draw) -> tuple[Chat, list[Chat]]:
    """A chat after random sayings, edits, second answers and looks at other branches, with every chat on the way."""
    chat = Chat()
    history = [chat]
    for _ in range(draw(st.integers(0, 12))):
        ids = range(len(chat.messages))
        match draw(st.sampled_from(["say", "edit", "show"])):
            case "say":
                parent = draw(st.sampled_from([None, *ids]))
                who = draw(st.sampled_from([USER, ASSISTANT, STORY]))
                chat = chat.say(who, draw(texts), parent=parent, settings={"seed": draw(st.integers(0, 9))}, tokens=3)
            case "edit" if ids:
                chat = chat.edit(draw(st.sampled_from(ids)), draw(texts))
            case "show" if ids:
                chat = chat.show(draw(st.sampled_from(ids)))
        history.append(chat)
    return chat, history


@settings(deadline=None)
@given(grown())
def test_that_no_message_is_ever_lost_or_changed(case):
    chat, history = case
    for earlier in history:
        assert chat.messages[: len(earlier.messages)] == earlier.messages


@settings(deadline=None)
@given(grown())
def test_that_every_path_leads_from_a_first_message_by_parents(case):
    chat, _ = case
    for message in chat.messages:
        path = chat.path(message.id)
        assert path[-1] == message
        assert path[0].parent is None
        assert all(below.parent == above.id for above, below in itertools.pairwise(path))


@settings(deadline=None)
@given(grown())
def test_that_siblings_share_parent_and_speaker_and_each_can_be_shown(case):
    chat, _ = case
    for message in chat.messages:
        versions = chat.siblings(message.id)
        assert message in versions
        assert {(m.parent, m.who) for m in versions} == {(message.parent, message.who)}
        shown = chat.show(message.id)
        assert message in shown.path()
        assert shown.children(shown.leaf) == []


@settings(deadline=None)
@given(grown())
def test_that_a_chat_comes_back_equal_from_json(case):
    chat, _ = case
    assert Chat.from_dict(json.loads(json.dumps(chat.to_dict()))) == chat


@settings(deadline=None)
@given(grown(), st.data())
def test_that_two_continuations_of_a_chat_join_without_losing_a_word_of_either(case, data):
    _, history = case
    begun = data.draw(st.sampled_from(history))
    sides = []
    for _ in range(2):
        side = begun
        for _ in range(data.draw(st.integers(0, 4))):
            parent = data.draw(st.sampled_from([None, *range(len(side.messages))]))
            side = side.say(data.draw(st.sampled_from([USER, ASSISTANT])), data.draw(texts), parent=parent)
        sides.append(side)
    here, there = sides
    joined = here.joined(there)
    assert Chat.from_dict(json.loads(json.dumps(joined.to_dict()))) == joined
    assert joined.messages[: len(there.messages)] == there.messages
    spoken = {tuple(m.text for m in joined.path(message.id)) for message in joined.messages}
    for side in sides:
        assert {tuple(m.text for m in side.path(message.id)) for message in side.messages} <= spoken
    assert [m.text for m in joined.path()] == [m.text for m in here.path()]
    assert here.joined(joined).messages == there.joined(joined).messages == joined.messages, "once is enough"
    assert len(joined.messages) <= len(here.messages) + len(there.messages) - len(begun.messages)


def test_that_an_edit_leaves_the_old_question_with_its_answer():
    chat = Chat().say(USER, "where is anna ?").say(ASSISTANT, "in the barn", parent=0)
    edited = chat.edit(0, "where is ben ?")
    assert [m.text for m in edited.path()] == ["where is ben ?"]
    assert [m.text for m in edited.show(0).path()] == ["where is anna ?", "in the barn"]
    assert [m.text for m in edited.siblings(2)] == ["where is anna ?", "where is ben ?"]


def test_that_the_story_is_the_passage_of_the_shown_branch():
    chat = Chat().say(STORY, "one").say(USER, "?", parent=0).say(STORY, "two")
    assert chat.story == "two"
    assert chat.show(0).story == "one"
    assert Chat().story == ""


@settings(deadline=None)
@given(grown(), st.text("ab", max_size=2), st.text("?!", max_size=2))
def test_that_a_question_ends_the_shown_branch_and_that_branch_is_about_its_story(case, story, text):
    chat, _ = case
    asked = chat.ask(text, story=story)
    assert asked.messages[: len(chat.messages)] == chat.messages
    assert asked.story == story
    assert not text or asked.path()[-1].text == text
    assert not text or asked.path()[-1].who == USER
    if story == chat.story:
        assert asked.path()[: len(chat.path())] == chat.path()


def test_that_a_story_told_before_is_gone_back_to_rather_than_told_twice():
    chat = Chat().ask("who ?", story="one").ask("who ?", story="two").ask("where ?", story="one")
    assert [m.text for m in chat.messages if m.who == STORY] == ["one", "two"]
    assert [m.text for m in chat.path()] == ["one", "where ?"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("messages"),
        lambda d: d.update(leaf=7),
        lambda d: d.update(leaf="0"),
        lambda d: d.update(mode="shouting"),
        lambda d: d["messages"][0].update(parent=0),
        lambda d: d["messages"][1].update(parent=5),
        lambda d: d["messages"][1].update(id=0),
        lambda d: d["messages"][1].update(who="system"),
        lambda d: d["messages"][1].update(text=None),
        lambda d: d.update(messages=[1, 2]),
        lambda d: d.update(messages=[[], []]),
    ],
)
def test_that_a_damaged_chat_is_refused_in_a_sentence(damage):
    data = Chat().say(USER, "hi").say(ASSISTANT, "ho", parent=0).to_dict()
    damage(data)
    with pytest.raises(StudioError, match="damaged"):
        Chat.from_dict(data)


def test_that_a_chat_of_a_newer_version_asks_for_an_update():
    with pytest.raises(StudioError, match="newer"):
        Chat.from_dict(Chat().to_dict() | {"format": FORMAT + 1})


@pytest.mark.parametrize("ids", [5, [1, 2], None, "1 x", "-1", "9" * 9000])
def test_that_ids_that_are_none_make_a_chat_damaged(ids):
    data = Chat().say("user", "x").say("assistant", "y", parent=0, ids=[3, 4]).to_dict()
    assert Chat.from_dict(data).messages[1].ids == (3, 4)
    data["messages"][1]["ids"] = ids
    with pytest.raises(StudioError, match="damaged"):
        Chat.from_dict(data)
