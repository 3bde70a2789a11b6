from __future__ import annotations

from llmstudio.core.retrieval.terms import num_words, question_terms, terms, word_ends


def test_that_words_are_small_and_without_signs() -> None:
    assert terms("Ann's LAMP, Straße 12!") == ["ann", "s", "lamp", "strasse", "12"]


def test_that_every_two_neighbours_are_a_term_where_no_spaces_are_written() -> None:
    assert terms("红色的灯 lamp灯") == ["红色", "色的", "的灯", "lamp", "灯"]


def test_that_a_length_counts_words_and_characters_of_chinese() -> None:
    text = "a lamp: 红色的灯"
    assert num_words(text, 0, len(text)) == len(word_ends(text, 0, len(text))) == 6
    assert num_words(text, 2, 6) == 1


def test_that_words_that_ask_are_not_looked_for_unless_there_are_no_others() -> None:
    assert question_terms("Where is the lamp, the red lamp?") == ["the", "lamp", "red"]
    assert question_terms("灯在哪里？") == ["灯在", "在哪"]
    assert question_terms("Who is who?") == ["who", "is"]
