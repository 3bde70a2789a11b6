from __future__ import annotations

import numpy as np
import pytest

from llmstudio.core.tokenizer.config import END, MASK
from llmstudio.core.tokenizer.word_starts import WordStarts

KINDS = ("bpe", "unigram", "word", "wordpiece", "char", "byte")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "count"), [("clara has the kite . the kite is in the barn .", 12), ("Who has the kite?", 5), ("12 kites", 2)]
)
def test_that_as_many_words_begin_as_there_are_words_and_signs(build, kind, text, count):
    tokenizer = build(kind)
    ids = np.array(tokenizer.encode(text))
    shows = np.array([bool(tokenizer.token_bytes[id].strip()) for id in ids])
    assert int((WordStarts(tokenizer)(ids) & shows).sum()) == count


@pytest.mark.parametrize("kind", ["bpe", "byte"])
def test_that_the_bytes_of_a_character_stay_together(build, kind):
    tokenizer = build(kind, vocab_size=270)
    ids = np.array(tokenizer.encode("今天 🙂 русский"))
    parts = np.array([0x80 <= tokenizer.token_bytes[id][0] < 0xC0 for id in ids])
    assert parts.any()
    assert not WordStarts(tokenizer)(ids)[parts].any()


def test_that_letters_of_a_word_go_on_and_signs_spaces_and_han_characters_begin_anew(build):
    tokenizer = build("char")
    starts = WordStarts(tokenizer)(np.array(tokenizer.encode("the kite, 天天")))
    assert starts.tolist() == [True, False, False, True, True, False, False, False, True, True, True, True]


def test_that_special_tokens_stand_alone(build):
    tokenizer = build("char")
    letters = tokenizer.encode("ab")
    starts = WordStarts(tokenizer)(np.array([letters[0], MASK, letters[1], END, letters[1]]))
    assert starts.tolist() == [True, True, True, True, True]


def test_that_rows_are_looked_at_each_on_its_own(build):
    tokenizer = build("char")
    rows = np.array([tokenizer.encode("ab c"), tokenizer.encode("a bc")])
    starts = WordStarts(tokenizer)
    assert np.array_equal(starts(rows), np.stack([starts(row) for row in rows]))
    assert starts(rows)[:, 0].all()
