from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.tokenizer.config import ASSISTANT, END, UNKNOWN
from llmstudio.core.tokenizer.streaming import UNWRITTEN, TextStream, reference_text, whole_text


@pytest.mark.parametrize("kind", ["bpe", "wordpiece", "unigram", "word", "char", "byte"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_that_pieces_joined_are_the_decoded_text(build, kind, data):
    tokenizer = build(kind)
    ids = data.draw(st.lists(st.integers(0, tokenizer.vocab_size - 1)))
    stream = TextStream(tokenizer)
    assert "".join(stream.push(id) for id in ids) + stream.flush() == tokenizer.decode(ids)


@pytest.mark.parametrize("kind", ["bpe", "byte", "unigram"])
@given(text=st.text(alphabet="a 你好🙂é"))
@settings(max_examples=40, deadline=None)
def test_that_only_whole_characters_appear(build, kind, text):
    tokenizer = build(kind)
    stream = TextStream(tokenizer)
    pieces = [stream.push(id) for id in tokenizer.encode(text)]
    assert not any("\ufffd" in piece for piece in pieces)
    assert "".join(pieces) == text
    assert stream.flush() == ""


def test_that_a_broken_character_is_shown_at_the_end_only(build):
    tokenizer = build("byte")
    stream = TextStream(tokenizer)
    assert [stream.push(id) for id in tokenizer.encode("你")[:2]] == ["", ""]
    assert stream.flush() == "\ufffd"


def test_that_a_word_keeps_its_space_when_it_goes_on_after_others(build):
    tokenizer = build("word")
    ids = tokenizer.encode("the kite")
    assert TextStream(tokenizer).push(ids[1]) == "kite"
    assert TextStream(tokenizer, after=ids[:1]).push(ids[1]) == " kite"
    assert TextStream(tokenizer, after=[*ids[:1], ASSISTANT]).push(ids[1]) == "kite"
    assert TextStream(tokenizer).push(END) == ""


def test_that_in_a_reference_an_unknown_word_stands_as_one_that_nobody_writes(build):
    tokenizer = build("word")
    the, kite = tokenizer.encode("the kite")
    assert reference_text(tokenizer, [the, UNKNOWN, kite, UNKNOWN]) == f"the {UNWRITTEN} kite {UNWRITTEN}"
    assert reference_text(tokenizer, [UNKNOWN, kite]) == f"{UNWRITTEN} kite"
    assert reference_text(tokenizer, [the, kite]) == whole_text(tokenizer, [the, kite]) == "the kite"
    characters = build("char")
    t, e = characters.encode("te")
    assert reference_text(characters, [t, UNKNOWN, UNKNOWN, e]) == f"t{UNWRITTEN}{UNWRITTEN}e"
