from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmstudio.core.retrieval.passages import Passage, cut, sentences
from llmstudio.core.retrieval.terms import num_words

texts = st.text(alphabet=st.sampled_from('ab .!\n灯。"é\t-'), max_size=300)


def pieces(text: str, limit: int = 100) -> list[str]:
    return [text[start:end] for start, end in cut(text, limit)]


@given(texts, st.integers(1, 12))
@example("a灯a。a灯灯a灯", 1)
@example("。a.a灯a灯a.a灯", 1)
def test_that_every_word_is_in_one_passage_and_none_is_too_long(text: str, limit: int) -> None:
    spans = list(cut(text, limit))
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert sum(num_words(text, *span) for span in spans) == num_words(text, 0, len(text))
    assert all(1 <= num_words(text, *span) <= max(limit, 8) for span in spans)


def test_that_a_paragraph_is_a_passage_of_its_own() -> None:
    one, two = "anna has the ball and ben has the red kite .", "clara sits in the barn and feeds the old horse ."
    assert pieces(f"{one}\n\n{two}\n") == [one, two]


def test_that_a_heading_goes_with_what_it_stands_above() -> None:
    text = "The barn\n\nclara sits in the barn and feeds the old horse .\n\nThe end"
    assert pieces(text) == ["The barn\n\nclara sits in the barn and feeds the old horse .", "The end"]


def test_that_a_long_paragraph_is_cut_between_its_sentences() -> None:
    text = " ".join(f"the {n}th of all the horses sleeps ." for n in range(10))
    found = pieces(text, 30)
    assert len(found) == 3
    assert all(re.fullmatch(r"the \d.*sleeps \.", piece) for piece in found)


def test_that_chinese_sentences_are_told_apart() -> None:
    assert sentences("红色的灯。“你好！”他说。") == ["红色的灯。", "“你好！”", "他说。"]
    assert pieces("红色的灯在这里。" * 3, 14) == ["红色的灯在这里。红色的灯在这里。", "红色的灯在这里。"]


@pytest.mark.parametrize("text", ["", " \n\n ", "...", "\n---\n\n***\n"])
def test_that_a_text_without_words_has_no_passages(text: str) -> None:
    assert pieces(text) == []


def test_that_a_place_is_told_as_exactly_as_it_is_known() -> None:
    assert str(Passage("a", "x", line=1200, record=2, number=9).place) == "line 1,200"
    assert str(Passage("a", "x", record=2, number=9).place) == "record 2"
    assert str(Passage("a", "x", number=9).place) == "passage 9"
