from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.generation.chat import ASSISTANT, STORY, USER, Chat
from llmstudio.core.generation.prompt import prompt_ids
from llmstudio.core.tokenizer import config as tokens
from llmstudio.core.tokenizer.kinds import char_backend
from llmstudio.core.tokenizer.tokenizer import Tokenizer

LETTERS = Tokenizer(char_backend(list(string.ascii_lowercase + " ?.")))
phrases = st.text(string.ascii_lowercase + " ", min_size=1, max_size=15)


def conversation(*spoken: str, story: str = "") -> Chat:
    chat = Chat()
    if story:
        chat = chat.say(STORY, story)
    for place, text in enumerate(spoken):
        chat = chat.say(ASSISTANT if place % 2 else USER, text, parent=chat.leaf)
    return chat


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_that_a_model_that_remembers_without_end_reads_everything(mode):
    chat = conversation(*["where is it ?"] * 99)
    if mode == "completion":
        chat = Chat(mode="completion").say(USER, "where is it ?" * 99)
    assert prompt_ids(LETTERS, chat, None) == prompt_ids(LETTERS, chat, 10**9)
    assert prompt_ids(LETTERS, chat, None)[1] == 0 < prompt_ids(LETTERS, chat, 64)[1]


def test_that_a_short_chat_is_a_training_row_up_to_where_the_assistant_speaks():
    ids, dropped = prompt_ids(LETTERS, conversation("who ?", "ann", "where ?", story="ann is in."), 128)
    turns = [
        {"who": "story", "what": "ann is in."},
        {"who": "user", "what": "who ?"},
        {"who": "assistant", "what": "ann"},
        {"who": "user", "what": "where ?"},
    ]
    assert ids == [*encode_turns(LETTERS, turns)[0], tokens.ASSISTANT]
    assert ids[0] == tokens.STORY
    assert dropped == 0


@settings(deadline=None)
@given(story=st.one_of(st.just(""), phrases), said=st.lists(phrases, min_size=1, max_size=9), limit=st.integers(8, 90))
def test_that_a_prompt_fits_keeps_the_newest_question_and_tells_what_it_leaves_out(story, said, limit):
    said = said if len(said) % 2 else said[:-1]
    ids, dropped = prompt_ids(LETTERS, conversation(*said, story=story), limit, room=4)
    assert 1 <= len(ids) <= limit - min(4, limit // 4)
    assert ids[-1] == tokens.ASSISTANT
    kept = LETTERS.decode(ids)
    num_messages = len(said) + bool(story)
    assert 0 <= dropped <= num_messages
    if dropped < num_messages:
        assert kept.endswith(said[-1])
    if dropped == 0:
        assert kept == story + "".join(said)


@settings(deadline=None)
@given(said=st.lists(phrases, min_size=3, max_size=11), limit=st.integers(24, 120))
def test_that_the_passage_stays_while_old_turns_go_two_by_two(said, limit):
    said = said if len(said) % 2 else said[:-1]
    ids, dropped = prompt_ids(LETTERS, conversation(*said, story="zz"), limit)
    if dropped < len(said):
        assert ids[:3] == [tokens.STORY, *LETTERS.encode("zz")]
        assert dropped % 2 == 0
        assert LETTERS.decode(ids) == "zz" + "".join(said[dropped:])


def test_that_a_passage_too_long_loses_its_beginning_and_not_the_question():
    ids, dropped = prompt_ids(LETTERS, conversation("who ?", story="a" * 50 + "b" * 20), 40, room=0)
    assert len(ids) == 40
    assert ids[0] == tokens.STORY
    assert LETTERS.decode(ids).endswith("bbbbbwho ?")
    assert dropped == 1


def test_that_a_question_too_long_for_the_context_keeps_its_end():
    ids, dropped = prompt_ids(LETTERS, conversation("a" * 50 + "b" * 20), 20, room=0)
    assert ids == [*LETTERS.encode("b" * 19), tokens.ASSISTANT]
    assert dropped == 1


@settings(deadline=None)
@given(said=st.lists(phrases, min_size=1, max_size=6), limit=st.integers(8, 60))
def test_that_completion_is_the_bare_text_and_keeps_its_newest_tokens(said, limit):
    chat = Chat(mode="completion")
    for text in said:
        chat = chat.say(USER, text, parent=chat.leaf)
    ids, dropped = prompt_ids(LETTERS, chat, limit, room=2)
    kept, num_said = LETTERS.decode(ids), len("".join(said))
    assert "".join(said).endswith(kept)
    assert len(kept) == (num_said if num_said <= limit else limit - limit // 4)
    assert kept.endswith("".join(said[dropped:]))
    assert dropped == len(said) or len("".join(said[dropped - 1 :])) > len(kept) or dropped == 0


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_that_an_empty_chat_still_gives_the_model_something_to_begin_from(mode):
    ids, dropped = prompt_ids(LETTERS, Chat(mode=mode), 32)
    assert len(ids) == 1
    assert dropped == 0
